// The safetensors format (github.com/huggingface/safetensors): named arrays behind a JSON header; nothing in it is executed.
import { BYTES_PER_ELEMENT, bytesOf, type DType, type NdArray, sizeOf, typedData } from "#base/array";
import { FileFormatError } from "./file-format-error.ts";

/** Where one tensor's bytes lie. `start` and `end` count from the end of the header. */
export interface SafetensorsEntry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** A safetensors header: where every tensor lies, and the file's own notes. The data start at byte `dataOffset`. */
export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly dataOffset: number;
}

/** Named tensors and the notes that came with them. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, NdArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

const TYPE_NAMES: Readonly<Record<DType, string>> = {
  float32: "F32",
  float64: "F64",
  float16: "F16",
  int64: "I64",
  int32: "I32",
  int16: "I16",
  uint16: "U16",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};

/** The reference reader refuses longer headers. */
const MAX_HEADER_BYTES = 100_000_000;

/** The pieces of a safetensors file in order, without copying a tensor: for writers that stream. */
export function* safetensorsChunks(
  tensors: ReadonlyMap<string, NdArray>,
  metadata: Readonly<Record<string, string>> = {},
): Generator<Uint8Array> {
  // Widest elements first, so that every tensor starts at a multiple of its element's size.
  const order = [...tensors].toSorted(([, a], [, b]) => BYTES_PER_ELEMENT[b.dtype] - BYTES_PER_ELEMENT[a.dtype]);
  const starts = new Map<string, number>();
  let length = 0;
  for (const [name, { data }] of order) {
    starts.set(name, length);
    length += data.byteLength;
  }
  const described: [string, unknown][] = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  for (const [name, { dtype, shape, data }] of tensors) {
    if (name === "__metadata__") throw new FileFormatError('safetensors: "__metadata__" cannot name a tensor.');
    const start = starts.get(name)!;
    described.push([name, { dtype: TYPE_NAMES[dtype], shape, data_offsets: [start, start + data.byteLength] }]);
  }
  yield headerBytes(JSON.stringify(Object.fromEntries(described)));
  for (const [, tensor] of order) yield bytesOf(tensor);
}

/** Length, then JSON padded with spaces so that the data start at a multiple of 8. */
function headerBytes(json: string): Uint8Array {
  const text = new TextEncoder().encode(json);
  const bytes = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
  bytes.set(text, 8);
  return bytes;
}

/** The bytes of a safetensors file. Tensors keep their order. */
export function formatSafetensors(
  tensors: ReadonlyMap<string, NdArray>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const chunks = [...safetensorsChunks(tensors, metadata)];
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** The tensors of a safetensors file, each in memory of its own. Throws FileFormatError, naming `where` and the tensor. */
export function parseSafetensors(bytes: Uint8Array, where = "safetensors"): Safetensors {
  const header = parseSafetensorsHeader(bytes, bytes.length, where);
  const tensors = new Map<string, NdArray>();
  for (const [name, { dtype, shape, start, end }] of header.entries) {
    const data = new Uint8Array(bytes.subarray(header.dataOffset + start, header.dataOffset + end));
    tensors.set(name, { dtype, shape, data: typedData(dtype, data.buffer, 0, sizeOf(shape)) });
  }
  return { tensors, metadata: header.metadata };
}

/** How many bytes the header of a file takes, its length field included. `bytes` are its first eight or more. */
export function safetensorsHeaderSize(bytes: Uint8Array, numFileBytes: number, where: string): number {
  if (bytes.length < 8)
    throw new FileFormatError(`${where}: not a safetensors file: expected at least 8 bytes, got ${bytes.length}.`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  const room = Math.min(MAX_HEADER_BYTES, numFileBytes - 8);
  if (length > BigInt(room)) {
    throw new FileFormatError(
      `${where}: not a safetensors file, or cut short: its header claims ${length} bytes, expected at most ${room}.`,
    );
  }
  return 8 + Number(length);
}

/** Reads and checks the header at the start of `bytes`; the whole file has `numFileBytes`. Throws FileFormatError. */
export function parseSafetensorsHeader(bytes: Uint8Array, numFileBytes: number, where: string): SafetensorsHeader {
  const dataOffset = safetensorsHeaderSize(bytes, numFileBytes, where);
  const { __metadata__: metadata = {}, ...described } = parseJsonObject(bytes.subarray(8, dataOffset), where);
  if (!isObject(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    throw new FileFormatError(`${where}: __metadata__: expected text values.`);
  }
  const entries = new Map(Object.entries(described).map(([name, entry]) => [name, parseEntry(entry, `${where}: "${name}"`)]));
  checkOffsets(entries, numFileBytes - dataOffset, where);
  return { entries, metadata: metadata as Record<string, string>, dataOffset }; // checked just above
}

function parseJsonObject(bytes: Uint8Array, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FileFormatError(`${where}: the safetensors header is not JSON.`, { cause });
  }
  if (!isObject(value)) throw new FileFormatError(`${where}: the safetensors header: expected a JSON object.`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0; // isSafeInteger is false for all but numbers
}

function parseEntry(entry: unknown, where: string): SafetensorsEntry {
  const { dtype: typeName, shape, data_offsets: offsets } = isObject(entry) ? entry : {};
  const dtype = (Object.keys(TYPE_NAMES) as DType[]).find((name) => TYPE_NAMES[name] === typeName);
  if (dtype === undefined) {
    throw new FileFormatError(
      `${where}: dtype: expected one of ${Object.values(TYPE_NAMES).join(" ")}, got ${String(typeName)}.`,
    );
  }
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    throw new FileFormatError(`${where}: shape: expected whole numbers, got ${JSON.stringify(shape)}.`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    throw new FileFormatError(`${where}: data_offsets: expected two whole numbers, got ${JSON.stringify(offsets)}.`);
  }
  const [start, end] = offsets as [number, number]; // checked just above
  const numBytes = sizeOf(shape) * BYTES_PER_ELEMENT[dtype];
  if (end - start !== numBytes) {
    throw new FileFormatError(`${where}: expected ${numBytes} bytes for ${typeName} [${shape.join(", ")}], got ${end - start}.`);
  }
  return { dtype, shape, start, end };
}

/** The format allows neither overlaps nor holes: data hidden between tensors would go unseen. */
function checkOffsets(entries: ReadonlyMap<string, SafetensorsEntry>, numDataBytes: number, where: string): void {
  let end = 0;
  for (const [name, entry] of [...entries].toSorted(([, a], [, b]) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== end) {
      const fault = entry.start < end ? "overlaps the tensor before it" : "leaves a hole before it";
      throw new FileFormatError(`${where}: "${name}" ${fault}: expected its data at byte ${end}, got ${entry.start}.`);
    }
    end = entry.end;
  }
  if (end !== numDataBytes) {
    throw new FileFormatError(`${where}: expected ${end} bytes of tensors, got ${numDataBytes}. The file may be cut short.`);
  }
}
