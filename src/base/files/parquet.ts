// Apache Parquet tables: flat columns, and one level of lists for embeddings.
import { type FileMetaData, parquetMetadata, parquetRead, type SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { FileFormatError } from "./file-format-error.ts";

/** What a column's cells are; each may be null. */
interface CellOf {
  string: string;
  boolean: boolean;
  int32: number;
  int64: bigint;
  float: number;
  double: number;
  "list<float>": Float32Array;
  "list<double>": Float64Array;
}

export type ParquetType = keyof CellOf;

/** One column of one type. */
export interface ParquetColumn<T extends ParquetType = ParquetType> {
  readonly name: string;
  readonly type: T;
  readonly values: readonly (CellOf[T] | null)[];
}

/** Columns of equal length, and the file's key-value notes. */
export interface ParquetTable {
  readonly columns: readonly ParquetColumn[];
  readonly metadata: Readonly<Record<string, string>>;
}

const PHYSICAL_TYPES = {
  string: "BYTE_ARRAY",
  boolean: "BOOLEAN",
  int32: "INT32",
  int64: "INT64",
  float: "FLOAT",
  double: "DOUBLE",
  "list<float>": "FLOAT",
  "list<double>": "DOUBLE",
} as const satisfies Readonly<Record<ParquetType, SchemaElement["type"]>>;

/** The bytes of a Parquet file (Snappy). Throws FileFormatError where columns differ in length. */
export function formatParquet(columns: readonly ParquetColumn[], metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const numRows = columns[0]?.values.length ?? 0;
  for (const { name, values } of columns) {
    if (values.length !== numRows) {
      throw new FileFormatError(
        `parquet: column "${name}": expected ${numRows} rows as in "${columns[0]!.name}", got ${values.length}.`,
      );
    }
  }
  const schema: SchemaElement[] = [{ name: "root", num_children: columns.length }, ...columns.flatMap(schemaOf)];
  const buffer = parquetWriteBuffer({
    schema,
    columnData: columns.map((column) => ({ name: column.name, data: plainCells(column), encoding: "PLAIN" })),
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    createdBy: "suricate",
    rowGroupSize: 100_000,
  });
  return new Uint8Array(buffer);
}

function schemaOf({ name, type }: ParquetColumn): SchemaElement[] {
  const leaf: SchemaElement = { name, type: PHYSICAL_TYPES[type], repetition_type: "OPTIONAL" };
  if (type === "string") return [{ ...leaf, converted_type: "UTF8" }];
  if (!type.startsWith("list<")) return [leaf];
  return [
    { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", type: PHYSICAL_TYPES[type], repetition_type: "REQUIRED" },
  ];
}

/** The writer takes lists as plain arrays only. */
function plainCells({ values, type }: ParquetColumn): unknown[] {
  if (!type.startsWith("list<")) return [...values];
  // The cells of a list column are typed arrays: CellOf says so.
  return values.map((cell) => (cell === null ? null : Array.from(cell as Float32Array | Float64Array)));
}

/** Reads every column of a Parquet file. Throws FileFormatError, naming `where`, for a broken file or a column of another type. */
export async function parseParquet(bytes: Uint8Array, where = "parquet"): Promise<ParquetTable> {
  try {
    const file = new Uint8Array(bytes).buffer;
    const metadata = parquetMetadata(file);
    const types = columnTypes(metadata.schema, where);
    const chunks = await readChunks(file, metadata);
    const columns = [...types].map(([name, type]) => ({ name, type, values: cellsOf(chunks.get(name) ?? [], type) }));
    return { columns, metadata: notesOf(metadata) };
  } catch (cause) {
    if (cause instanceof FileFormatError) throw cause;
    throw new FileFormatError(`${where}: not a readable Parquet file: ${cause instanceof Error ? cause.message : cause}.`, {
      cause,
    });
  }
}

/** A column of a table by its name. Throws FileFormatError where it is missing or of another type. */
export function parquetColumn<T extends ParquetType>(
  table: ParquetTable,
  name: string,
  type: T,
  where: string,
): ParquetColumn<T>["values"] {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    throw new FileFormatError(`${where}: expected a column "${name}", got ${table.columns.map((one) => one.name).join(", ")}.`);
  }
  if (column.type !== type) throw new FileFormatError(`${where}: column "${name}": expected ${type}, got ${column.type}.`);
  return (column as ParquetColumn<T>).values; // the type was compared just above
}

/** Top-level columns in the order of the file. */
function columnTypes(schema: readonly SchemaElement[], where: string): Map<string, ParquetType> {
  const types = new Map<string, ParquetType>();
  for (let index = 1; index < schema.length; index++) {
    const element = schema[index]!;
    const isList = element.converted_type === "LIST" || element.logical_type?.type === "LIST";
    const leaf = isList ? schema[index + 2] : element;
    const type = leaf && typeNamed(leaf, isList);
    if (type === undefined) throw new FileFormatError(`${where}: column "${element.name}": its type is not one Suricate reads.`);
    types.set(element.name, type);
    if (isList) index += 2;
  }
  return types;
}

function typeNamed(leaf: SchemaElement, isList: boolean): ParquetType | undefined {
  const isText = leaf.converted_type === "UTF8" || leaf.logical_type?.type === "STRING";
  if (leaf.type === "BYTE_ARRAY" && !isText) return undefined;
  const names = Object.keys(PHYSICAL_TYPES) as ParquetType[];
  return names.find((name) => name.startsWith("list<") === isList && PHYSICAL_TYPES[name] === leaf.type);
}

async function readChunks(file: ArrayBufferLike, metadata: FileMetaData): Promise<Map<string, unknown[]>> {
  const rows = new Map<string, unknown[]>();
  await parquetRead({
    file: file as ArrayBuffer, // made by slice() from a plain Uint8Array
    metadata,
    onChunk: ({ columnName, columnData, rowStart }) => {
      const cells = rows.get(columnName) ?? [];
      rows.set(columnName, cells);
      for (let index = 0; index < columnData.length; index++) cells[rowStart + index] = columnData[index];
    },
  });
  return rows;
}

function cellsOf(cells: readonly unknown[], type: ParquetType): ParquetColumn["values"] {
  const convert: (cell: unknown) => unknown =
    type === "list<float>"
      ? (cell) => Float32Array.from(cell as number[])
      : type === "list<double>"
        ? (cell) => Float64Array.from(cell as number[])
        : (cell) => cell;
  // Cells have the type of their column's schema: the reader decodes by it.
  return cells.map((cell) => (cell === null || cell === undefined ? null : convert(cell))) as ParquetColumn["values"];
}

function notesOf(metadata: FileMetaData): Record<string, string> {
  return Object.fromEntries((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""]));
}
