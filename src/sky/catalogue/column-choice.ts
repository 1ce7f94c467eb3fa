// --columns: which column of a free table is what, in the user's words.
import { nameHint } from "#base/config";
import { QUANTITIES, type Quantity } from "./quantities.ts";

/** A column as the user names it, and its unit where the user says it. */
export interface ChosenColumn {
  readonly column: string;
  readonly unit?: string;
}

/** For each quantity that the user named: the column. */
export type ColumnChoice = Partial<Readonly<Record<Quantity, ChosenColumn>>>;

const EXAMPLE = "ra=RA_deg,dec=Dec_deg,flux=Stot:mJy";

/** Parses "ra=ALPHA,dec=DELTA,flux=S20:mJy" for a catalogue. Throws as `parseColumnsOf`. */
export function parseColumnChoice(text: string): ColumnChoice {
  return parseColumnsOf(text, QUANTITIES, EXAMPLE);
}

/**
 * Parses "quantity=column,quantity=column:unit". Names of quantities: case and dashes do not count. Throws Error, with `example` of
 * the form, for an entry of another form, an unknown quantity and one named twice.
 */
export function parseColumnsOf<Name extends string>(
  text: string,
  quantities: readonly Name[],
  example: string,
): Partial<Readonly<Record<Name, ChosenColumn>>> {
  const choice: Partial<Record<Name, ChosenColumn>> = {};
  for (const entry of text.split(",")) {
    const [, word, column, unit] = /^\s*([^=]+?)\s*=\s*(.*?)\s*(?::\s*([^:]*?)\s*)?$/.exec(entry) ?? [];
    if (word === undefined || !column) throw new Error(`--columns: expected quantity=column, as in ${example}, got "${entry}".`);
    const quantity = quantityNamed(word, quantities);
    if (choice[quantity] !== undefined) throw new Error(`--columns: expected every quantity once, got ${quantity} twice.`);
    choice[quantity] = unit === undefined ? { column } : { column, unit };
  }
  return choice;
}

function quantityNamed<Name extends string>(word: string, quantities: readonly Name[]): Name {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[-_ ]/g, "");
  const quantity = quantities.find((name) => plain(name) === plain(word));
  if (quantity === undefined) throw new Error(`--columns: "${word}" is not a quantity.${nameHint(word, quantities)}`);
  return quantity;
}
