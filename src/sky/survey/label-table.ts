// A table of labels beside pictures or positions: which column is what, and its rows.
import { nameHint } from "#base/config";
import {
  CatalogueError,
  type ChosenColumn,
  parseColumnsOf,
  parseDeclination,
  parseRightAscension,
  shown,
  shownNames,
  type TextTable,
} from "#sky/catalogue";
import type { CropRecord } from "./crop-set.ts";

/** What Suricate reads from a table of labels. */
export const LABEL_QUANTITIES = ["file", "id", "label", "split", "ra", "dec", "redshift", "confidence", "origin"] as const;
export type LabelQuantity = (typeof LABEL_QUANTITIES)[number];

/** For each quantity that the user named: the column. */
export type LabelColumns = Partial<Readonly<Record<LabelQuantity, ChosenColumn>>>;

/** Parses "file=NAME,label=CLASS". Throws Error as `parseColumnsOf`. */
export function parseLabelColumns(text: string): LabelColumns {
  return parseColumnsOf(text, LABEL_QUANTITIES, "file=NAME,label=CLASS");
}

/** A row; what it does not say is null. */
export interface LabelRow {
  readonly line: number;
  readonly file: string | null;
  readonly id: string | null;
  readonly known: Pick<CropRecord, "label" | "split" | "raDeg" | "decDeg" | "redshift" | "labelConfidence" | "labelOrigin">;
}

/** Names in small letters without signs, the most certain first. */
const NAMES: Readonly<Record<LabelQuantity, readonly string[]>> = {
  file: ["file", "filename", "image", "imagename", "path", "filepath", "png", "picture", "cutout"],
  id: ["id", "objid", "sourceid", "sourcename", "name", "source"],
  label: ["label", "class", "classname", "frclass", "frtype", "fr", "classification", "morphology", "type", "category", "target"],
  split: ["split", "subset", "set", "partition"],
  ra: ["rahost", "ra", "radeg", "raj2000", "rightascension"],
  dec: ["dechost", "dec", "decdeg", "decj2000", "dej2000", "declination"],
  redshift: ["redshift", "z", "zbest", "zspec", "zphot"],
  confidence: ["confidence", "labelconfidence"],
  origin: ["origin", "catalogue", "catalog", "labelorigin"],
};

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/** Whether a line of cells heads a table that has these quantities. */
export function isLabelHeader(cells: readonly string[], needed: readonly LabelQuantity[], chosen: LabelColumns): boolean {
  return needed.every((quantity) => columnOf(cells, quantity, chosen) >= 0);
}

/** The rows of a table. Throws CatalogueError, with the line, for a column or a value that is not there or of another form. */
export function labelRows(
  { headings, rows }: TextTable,
  needed: readonly LabelQuantity[],
  chosen: LabelColumns,
  where: string,
): readonly LabelRow[] {
  const names = headings.map(({ name }) => name);
  for (const quantity of LABEL_QUANTITIES) checkColumn(names, quantity, chosen, needed.includes(quantity), where);
  return rows.map(({ line, cells }) => {
    const column = (quantity: LabelQuantity) => columnOf(names, quantity, chosen);
    const text = (quantity: LabelQuantity) => (column(quantity) < 0 ? null : plainCell(cells[column(quantity)]!));
    const number = (quantity: LabelQuantity, expected: string, parse: (cell: string) => number) => {
      const cell = text(quantity);
      if (cell === null) return null;
      const value = parse(cell);
      if (Number.isFinite(value)) return value;
      throw badCell({ where, line, name: names[column(quantity)]!, expected, got: cell });
    };
    const known = {
      label: text("label"),
      split: splitOf(text("split"), (got) => ({ where, line, name: names[column("split")]!, expected: SPLITS_EXPECTED, got })),
      raDeg: number("ra", "a right ascension in degrees, or hours as 12:34:56.7", rightAscensionDeg),
      decDeg: number("dec", "a declination in degrees, or as -12:34:56.7", declinationDeg),
      redshift: number("redshift", "a number", Number),
      labelConfidence: text("confidence"),
      labelOrigin: text("origin"),
    };
    return { line, file: text("file"), id: text("id"), known };
  });
}

/** In [0, 360); NaN for what is no right ascension, as in catalogues from -180 to 360 degrees. */
function rightAscensionDeg(cell: string): number {
  const value = parseRightAscension(cell);
  return value >= -180 && value <= 360 ? (value + 360) % 360 : Number.NaN;
}

function declinationDeg(cell: string): number {
  const value = parseDeclination(cell);
  return Math.abs(value) <= 90 ? value : Number.NaN;
}

function columnOf(names: readonly string[], quantity: LabelQuantity, chosen: LabelColumns): number {
  const choice = chosen[quantity];
  if (choice !== undefined) return names.indexOf(choice.column);
  const plainNames = names.map(plain);
  for (const wanted of NAMES[quantity]) {
    const index = plainNames.indexOf(wanted);
    if (index >= 0) return index;
  }
  return -1;
}

function checkColumn(
  names: readonly string[],
  quantity: LabelQuantity,
  chosen: LabelColumns,
  isNeeded: boolean,
  where: string,
): void {
  if (columnOf(names, quantity, chosen) >= 0) return;
  const choice = chosen[quantity];
  if (choice !== undefined)
    throw new CatalogueError(
      `${where}: --columns: no column is called "${choice.column}".${nameHint(choice.column, names.slice(0, 40).map(shown))}`,
      {
        file: where,
      },
    );
  if (isNeeded)
    throw new CatalogueError(
      `${where}: no column of the ${quantity}: expected a name such as ${NAMES[quantity].slice(0, 3).join(", ")}, got ${shownNames(names)}. Name it with --columns ${quantity}=...`,
      { file: where },
    );
}

/** Cells that say that there is no value. */
const NO_VALUE = /^(nan|null|none|-{1,2}|n\/a)?$/i;

function plainCell(cell: string): string | null {
  return NO_VALUE.test(cell) ? null : cell;
}

const SPLIT_OF: Readonly<Record<string, string>> = {
  ...{ train: "train", training: "train", test: "test", testing: "test" },
  ...{ valid: "valid", val: "valid", validation: "valid" },
};
const SPLITS_EXPECTED = "train, valid or test";

/** A split under its one name; undefined for a word that is none. */
export function splitNamed(word: string): string | undefined {
  const lower = word.toLowerCase();
  return Object.hasOwn(SPLIT_OF, lower) ? SPLIT_OF[lower] : undefined;
}

function splitOf(cell: string | null, bad: (got: string) => BadCell): string | null {
  if (cell === null) return null;
  const split = splitNamed(cell);
  if (split === undefined) throw badCell(bad(cell));
  return split;
}

interface BadCell {
  readonly where: string;
  readonly line: number;
  readonly name: string;
  readonly expected: string;
  readonly got: string;
}

function badCell({ where, line, name, expected, got }: BadCell): CatalogueError {
  return new CatalogueError(`${where}: line ${line}: column "${shown(name)}": expected ${expected}, got "${shown(got)}".`, {
    file: where,
    line,
  });
}
