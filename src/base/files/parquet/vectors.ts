// A Parquet column of full lists of numbers, written as bytes: the general writer takes them one number at a time (Apache Parquet,
// "Nested Encoding" and "Data Pages", version 2).
import type { ColumnChunk } from "hyparquet";
import type { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";

export type Vector = Float32Array | Float64Array;

/** Bytes of numbers after which a page ends. */
const PAGE_BYTES = 2 ** 20;
/** An optional list of required numbers: a number that is there is defined twice. */
const DEFINED = 2;

/** Whether every cell is a list with something in it: others need the general writer. */
export function areFull(cells: readonly unknown[]): cells is readonly Vector[] {
  return cells.every((cell) => (cell instanceof Float32Array || cell instanceof Float64Array) && cell.length > 0);
}

/** Appends the cells of a row group's list column, at least one, as pages; returns what the file's footer says of them. */
export function writeVectors(writer: ByteWriter, name: string, cells: readonly Vector[]): ColumnChunk {
  const start = writer.offset;
  const bytesOfRow = cells[0]!.byteLength;
  const rowsPerPage = Math.max(1, Math.floor(PAGE_BYTES / bytesOfRow));
  for (let row = 0; row < cells.length; row += rowsPerPage) appendPage(writer, cells.slice(row, row + rowsPerPage));
  const numBytes = BigInt(writer.offset - start);
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: cells[0] instanceof Float32Array ? "FLOAT" : "DOUBLE",
      encodings: ["PLAIN"],
      path_in_schema: [name, "list", "element"],
      codec: "UNCOMPRESSED",
      num_values: BigInt(numbersOf(cells)),
      total_compressed_size: numBytes,
      total_uncompressed_size: numBytes,
      data_page_offset: BigInt(start),
    },
  };
}

function numbersOf(cells: readonly Vector[]): number {
  return cells.reduce((sum, { length }) => sum + length, 0);
}

function appendPage(writer: ByteWriter, cells: readonly Vector[]): void {
  const numValues = numbersOf(cells);
  const repetitions = cells.flatMap(({ length }) => [...run(1, 0), ...(length > 1 ? run(length - 1, 1) : [])]);
  const definitions = run(numValues, DEFINED);
  const numBytes = repetitions.length + definitions.length + cells.reduce((sum, { byteLength }) => sum + byteLength, 0);
  writePageHeader(writer, {
    type: "DATA_PAGE_V2",
    uncompressed_page_size: numBytes,
    compressed_page_size: numBytes,
    data_page_header_v2: {
      num_values: numValues,
      num_nulls: 0,
      num_rows: cells.length,
      encoding: "PLAIN",
      definition_levels_byte_length: definitions.length,
      repetition_levels_byte_length: repetitions.length,
      is_compressed: false,
    },
  });
  writer.appendBytes(Uint8Array.from([...repetitions, ...definitions]));
  for (const { buffer, byteOffset, byteLength } of cells) writer.appendBytes(new Uint8Array(buffer, byteOffset, byteLength));
}

/** A run of one level below 256 (RLE): twice its length as a variable-length integer, then the level. */
function run(length: number, level: number): number[] {
  const bytes: number[] = [];
  let rest = 2 * length;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest, level];
}
