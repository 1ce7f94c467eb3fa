// Full lists of numbers read from Parquet pages as bytes, as vectors.ts writes them; any other page is left to the general reader.
import type { ColumnMetaData, FileMetaData } from "hyparquet";
import { deserializeTCompactProtocol, readVarInt } from "hyparquet/src/thrift.js";
import type { Vector } from "./vectors.ts";

/** The fields of a page's header that are looked at (parquet.thrift: PageHeader, DataPageHeaderV2). */
interface PageHeader {
  readonly field_1: number;
  readonly field_3: number;
  readonly field_8?: Readonly<Record<"field_1" | "field_2" | "field_4" | "field_5" | "field_6", number>>;
}

const DATA_PAGE_V2 = 3;
const PLAIN = 0;
/** What the level of a number that is there means in an optional list of required numbers. */
const DEFINED = 2;

/** Where the bytes of a group's list column lie, if it may be one of full lists of numbers; else undefined. */
export function vectorChunk({ schema, row_groups }: FileMetaData, group: number, name: string): ColumnMetaData | undefined {
  const place = schema.findIndex((element) => element.name === name && element.num_children === 1);
  const forms = schema.slice(place, place + 3).map(({ repetition_type }) => repetition_type);
  if (place < 0 || forms.join() !== "OPTIONAL,REPEATED,REQUIRED") return undefined;
  const chunk = row_groups[group]!.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data;
  const isPlain = chunk?.codec === "UNCOMPRESSED" && chunk.dictionary_page_offset === undefined;
  return isPlain && (chunk.type === "FLOAT" || chunk.type === "DOUBLE") ? chunk : undefined;
}

/** The lists of a column's pages; undefined where a page is of another kind, or a list is null or empty. */
export function parseVectors(bytes: Uint8Array, type: "FLOAT" | "DOUBLE"): Vector[] | undefined {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  const lists: Vector[] = [];
  while (reader.offset < bytes.length) {
    const { field_1: kind, field_3: size, field_8: page } = deserializeTCompactProtocol(reader) as unknown as PageHeader; // as the format says
    if (kind !== DATA_PAGE_V2 || page?.field_4 !== PLAIN || page.field_2 !== 0) return undefined;
    const body = bytes.subarray(reader.offset, reader.offset + size);
    const { field_1: numValues, field_5: definitionBytes, field_6: repetitionBytes } = page;
    const lengths = listLengths(body.subarray(0, repetitionBytes), numValues);
    const definitions = runsOf(body.subarray(repetitionBytes, repetitionBytes + definitionBytes));
    if (lengths === undefined || !definitions?.every(({ level }) => level === DEFINED)) return undefined;
    const numbers = body.slice(repetitionBytes + definitionBytes).buffer;
    const values = type === "FLOAT" ? new Float32Array(numbers) : new Float64Array(numbers);
    if (values.length !== numValues) return undefined;
    let start = 0;
    for (const length of lengths) {
      lists.push(values.subarray(start, start + length));
      start += length;
    }
    if (start !== numValues) return undefined;
    reader.offset += size;
  }
  return lists;
}

/** Level 0 begins a list, level 1 goes on with it. Undefined where the first list began on an earlier page, or a run is too long. */
function listLengths(levels: Uint8Array, numValues: number): number[] | undefined {
  const lengths: number[] = [];
  for (const { length, level } of runsOf(levels) ?? []) {
    if (length > numValues) return undefined;
    if (level === 0) for (let index = 0; index < length; index++) lengths.push(1);
    else if (lengths.length === 0) return undefined;
    else lengths[lengths.length - 1]! += length;
  }
  return lengths;
}

/** Runs of equal levels (RLE); undefined where levels are packed bit by bit. */
function runsOf(bytes: Uint8Array): { readonly length: number; readonly level: number }[] | undefined {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  const runs: { readonly length: number; readonly level: number }[] = [];
  while (reader.offset < bytes.length) {
    const header = readVarInt(reader);
    if (header & 1) return undefined;
    runs.push({ length: header >>> 1, level: bytes[reader.offset++]! });
  }
  return runs;
}
