// Parquet files written: whole, or piece by piece.
import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { FileFormatError } from "../file-format-error.ts";
import { type ParquetColumn, PHYSICAL_TYPES } from "./columns.ts";
import { areFull, type Vector, writeVectors } from "./vectors.ts";

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
