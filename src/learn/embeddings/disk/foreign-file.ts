// Tables of features that others made, from Parquet, npy, CSV and FITS, whatever their columns.
import { existsSync } from "node:fs";
import { halfValue } from "#base/array";
import { FileFormatError, type ParquetColumn, type ParquetTable } from "#base/files";
import { openNpyRows, openParquet, readParquet, readText, sha256OfFile } from "#base/files/disk";
import { parseTextTable } from "#sky/catalogue";
import type { FitsColumn } from "#sky/fits";
import { readFitsTable } from "#sky/fits/disk";
import type { CropSet } from "#sky/survey";
import { EMBEDDING_COLUMN, EMBEDDING_FORMAT, type EmbeddingTable, embeddedSet, parseEmbeddings } from "../embedding-table.ts";
import type { ForeignChoice, ForeignColumn, ForeignTable } from "../foreign-columns.ts";
import { joinForeign, loneForeign } from "../foreign-table.ts";

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

/** Whether a file is one that `embed` wrote, which can be read by the block. Throws FileError and FileFormatError. */
export async function isOwnEmbeddings(path: string): Promise<boolean> {
  if (!path.toLowerCase().endsWith(".parquet")) return false;
  const file = await openParquet(path);
  file.close();
  return file.metadata["format"] === EMBEDDING_FORMAT;
}

export interface SetEmbeddings {
  readonly table: EmbeddingTable;
  /** What a person should know of how the file was joined to the set; none for files that `embed` wrote. */
  readonly notes: readonly string[];
}

/**
 * Embeddings of the crops of a set, with the set's own records: a Parquet file that `embed` wrote, or a table of others, joined to the set.
 * Throws FileError, FileFormatError, CatalogueError or FitsError for a file that cannot be read, and as `joinForeign`.
 */
export async function readEmbeddingsOf(cropSet: CropSet, path: string, choice: ForeignChoice = {}): Promise<SetEmbeddings> {
  const read = await readEither(path);
  return "own" in read ? ownJoined(read.own, cropSet, path) : joined(read.foreign, cropSet, path, choice);
}

/**
 * Embeddings that stand alone: a Parquet file that `embed` wrote, or a table of others with what its columns say of its rows. Throws
 * as `readEmbeddingsOf`, and as `loneForeign`.
 */
export async function readEmbeddingTable(path: string, choice: ForeignChoice = {}): Promise<SetEmbeddings> {
  const read = await readEither(path);
  if ("own" in read) return { table: read.own, notes: [] };
  const table = loneForeign(read.foreign, choice, { name: path, sha256: sha256OfFile(path) });
  return { table, notes: [`${path}: ${table.records.length} rows of ${table.dim} numbers. ${UNKNOWN_TRAINING}`] };
}

const UNKNOWN_TRAINING = "What its backbone has seen in pre-training is not known.";

async function readEither(path: string): Promise<{ readonly own: EmbeddingTable } | { readonly foreign: ForeignTable }> {
  const ending = EMBEDDING_ENDINGS.find((one) => path.toLowerCase().endsWith(one));
  if (ending === undefined)
    throw new FileFormatError(`${path}: expected a file of embeddings, ${EMBEDDING_ENDINGS.join(", ")}, by its ending.`);
  if (ending !== ".parquet") return { foreign: await READERS[ending]!(path) };
  const parquet = await readParquet(path);
  if (parquet.metadata["format"] === EMBEDDING_FORMAT) return { own: parseEmbeddings(parquet, path) };
  return { foreign: ofParquet(parquet) };
}

function joined(foreign: ForeignTable, cropSet: CropSet, path: string, choice: ForeignChoice): SetEmbeddings {
  const { table, numUnused } = joinForeign(foreign, cropSet, choice, path);
  const way = choice.joinBy === "row" ? "by the order of its rows" : "by the crops' ids";
  return { table, notes: [`${path}: ${table.dim} numbers a crop, joined ${way}${unusedText(numUnused)}. ${UNKNOWN_TRAINING}`] };
}

const unusedText = (count: number) => (count > 0 ? `; ${count} rows of other crops left out` : "");

/** What `embed` wrote knows its backbone; labels, positions and split are the set's, which may have been given others since. */
function ownJoined(own: EmbeddingTable, cropSet: CropSet, path: string): SetEmbeddings {
  const { records, info } = cropSet;
  const ofSet = { ...embeddedSet(cropSet), records };
  const isInOrder = own.records.length === records.length && own.records.every(({ id }, row) => id === records[row]!.id);
  if (isInOrder) return { table: { ...own, ...ofSet }, notes: [] };
  const ids = own.records.map(({ id }) => id);
  const values = ids.map((_, row) => own.embeddings.subarray(row * own.dim, (row + 1) * own.dim));
  const columns = [
    { name: "id", kind: "text", values: ids },
    { name: EMBEDDING_COLUMN, kind: "vector", values },
  ] as const;
  const { table, numUnused } = joinForeign({ columns, numRows: ids.length }, cropSet, {}, path);
  const { backbone, seenIds } = own;
  const note = `${path}: embeddings of ${own.cropSetName}, joined to ${info.name} by the crops' ids${unusedText(numUnused)}.`;
  return { table: { ...table, backbone, seenIds }, notes: [note] };
}

function ofParquet({ columns }: ParquetTable): ForeignTable {
  return { columns: columns.map(parquetColumnOf), numRows: columns[0]?.values.length ?? 0 };
}

function parquetColumnOf({ name, type, values }: ParquetColumn): ForeignColumn {
  if (type === "string") return { name, kind: "text", values: values.map((value) => String(value ?? "")) };
  if (type.startsWith("list<")) return { name, kind: "vector", values: values as readonly (ArrayLike<number> | null)[] }; // by its type
  return { name, kind: "number", values: Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))) };
}

/** [N, D] of any number type; a CSV file of the same name beside it, as `embed` writes one, says what its rows are. */
async function ofNpy(path: string): Promise<ForeignTable> {
  const file = openNpyRows(path);
  try {
    const { dtype, shape } = file;
    const [numRows, width] = shape;
    if (shape.length !== 2 || numRows === undefined || width === undefined)
      throw new FileFormatError(`${path}: expected [crops, numbers], got [${shape.join(", ")}].`);
    const number = dtype === "float16" ? (value: number | bigint) => halfValue(Number(value)) : Number; // int64's are made numbers here
    const numbers = new Float32Array(numRows * width);
    for (let start = 0; start < numRows; start += NPY_ROWS_AT_ONCE) {
      const part = file.rows(start, Math.min(NPY_ROWS_AT_ONCE, numRows - start));
      for (let index = 0; index < part.length; index++) numbers[start * width + index] = number(part[index]!);
    }
    const values = Array.from({ length: numRows }, (_, row) => numbers.subarray(row * width, (row + 1) * width));
    return { columns: [{ name: "npy", kind: "vector", values }, ...(await columnsBeside(path, numRows))], numRows };
  } finally {
    file.close();
  }
}

/** A file of a million embeddings is larger than one array of bytes. */
const NPY_ROWS_AT_ONCE = 4096;

/** Throws FileFormatError for a table of another number of rows. */
async function columnsBeside(path: string, numRows: number): Promise<readonly ForeignColumn[]> {
  const beside = path.replace(/\.npy$/i, ".csv");
  if (!existsSync(beside)) return [];
  const table = await ofText(beside);
  if (table.numRows === numRows) return table.columns;
  throw new FileFormatError(
    `${beside}: expected ${numRows} rows, one for each of ${path}, got ${table.numRows}. Move it elsewhere if it is of other crops.`,
  );
}

/** The first line that is no comment names the columns. */
async function ofText(path: string): Promise<ForeignTable> {
  const { headings, rows } = parseTextTable(readText(path), path, () => true);
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
