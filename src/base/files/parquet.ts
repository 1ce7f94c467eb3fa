// Apache Parquet tables: flat columns, and one level of lists for embeddings.
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadata,
  parquetMetadataAsync,
  parquetRead,
  type SchemaElement,
} from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { FileFormatError } from "./file-format-error.ts";
import { parseVectors, vectorChunk } from "./parquet-vector-pages.ts";
import { areFull, type Vector, writeVectors } from "./parquet-vectors.ts";

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
  /** Names of columns of types that are not read, as of times and of structures; absent: none. */
  readonly unread?: readonly string[];
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

/** The bytes of a Parquet file (not compressed). Throws FileFormatError where columns differ in length. */
export function formatParquet(columns: readonly ParquetColumn[], metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const pieces = new ParquetPieces(metadata);
  const [rows, end] = [pieces.rows(columns, ROW_GROUP), pieces.end()];
  const bytes = new Uint8Array(rows.length + end.length);
  bytes.set(rows);
  bytes.set(end, rows.length);
  return bytes;
}

const ROW_GROUP = 100_000;

/** A Parquet file that is made piece by piece: any number of `rows`, then `end`. The pieces in a row are the file. */
export class ParquetPieces {
  readonly #metadata: Readonly<Record<string, string>>;
  readonly #bytes = new ByteWriter();
  #columns: readonly ParquetColumn[] | undefined;
  #writer: ParquetWriter | undefined;

  constructor(metadata: Readonly<Record<string, string>> = {}) {
    this.#metadata = metadata;
  }

  /**
   * Further rows, in groups of at most `rowsPerGroup`. The first call fixes the columns. Throws FileFormatError where columns differ
   * in length or are others than before.
   */
  rows(columns: readonly ParquetColumn[], rowsPerGroup = ROW_GROUP): Uint8Array {
    this.#columns ??= columns;
    checkColumns(columns, this.#columns);
    this.#writer ??= new ParquetWriter({
      writer: this.#bytes,
      schema: [{ name: "root", num_children: columns.length }, ...columns.flatMap(schemaOf)],
      kvMetadata: Object.entries(this.#metadata).map(([key, value]) => ({ key, value })),
      createdBy: "suricate",
    });
    const numRows = columns[0]?.values.length ?? 0;
    for (let start = 0; start < numRows; start += rowsPerGroup)
      this.#writeGroup(
        this.#writer,
        columns.map((column) => ({ ...column, values: column.values.slice(start, start + rowsPerGroup) })),
      );
    return this.#taken();
  }

  /** Full lists beside other columns go in as bytes, all else through the general writer. */
  #writeGroup(writer: ParquetWriter, columns: readonly ParquetColumn[]): void {
    const isPlain = ({ type, values }: ParquetColumn) => !(type.startsWith("list<") && areFull(values));
    const plain = columns.some(isPlain) ? columns.filter(isPlain) : columns;
    writer.write({
      columnData: plain.map((column) => ({
        name: column.name,
        data: plainCells(column),
        encoding: "PLAIN",
        // Numbers of measurement hardly shrink, and least and largest values serve tables far larger than these.
        codec: "UNCOMPRESSED",
        statistics: false,
        offsetIndex: false,
      })),
      rowGroupSize: columns[0]!.values.length,
    });
    const group = writer.row_groups.at(-1)!; // just written
    for (const [place, column] of columns.entries()) {
      if (plain.includes(column)) continue;
      const chunk = writeVectors(this.#bytes, column.name, column.values as readonly Vector[]); // isPlain has looked
      group.columns.splice(place, 0, chunk); // in the schema's order
      group.total_byte_size += chunk.meta_data!.total_uncompressed_size;
    }
  }

  /** The last bytes. */
  end(): Uint8Array {
    if (!this.#writer) throw new FileFormatError("parquet: expected rows before the end of the file, got none.");
    this.#writer.finish();
    return this.#taken();
  }

  #taken(): Uint8Array {
    const bytes = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return bytes;
  }
}

function checkColumns(columns: readonly ParquetColumn[], first: readonly ParquetColumn[]): void {
  const numRows = columns[0]?.values.length ?? 0;
  for (const { name, values } of columns) {
    if (values.length !== numRows) {
      throw new FileFormatError(
        `parquet: column "${name}": expected ${numRows} rows as in "${columns[0]!.name}", got ${values.length}.`,
      );
    }
  }
  const formOf = (all: readonly ParquetColumn[]) => all.map(({ name, type }) => `${name} ${type}`).join(", ");
  if (formOf(columns) !== formOf(first))
    throw new FileFormatError(`parquet: expected the columns ${formOf(first)} as before, got ${formOf(columns)}.`);
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
    const columns = [...columnTypes(metadata.schema).types].map(([name, type]) => ({ name, type }));
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
    return { metadata: notesOf(metadata), columns, numRows, groups, read };
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

/** A column of a table by its name. Throws FileFormatError where it is missing or of another type. */
export function parquetColumn<T extends ParquetType>(
  table: ParquetTable,
  name: string,
  type: T,
  where: string,
): ParquetColumn<T>["values"] {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (table.unread?.includes(name)) throw new FileFormatError(`${where}: column "${name}": its type is not one Suricate reads.`);
  if (column === undefined) {
    throw new FileFormatError(`${where}: expected a column "${name}", got ${table.columns.map((one) => one.name).join(", ")}.`);
  }
  if (column.type !== type) throw new FileFormatError(`${where}: column "${name}": expected ${type}, got ${column.type}.`);
  return (column as ParquetColumn<T>).values; // the type was compared just above
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
  await parquetRead({
    file: file as AsyncBuffer, // parseParquet's is made by slice() from a plain Uint8Array, which is one too
    metadata,
    columns: types.map(([name]) => name),
    ...(names === undefined ? {} : { rowStart: start, rowEnd: start + count }),
    onChunk: ({ columnName, columnData, rowStart }) => {
      const column = cells.get(columnName)!; // only these were asked for
      for (let index = 0; index < columnData.length; index++) {
        const row = rowStart + index - start;
        if (row >= 0 && row < count) column[row] = columnData[index];
      }
    },
  });
  return types.map(([name, type]) => ({ name, type, values: cellsOf(cells.get(name)!, type) }) as ParquetColumn); // cellsOf goes by the type
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
