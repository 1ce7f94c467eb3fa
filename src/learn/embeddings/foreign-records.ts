// What a table of others tells of its crops besides their vectors: ids, positions, fields, labels, counts.
import { FileFormatError } from "#base/files";
import { parseDeclination, parseRightAscension } from "#sky/catalogue";
import { type CropRecord, splitNamed, UNKNOWN_CROP } from "#sky/survey";
import { columnKnownAsId, type ForeignChoice, type ForeignColumn, type ForeignTable, idsOf } from "./foreign-columns.ts";

type TextName = "field" | "survey" | "split" | "label" | "labelConfidence" | "morphology" | "labelOrigin";
type NumberName = Exclude<keyof CropRecord, TextName | "id" | "cornersRaDeg" | "cornersDecDeg" | "lowFlux" | "highFlux">;

/** Names in small letters without signs, the most certain first; a record's own name is one of them. */
const TEXT_NAMES: Readonly<Record<TextName, readonly string[]>> = {
  field: ["field", "fieldname", "pointing"],
  survey: ["survey"],
  split: ["split", "subset", "partition"],
  label: ["label", "class", "classname", "classification"],
  labelConfidence: ["labelconfidence", "confidence"],
  morphology: ["morphology"],
  labelOrigin: ["labelorigin", "origin"],
};

const NUMBER_NAMES: Readonly<Record<NumberName, readonly string[]>> = {
  y0: ["y0"],
  x0: ["x0"],
  raDeg: ["radeg", "ra", "raj2000", "rightascension"],
  decDeg: ["decdeg", "dec", "decj2000", "dej2000", "declination"],
  rms: ["rms"],
  quotedRmsJyPerBeam: ["quotedrmsjyperbeam"],
  dataQualityFlag: ["dataqualityflag", "dqf"],
  sourceCount: ["sourcecount", "numsources", "nsources"],
  catalogueCoverage: ["cataloguecoverage"],
  shownSourceCount: ["shownsourcecount"],
  summedFluxJy: ["summedfluxjy"],
  meanFluxJy: ["meanfluxjy"],
  brightestFluxJy: ["brightestfluxjy"],
  meanSizeDeg: ["meansizedeg"],
  sourceDensityPerSqDeg: ["sourcedensitypersqdeg"],
  interestScore: ["interestscore"],
  redshift: ["redshift", "z"],
  islandCount: ["islandcount"],
};

const PARSERS: Partial<Readonly<Record<NumberName, (text: string) => number>>> = {
  raDeg: parseRightAscension,
  decDeg: parseDeclination,
};

/** Cells that say that there is no value. */
const NO_VALUE = /^(nan|null|none|-{1,2}|n\/a)?$/i;

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/**
 * One record a row of a table that stands alone, from the columns whose names are known; what no column says is null. Rows without a
 * column of ids, or joined by their order, are called row-0, row-1, ...; a crop without a field is its own. Throws FileFormatError for
 * ids that come twice and for cells of another form, ConfigError for an id column that is not there.
 */
export function foreignRecords(foreign: ForeignTable, choice: ForeignChoice, where: string): CropRecord[] {
  const ids = rowIds(foreign, choice, where);
  const text = (name: TextName) => textCells(columnOf(foreign, TEXT_NAMES[name]), foreign.numRows);
  const texts = namesOf(TEXT_NAMES).map((name) => [name, text(name)] as const);
  const numbers = namesOf(NUMBER_NAMES).map((name) => [name, numberCells(foreign, name, where)] as const);
  return ids.map((id, row): CropRecord => {
    const known = Object.fromEntries([...texts, ...numbers].map(([name, cells]) => [name, cells[row]])) as Partial<CropRecord>; // one cell a name, of its type
    const split = splitOf(known.split ?? null, row, where);
    return { ...UNKNOWN_CROP, lowFlux: 0, highFlux: 1, ...known, id, field: known.field ?? id, split };
  });
}

function namesOf<Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(table) as Name[]; // Object.keys forgets the keys' type
}

function rowIds(foreign: ForeignTable, choice: ForeignChoice, where: string): readonly string[] {
  const hasIds = choice.idColumn !== undefined || columnKnownAsId(foreign.columns) !== undefined;
  if (choice.joinBy === "row" || !hasIds) return Array.from({ length: foreign.numRows }, (_, row) => `row-${row}`);
  const ids = idsOf(foreign, choice.idColumn, where);
  const seen = new Set<string>();
  const twice = ids.filter((id) => seen.has(id) || !seen.add(id));
  if (twice.length === 0) return ids;
  throw new FileFormatError(
    `${where}: expected one row a crop, got "${twice[0]}" and ${twice.length - 1} more that come again. Name another --id-column, or say --by-row.`,
  );
}

function columnOf({ columns }: ForeignTable, names: readonly string[]): ForeignColumn | undefined {
  const single = columns.filter(({ kind }) => kind !== "vector");
  return names.map((known) => single.find(({ name }) => plain(name) === known)).find((column) => column !== undefined);
}

function textCells(column: ForeignColumn | undefined, numRows: number): readonly (string | null)[] {
  if (column === undefined || column.kind === "vector") return Array(numRows).fill(null);
  const values: ArrayLike<string | number> = column.values;
  return Array.from(values, (value) => {
    const cell = String(value).trim();
    return NO_VALUE.test(cell) ? null : cell;
  });
}

function numberCells(foreign: ForeignTable, name: NumberName, where: string): readonly (number | null)[] {
  const column = columnOf(foreign, NUMBER_NAMES[name]);
  if (column === undefined || column.kind === "vector") return Array(foreign.numRows).fill(null);
  if (column.kind === "number") return Array.from(column.values, (value) => (Number.isNaN(value) ? null : value));
  const parse = PARSERS[name] ?? Number;
  return textCells(column, foreign.numRows).map((cell, row) => {
    if (cell === null) return null;
    const value = parse(cell);
    if (!Number.isNaN(value)) return value;
    throw new FileFormatError(`${where}: column "${column.name}", row ${row}: expected a number, got "${cell}".`);
  });
}

function splitOf(cell: string | null, row: number, where: string): string | null {
  if (cell === null) return null;
  const split = splitNamed(cell);
  if (split !== undefined) return split;
  throw new FileFormatError(`${where}: the split of row ${row}: expected train, valid or test, got "${cell}".`);
}
