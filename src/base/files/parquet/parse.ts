// Parquet files read: whole, or group by group.
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadata,
  parquetMetadataAsync,
  parquetRead,
  type SchemaElement,
} from "hyparquet";
import { FileFormatError } from "../file-format-error.ts";
import { type ParquetColumn, type ParquetTable, type ParquetType, PHYSICAL_TYPES } from "./columns.ts";
import { parseVectors, vectorChunk } from "./vector-pages.ts";

/** Reads a Parquet file; columns of other types than ParquetType are named, not read. Throws FileFormatError, naming `where`. */
export async function parseParquet(bytes: Uint8Array, where = "parquet"): Promise<ParquetTable> {
  return readable(where, async () => {
    const file = new Uint8Array(bytes).buffer;
    const metadata = parquetMetadata(file);
    const { unread } = columnTypes(metadata.schema);
    const columns = await readColumns(file, metadata, {});
    return { columns, ...(unread.length > 0 ? { unread } : {}), metadata: notesOf(metadata) };
  });
}

/** A Parquet file that is read group by group. */
export interface ParquetGroups {
  readonly metadata: Readonly<Record<string, string>>;
  readonly columns: readonly { readonly name: string; readonly type: ParquetType }[];
  /** Names of columns of other types than ParquetType. */
  readonly unread: readonly string[];
  readonly numRows: number;
  /** Row groups, in order. */
  readonly groups: readonly { readonly start: number; readonly count: number }[];
  /** The named columns of one group. Throws FileFormatError. */
  read(group: number, names: readonly string[]): Promise<readonly ParquetColumn[]>;
}

/** What a Parquet file says of itself. Throws FileFormatError, naming `where`. */
export async function parquetGroups(file: AsyncBuffer, where: string): Promise<ParquetGroups> {
  return readable(where, async () => {
    const metadata = await parquetMetadataAsync(file);
    const { types, unread } = columnTypes(metadata.schema);
    const columns = [...types].map(([name, type]) => ({ name, type }));
    let numRows = 0;
    const groups = metadata.row_groups.map(({ num_rows }) => {
      const start = numRows;
      numRows += Number(num_rows);
      return { start, count: Number(num_rows) };
    });
    const read = (group: number, names: readonly string[]) =>
      readable(where, async () => {
        const vectors = await readVectors(file, metadata, { group, names });
        const others = names.filter((name) => !vectors.has(name));
        const { start, count } = groups[group]!;
        const rest = others.length > 0 ? await readColumns(file, metadata, { names: others, start, count }) : [];
        const found = new Map([...vectors, ...rest.map((column) => [column.name, column] as const)]);
        return columns.flatMap(({ name }) => found.get(name) ?? []);
      });
    return { metadata: notesOf(metadata), columns, unread, numRows, groups, read };
  });
}

/** Those of the named columns that hold full lists of numbers as bytes. */
async function readVectors(
  file: AsyncBuffer,
  metadata: FileMetaData,
  { group, names }: { readonly group: number; readonly names: readonly string[] },
): Promise<Map<string, ParquetColumn>> {
  const found = new Map<string, ParquetColumn>();
  for (const name of names) {
    const chunk = vectorChunk(metadata, group, name);
    if (chunk === undefined) continue;
    const start = Number(chunk.data_page_offset);
    const bytes = new Uint8Array(await file.slice(start, start + Number(chunk.total_compressed_size)));
    const isFloat = chunk.type === "FLOAT";
    const values = parseVectors(bytes, isFloat ? "FLOAT" : "DOUBLE");
    if (values !== undefined) found.set(name, { name, type: isFloat ? "list<float>" : "list<double>", values } as ParquetColumn); // by its type
  }
  return found;
}

async function readable<T>(where: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof FileFormatError) throw cause;
    throw new FileFormatError(`${where}: not a readable Parquet file: ${cause instanceof Error ? cause.message : cause}.`, {
      cause,
    });
  }
}

/** Top-level columns in the order of the file: those that are read, and the names of all others. */
function columnTypes(schema: readonly SchemaElement[]): { types: Map<string, ParquetType>; unread: string[] } {
  const types = new Map<string, ParquetType>();
  const unread: string[] = [];
  for (let index = 1; index < schema.length; index = endOfColumn(schema, index)) {
    const element = schema[index]!;
    const isList = element.converted_type === "LIST" || element.logical_type?.type === "LIST";
    const leaf = isList ? schema[index + 2] : element;
    const type = leaf && (isList || element.num_children === undefined) ? typeNamed(leaf, isList) : undefined;
    if (type === undefined) unread.push(element.name);
    else types.set(element.name, type);
  }
  return { types, unread };
}

/** A column and all that is nested in it stand in a row: where the next one begins. */
function endOfColumn(schema: readonly SchemaElement[], start: number): number {
  let end = start + 1;
  for (let child = 0; child < (schema[start]?.num_children ?? 0); child++) end = endOfColumn(schema, end);
  return end;
}

function typeNamed(leaf: SchemaElement, isList: boolean): ParquetType | undefined {
  const isText = leaf.converted_type === "UTF8" || leaf.logical_type?.type === "STRING";
  if (leaf.type === "BYTE_ARRAY" && !isText) return undefined;
  const names = Object.keys(PHYSICAL_TYPES) as ParquetType[];
  return names.find((name) => name.startsWith("list<") === isList && PHYSICAL_TYPES[name] === leaf.type);
}

interface Part {
  /** Default: all columns and rows. */
  readonly names?: readonly string[];
  readonly start?: number;
  readonly count?: number;
}

async function readColumns(
  file: AsyncBuffer | ArrayBufferLike,
  metadata: FileMetaData,
  { names, start = 0, count = Number.POSITIVE_INFINITY }: Part,
): Promise<ParquetColumn[]> {
  const types = [...columnTypes(metadata.schema).types].filter(([name]) => names?.includes(name) ?? true);
  const cells = new Map<string, unknown[]>(types.map(([name]) => [name, []]));
  const converters = new Map(types.map(([name, type]) => [name, converterOf(type)]));
  await parquetRead({
    file: file as AsyncBuffer, // parseParquet's is made by slice() from a plain Uint8Array, which is one too
    metadata,
    columns: types.map(([name]) => name),
    ...(names === undefined ? {} : { rowStart: start, rowEnd: start + count }),
    onChunk: ({ columnName, columnData, rowStart }) => {
      const column = cells.get(columnName)!; // only these were asked for
      const convert = converters.get(columnName)!;
      for (let index = 0; index < columnData.length; index++) {
        const row = rowStart + index - start;
        if (row >= 0 && row < count) column[row] = convert(columnData[index]);
      }
    },
  });
  return types.map(([name, type]) => ({ name, type, values: cells.get(name)! }) as ParquetColumn); // the reader decodes by the type
}

/** At once, cell by cell: lists of millions of rows, as the reader gives them, take many times the room of the numbers. */
function converterOf(type: ParquetType): (cell: unknown) => unknown {
  const lists = { "list<float>": Float32Array, "list<double>": Float64Array };
  const List = type === "list<float>" || type === "list<double>" ? lists[type] : undefined;
  return (cell) => (cell === null || cell === undefined ? null : List === undefined ? cell : List.from(cell as number[]));
}

function notesOf(metadata: FileMetaData): Record<string, string> {
  return Object.fromEntries((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""]));
}
