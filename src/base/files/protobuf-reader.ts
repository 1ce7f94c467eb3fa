// Protocol Buffers wire format, reading only: the fields of a message one after the other, without holding the message.
import { FileFormatError } from "./file-format-error.ts";

/** Bytes that are read by place: a file larger than memory, or an array. */
export interface ByteSource {
  readonly numBytes: number;
  /** The bytes from `start` to before `end`. The array may be overwritten by the next call. */
  read(start: number, end: number): Uint8Array;
}

/** A stretch of a source that holds one message; `where` names it in errors. */
export interface ProtoMessage {
  readonly source: ByteSource;
  readonly start: number;
  readonly end: number;
  readonly where: string;
}

/** One field. A varint, fixed32 or fixed64 field has its bits in `value`; a field of bytes, text or a message lies from `start` to before `end`. */
export interface ProtoField {
  readonly number: number;
  readonly kind: "varint" | "fixed64" | "bytes" | "fixed32";
  readonly value: bigint;
  readonly start: number;
  readonly end: number;
}

const LONGEST_VARINT = 10;

/** A whole source as one message. */
export function protoMessage(source: ByteSource, where: string): ProtoMessage {
  return { source, start: 0, end: source.numBytes, where };
}

/** An array as a source. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { numBytes: bytes.length, read: (start, end) => bytes.subarray(start, end) };
}

/** The fields of a message in the order in which they stand. Throws FileFormatError where they are cut short or of no known kind. */
export function* protoFields(message: ProtoMessage): Generator<ProtoField> {
  const { where, end } = message;
  let place = message.start;
  while (place < end) {
    const tag = varintAt(message, place);
    const [number, wireType] = [Number(tag.value >> 3n), Number(tag.value & 7n)];
    if (number < 1 || number > 2 ** 29 - 1)
      throw new FileFormatError(`${where}: byte ${place}: expected a field number from 1 to 536870911, got ${tag.value >> 3n}.`);
    const field = { number, ...fieldAt(message, tag.end, wireType) };
    yield field;
    place = field.end;
  }
}

function fieldAt(message: ProtoMessage, start: number, wireType: number): Omit<ProtoField, "number"> {
  if (wireType === 0) return { kind: "varint", ...varintAt(message, start), start };
  if (wireType === 1) return { kind: "fixed64", value: fixedAt(message, start, 8), start, end: start + 8 };
  if (wireType === 5) return { kind: "fixed32", value: fixedAt(message, start, 4), start, end: start + 4 };
  if (wireType !== 2)
    throw new FileFormatError(`${message.where}: byte ${start}: expected wire type 0, 1, 2 or 5, got ${wireType}.`);
  const length = varintAt(message, start);
  expectInside(message, length.end, length.value);
  return { kind: "bytes", value: 0n, start: length.end, end: length.end + Number(length.value) };
}

function varintAt(message: ProtoMessage, start: number): { readonly value: bigint; readonly end: number } {
  const bytes = message.source.read(start, Math.min(start + LONGEST_VARINT, message.end));
  let value = 0n;
  for (const [index, byte] of bytes.entries()) {
    value |= BigInt(byte & 127) << BigInt(7 * index);
    if (byte < 128) return { value: BigInt.asUintN(64, value), end: start + index + 1 };
  }
  throw new FileFormatError(
    `${message.where}: byte ${start}: expected a whole number of at most ${LONGEST_VARINT} bytes before byte ${message.end}, got none. ` +
      "The file is cut short or damaged.",
  );
}

function fixedAt(message: ProtoMessage, start: number, length: 4 | 8): bigint {
  expectInside(message, start, BigInt(length));
  const bytes = message.source.read(start, start + length);
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function expectInside({ where, end }: ProtoMessage, start: number, length: bigint): void {
  if (BigInt(start) + length <= BigInt(end)) return;
  throw new FileFormatError(
    `${where}: byte ${start}: expected at most ${end - start} bytes, which are left, got a field of ${length}. The file is cut short or damaged.`,
  );
}

/** A field that is a message itself. Throws FileFormatError where it is not. */
export function messageOf(parent: ProtoMessage, field: ProtoField, where: string): ProtoMessage {
  expectKind(parent, field, "bytes");
  return { source: parent.source, start: field.start, end: field.end, where };
}

/** The text of a field. Throws FileFormatError where it is none, no UTF-8, or longer than `mostBytes`. */
export function textOf(parent: ProtoMessage, field: ProtoField, mostBytes = 2 ** 16): string {
  expectKind(parent, field, "bytes");
  const length = field.end - field.start;
  if (length > mostBytes)
    throw new FileFormatError(
      `${parent.where}: field ${field.number}: expected text of at most ${mostBytes} bytes, got ${length}.`,
    );
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(parent.source.read(field.start, field.end));
  } catch {
    throw new FileFormatError(`${parent.where}: field ${field.number}: expected UTF-8 text, got other bytes.`);
  }
}

/** The whole number of a field, signed as int64 is. Throws FileFormatError where it is none. */
export function integerOf(parent: ProtoMessage, field: ProtoField): bigint {
  expectKind(parent, field, "varint");
  return BigInt.asIntN(64, field.value);
}

/** The whole numbers of a repeated field, which come one a field or packed. */
export function integersOf(parent: ProtoMessage, field: ProtoField): readonly bigint[] {
  if (field.kind === "varint") return [integerOf(parent, field)];
  expectKind(parent, field, "bytes");
  const packed = { ...parent, start: field.start, end: field.end };
  const values: bigint[] = [];
  for (let place = field.start; place < field.end; ) {
    const { value, end } = varintAt(packed, place);
    values.push(BigInt.asIntN(64, value));
    place = end;
  }
  return values;
}

function expectKind({ where }: ProtoMessage, { number, kind }: ProtoField, expected: ProtoField["kind"]): void {
  if (kind !== expected) throw new FileFormatError(`${where}: field ${number}: expected ${expected}, got ${kind}.`);
}
