// What is read and written of Apache Parquet: flat columns, and one level of lists for embeddings.
import type { SchemaElement } from "hyparquet";
import { FileFormatError } from "../file-format-error.ts";

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

/** How cells lie in the file: those of lists, number by number. */
export const PHYSICAL_TYPES = {
  string: "BYTE_ARRAY",
  boolean: "BOOLEAN",
  int32: "INT32",
  int64: "INT64",
  float: "FLOAT",
  double: "DOUBLE",
  "list<float>": "FLOAT",
  "list<double>": "DOUBLE",
} as const satisfies Readonly<Record<ParquetType, SchemaElement["type"]>>;

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
