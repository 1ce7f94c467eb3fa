// --columns: which column of a free catalogue is what, in the user's words.
import { nameHint } from "#base/config";
import { QUANTITIES, type Quantity } from "./columns.ts";

/** For each quantity that the user named: the column, and its unit where the user says it. */
export type ColumnChoice = Partial<Readonly<Record<Quantity, { readonly column: string; readonly unit?: string }>>>;

/**
 * Parses "ra=ALPHA,dec=DELTA,flux=S20:mJy". Names of quantities are as QUANTITIES, case and dashes do not count. Throws Error for an
 * entry of another form, an unknown quantity and one named twice.
 */
export function parseColumnChoice(text: string): ColumnChoice {
  const choice: Partial<Record<Quantity, { readonly column: string; readonly unit?: string }>> = {};
  for (const entry of text.split(",")) {
    const [, word, column, unit] = /^\s*([^=]+?)\s*=\s*(.*?)\s*(?::\s*([^:]*?)\s*)?$/.exec(entry) ?? [];
    if (word === undefined || !column) {
      throw new Error(`--columns: expected quantity=column, as in ra=RA_deg,dec=Dec_deg,flux=Stot:mJy, got "${entry}".`);
    }
    const quantity = quantityNamed(word);
    if (choice[quantity] !== undefined) throw new Error(`--columns: expected every quantity once, got ${quantity} twice.`);
    choice[quantity] = unit === undefined ? { column } : { column, unit };
  }
  return choice;
}

function quantityNamed(word: string): Quantity {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[-_ ]/g, "");
  const quantity = QUANTITIES.find((name) => plain(name) === plain(word));
  if (quantity === undefined) throw new Error(`--columns: "${word}" is not a quantity.${nameHint(word, QUANTITIES)}`);
  return quantity;
}
