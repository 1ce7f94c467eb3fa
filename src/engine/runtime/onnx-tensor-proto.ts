// A tensor in an ONNX model (TensorProto): whether its bytes are as many as its shape says, and where they lie.
import { FileFormatError, integerOf, integersOf, messageOf, type ProtoMessage, protoFields, textOf } from "#base/files";

/** Weights in another file beside the model. */
export interface ExternalData {
  readonly tensor: string;
  /** Path from the model's folder, as it is written in the model. */
  readonly location: string;
  readonly offset: number;
  readonly numBytes: number;
}

/** Bits of an element by TensorProto.DataType; undefined for text and what is unknown. */
const BITS: Readonly<Record<number, number>> = {
  ...{ 1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128 },
  // bfloat16, four kinds of float8, uint4, int4, float4.
  ...{ 16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4 },
};
const COMPLEX: ReadonlySet<number> = new Set([14, 15]);
const TEXT = 8;
const EXTERNAL = 1n;

/** A tensor's size limit: what 2^53 bytes can hold. */
const MOST_BYTES = BigInt(Number.MAX_SAFE_INTEGER);

/** Data fields that hold numbers one by one, with the bits of an entry where it is fixed: float_data, double_data. */
const FIXED_BITS: Readonly<Record<number, number>> = { 4: 32, 10: 64 };

/** Reads a TensorProto without its numbers. Throws FileFormatError where its bytes are not as many as its shape asks for. */
export function tensorOf(message: ProtoMessage): {
  readonly name: string;
  readonly numElements: number;
  readonly external: ExternalData | undefined;
} {
  const dims: bigint[] = [];
  const notes = new Map<string, string>();
  let [type, name, isExternal] = [0, "", false];
  let rawBytes: number | undefined;
  let numListed = 0;
  for (const field of protoFields(message)) {
    const { number } = field;
    if (number === 1) dims.push(...integersOf(message, field));
    else if (number === 2) type = Number(integerOf(message, field));
    else if (number === 8) name = textOf(message, field);
    else if (number === 9) rawBytes = field.end - field.start;
    else if (number === 13) addNote(messageOf(message, field, `${message.where}: external_data`), notes);
    else if (number === 14) isExternal = integerOf(message, field) === EXTERNAL;
    else if (number === 5 || number === 7 || number === 11) numListed += integersOf(message, field).length;
    else if (FIXED_BITS[number] !== undefined) numListed += ((field.end - field.start) * 8) / FIXED_BITS[number];
    else if (number === 6) numListed += 1;
    if (dims.length > 64) throw new FileFormatError(`${message.where}: expected at most 64 axes, got more.`);
  }
  const where = name === "" ? message.where : `${message.where} ("${name.slice(0, 80)}")`;
  const numElements = elementsOf(dims, where);
  const numBytes = bytesOfElements(numElements, type, where);
  const known = { name, numElements: Number(numElements) };
  if (isExternal) return { ...known, external: externalOf(notes, { where, name, numBytes }) };
  if (rawBytes !== undefined && type !== TEXT) expectBytes(rawBytes, numBytes, dims, where);
  else expectListed(numListed, numElements, type, where);
  return { ...known, external: undefined };
}

function elementsOf(dims: readonly bigint[], where: string): bigint {
  const negative = dims.find((size) => size < 0n);
  if (negative !== undefined) throw new FileFormatError(`${where}: expected sizes of 0 or more, got ${negative}.`);
  return dims.reduce((product, size) => product * size, 1n);
}

function bytesOfElements(numElements: bigint, type: number, where: string): bigint {
  const bits = type === TEXT ? 8 : BITS[type];
  if (bits === undefined) throw new FileFormatError(`${where}: expected an element type that ONNX has, got ${type}.`);
  const numBytes = (numElements * BigInt(bits) + 7n) / 8n;
  if (numBytes <= MOST_BYTES) return numBytes;
  throw new FileFormatError(`${where}: expected a tensor that a computer can hold, got ${numElements} elements.`);
}

function expectBytes(got: number, expected: bigint, dims: readonly bigint[], where: string): void {
  if (BigInt(got) === expected) return;
  throw new FileFormatError(`${where}: expected ${expected} bytes for [${dims.join(", ")}], got ${got}.`);
}

/** Complex numbers are listed in two halves, numbers of four bits in pairs. */
function expectListed(got: number, numElements: bigint, type: number, where: string): void {
  const expected = BITS[type] === 4 ? (numElements + 1n) / 2n : numElements * (COMPLEX.has(type) ? 2n : 1n);
  if (BigInt(got) !== expected) throw new FileFormatError(`${where}: expected ${expected} listed values, got ${got}.`);
}

/** StringStringEntryProto. */
function addNote(message: ProtoMessage, notes: Map<string, string>): void {
  let [key, value] = ["", ""];
  for (const field of protoFields(message)) {
    if (field.number === 1) key = textOf(message, field);
    else if (field.number === 2) value = textOf(message, field);
  }
  notes.set(key, value);
}

interface ExternalTensor {
  readonly where: string;
  readonly name: string;
  readonly numBytes: bigint;
}

function externalOf(notes: ReadonlyMap<string, string>, { where, name, numBytes }: ExternalTensor): ExternalData {
  const location = notes.get("location");
  if (location === undefined || location === "")
    throw new FileFormatError(`${where}: expected the location of its external data, got none.`);
  const offset = wholeNumber(notes.get("offset") ?? "0", `${where}: offset`);
  const length = notes.get("length");
  if (length !== undefined && BigInt(wholeNumber(length, `${where}: length`)) !== numBytes)
    throw new FileFormatError(`${where}: expected ${numBytes} bytes of external data, got a length of ${length}.`);
  return { tensor: name, location, offset, numBytes: Number(numBytes) };
}

function wholeNumber(text: string, where: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new FileFormatError(`${where}: expected a whole number from 0 on, got "${text.slice(0, 40)}".`);
}
