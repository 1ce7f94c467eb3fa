// Crop records as the columns of crops.parquet, and back.
import { FileFormatError, type ParquetColumn, type ParquetTable, type ParquetType, parquetColumn } from "#base/files";
import type { CropRecord } from "./crop-set.ts";

/** Every column of crops.parquet, in its order. */
const COLUMN_TYPES = {
  id: "string",
  field: "string",
  survey: "string",
  y0: "int32",
  x0: "int32",
  raDeg: "double",
  decDeg: "double",
  cornersRaDeg: "list<double>",
  cornersDecDeg: "list<double>",
  lowFlux: "double",
  highFlux: "double",
  rms: "double",
  quotedRmsJyPerBeam: "double",
  dataQualityFlag: "int32",
  sourceCount: "int32",
  catalogueCoverage: "double",
  shownSourceCount: "int32",
  summedFluxJy: "double",
  meanFluxJy: "double",
  brightestFluxJy: "double",
  meanSizeDeg: "double",
  sourceDensityPerSqDeg: "double",
  split: "string",
  label: "string",
  labelConfidence: "string",
  morphology: "string",
  labelOrigin: "string",
  interestScore: "double",
  redshift: "double",
  islandCount: "int32",
} as const satisfies Readonly<Record<keyof CropRecord, ParquetType>>;

const NAMES = Object.keys(COLUMN_TYPES) as (keyof CropRecord)[]; // Object.keys forgets the keys' type
const NEVER_NULL = ["id", "field", "lowFlux", "highFlux"] as const satisfies readonly (keyof CropRecord)[];

/** Columns that the first sets did not have: where one is missing, all of its cells are null. */
const LATER_COLUMNS: ReadonlySet<keyof CropRecord> = new Set([
  "quotedRmsJyPerBeam",
  "shownSourceCount",
  "summedFluxJy",
  "meanFluxJy",
  "brightestFluxJy",
  "meanSizeDeg",
  "sourceDensityPerSqDeg",
  "labelConfidence",
  "morphology",
  "labelOrigin",
  "interestScore",
  "redshift",
]);

/** The columns of crops.parquet. */
export function cropColumns(records: readonly CropRecord[]): ParquetColumn[] {
  return NAMES.map((name) => {
    const type = COLUMN_TYPES[name];
    const cells = records.map((record) => record[name]);
    const values = type === "list<double>" ? cells.map((cell) => cell && Float64Array.from(cell as readonly number[])) : cells;
    return { name, type, values } as ParquetColumn; // COLUMN_TYPES ties each name to the type of its cells
  });
}

/**
 * The records of crops.parquet, also of sets written before a column was thought of. Further columns are left alone. Throws
 * FileFormatError for a missing column or a forbidden null; its rows are counted from `start`.
 */
export function cropRecords(table: ParquetTable, where: string, start = 0): CropRecord[] {
  const numRows = table.columns[0]?.values.length ?? 0;
  const columns = NAMES.map((name) => [name, cellsOf(table, name, numRows, where)] as const);
  for (const [name, values] of columns) {
    const row = NEVER_NULL.some((needed) => needed === name) ? values.indexOf(null) : -1;
    if (row >= 0) throw new FileFormatError(`${where}: column "${name}", row ${start + row}: expected a value, got null.`);
  }
  return Array.from({ length: numRows }, (_, row) => {
    const cells = columns.map(([name, values]) => [name, plainCell(values[row])] as const);
    return Object.fromEntries(cells) as unknown as CropRecord; // one cell for each of NAMES, of the types checked above
  });
}

function cellsOf(table: ParquetTable, name: keyof CropRecord, numRows: number, where: string): readonly unknown[] {
  if (LATER_COLUMNS.has(name) && !table.columns.some((column) => column.name === name)) return Array(numRows).fill(null);
  return parquetColumn(table, name, COLUMN_TYPES[name], where);
}

function plainCell(cell: unknown): unknown {
  return cell instanceof Float64Array ? Array.from(cell) : cell;
}
