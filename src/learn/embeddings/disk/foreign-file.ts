// Tables of features that others made, from Parquet, npy, CSV and FITS, whatever their columns.
import { halfValue } from "#base/array";
import { FileFormatError, type ParquetColumn, type ParquetTable, parseNpy } from "#base/files";
import { readBytes, readParquet } from "#base/files/disk";
import { parseTextTable } from "#sky/catalogue";
import type { FitsColumn } from "#sky/fits";
import { readFitsTable } from "#sky/fits/disk";
import type { CropSet } from "#sky/survey";
import { EMBEDDING_FORMAT, type EmbeddingTable, parseEmbeddings } from "../embedding-table.ts";
import type { ForeignChoice, ForeignColumn, ForeignTable } from "../foreign-columns.ts";
import { joinForeign } from "../foreign-table.ts";

/** What is read of a file. */
type Reader = (path: string) => Promise<ForeignTable>;

const READERS: Readonly<Record<string, Reader>> = {
  ".parquet": async (path) => ofParquet(await readParquet(path)),
  ".npy": ofNpy,
  ".csv": ofText,
  ".tsv": ofText,
  ".fits": ofFits,
  ".fits.gz": ofFits,
};

/** Endings of files of embeddings. */
export const EMBEDDING_ENDINGS: readonly string[] = Object.keys(READERS);

/** Whether a name is that of a file of embeddings: it looks so. */
export function isEmbeddingFile(name: string): boolean {
  return EMBEDDING_ENDINGS.some((ending) => name.toLowerCase().endsWith(ending));
}

export interface SetEmbeddings {
  readonly table: EmbeddingTable;
  /** What a person should know of how the file was joined to the set; none for files that `embed` wrote. */
  readonly notes: readonly string[];
}

/**
 * Embeddings of the crops of a set: a Parquet file that `embed` wrote as it is, a table of others joined to the set. Throws FileError,
 * FileFormatError, CatalogueError or FitsError for a file that cannot be read, and as `joinForeign`.
 */
export async function readEmbeddingsOf(cropSet: CropSet, path: string, choice: ForeignChoice = {}): Promise<SetEmbeddings> {
  const ending = EMBEDDING_ENDINGS.find((one) => path.toLowerCase().endsWith(one));
  if (ending === undefined)
    throw new FileFormatError(`${path}: expected a file of embeddings, ${EMBEDDING_ENDINGS.join(", ")}, by its ending.`);
  if (ending === ".parquet") {
    const parquet = await readParquet(path);
    if (parquet.metadata["format"] === EMBEDDING_FORMAT) return { table: parseEmbeddings(parquet, path), notes: [] };
    return joined(ofParquet(parquet), cropSet, path, choice);
  }
  return joined(await READERS[ending]!(path), cropSet, path, choice);
}

function joined(foreign: ForeignTable, cropSet: CropSet, path: string, choice: ForeignChoice): SetEmbeddings {
  const { table, numUnused } = joinForeign(foreign, cropSet, choice, path);
  const way = choice.joinBy === "row" ? "by the order of its rows" : "by the crops' ids";
  const unused = numUnused > 0 ? `; ${numUnused} rows of other crops left out` : "";
  const known = "What its backbone has seen in pre-training is not known.";
  return { table, notes: [`${path}: ${table.dim} numbers a crop, joined ${way}${unused}. ${known}`] };
}

function ofParquet({ columns }: ParquetTable): ForeignTable {
  return { columns: columns.map(parquetColumnOf), numRows: columns[0]?.values.length ?? 0 };
}

function parquetColumnOf({ name, type, values }: ParquetColumn): ForeignColumn {
  if (type === "string") return { name, kind: "text", values: values.map((value) => String(value ?? "")) };
  if (type.startsWith("list<")) return { name, kind: "vector", values: values as readonly (ArrayLike<number> | null)[] }; // by its type
  return { name, kind: "number", values: Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))) };
}

/** [N, D] of any number type. */
async function ofNpy(path: string): Promise<ForeignTable> {
  const { dtype, shape, data } = parseNpy(readBytes(path), path);
  const [numRows, width] = shape;
  if (shape.length !== 2 || numRows === undefined || width === undefined)
    throw new FileFormatError(`${path}: expected [crops, numbers], got [${shape.join(", ")}].`);
  const number = dtype === "float16" ? (value: number | bigint) => halfValue(Number(value)) : Number;
  const numbers = Float32Array.from(data as ArrayLike<number>, number); // int64's are made numbers here
  const values = Array.from({ length: numRows }, (_, row) => numbers.subarray(row * width, (row + 1) * width));
  return { columns: [{ name: "npy", kind: "vector", values }], numRows };
}

/** The first line that is no comment names the columns. */
async function ofText(path: string): Promise<ForeignTable> {
  const { headings, rows } = parseTextTable(new TextDecoder().decode(readBytes(path)), path, () => true);
  const columns = headings.map(({ name }, index): ForeignColumn => {
    const cells = rows.map(({ cells: all }) => all[index]!);
    const numbers = cells.map((cell) => (/^(nan|null|none)?$/i.test(cell) ? Number.NaN : Number(cell)));
    const isText = numbers.some((value, row) => Number.isNaN(value) && !/^(nan|null|none)?$/i.test(cells[row]!));
    // Ids such as 007 are names, not numbers.
    const isCode = cells.some((cell) => /^[+-]?0\d/.test(cell));
    return isText || isCode ? { name, kind: "text", values: cells } : { name, kind: "number", values: numbers };
  });
  return { columns, numRows: rows.length };
}

async function ofFits(path: string): Promise<ForeignTable> {
  const { columns, numRows } = readFitsTable(path);
  return { columns: columns.flatMap((column) => fitsColumnOf(column, numRows)), numRows };
}

/** Columns of numbers and of text; all others are none that a vector is made of. */
function fitsColumnOf({ name, numPerRow, data }: FitsColumn, numRows: number): ForeignColumn[] {
  if (data.kind === "text" && numPerRow === 1) return [{ name, kind: "text", values: data.values }];
  if ((data.kind !== "number" && data.kind !== "integer") || numPerRow === undefined) return [];
  if (data.kind === "integer" && numPerRow === 1)
    return [{ name, kind: "text", values: data.values.map((value) => String(value ?? "")) }];
  const numbers =
    data.kind === "number"
      ? data.values
      : Float64Array.from(data.values, (value) => (value === null ? Number.NaN : Number(value)));
  if (numPerRow === 1) return [{ name, kind: "number", values: numbers }];
  const values = Array.from({ length: numRows }, (_, row) => numbers.subarray(row * numPerRow, (row + 1) * numPerRow));
  return [{ name, kind: "vector", values }];
}
