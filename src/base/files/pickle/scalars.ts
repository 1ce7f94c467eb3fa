// Text and numbers inside a pickle, as its opcodes give them.
import type { ByteReader } from "./byte-reader.ts";

/** Python's whole numbers have any length; none that a file of numbers holds has more bytes than this. */
const LONGEST_INTEGER = 64;

/** UTF-8. */
export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A little-endian whole number of any length, in two's complement. */
export function integer(reader: ByteReader, length: number): number | bigint {
  if (length > LONGEST_INTEGER) throw reader.error(`expected a whole number of at most ${LONGEST_INTEGER} bytes, got ${length}`);
  const digits = [...reader.bytes(length)].reverse().map((byte) => byte.toString(16).padStart(2, "0"));
  const value = BigInt.asIntN(8 * length, BigInt(`0x${digits.join("") || "0"}`));
  return narrowed(value);
}

function narrowed(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** A line of protocol 0: a whole number, or Python's way to write False and True there. */
export function decimal(reader: ByteReader, line: string): number | bigint | boolean {
  if (line === "00") return false;
  if (line === "01") return true;
  if (!/^-?\d{1,150}L?$/.test(line)) throw reader.error(`expected a whole number, got "${line.slice(0, 40)}"`);
  return narrowed(BigInt(line.replace("L", "")));
}

/** Protocol 0's strings are Python literals; only plain ones and simple escapes are read. */
export function quoted(reader: ByteReader, line: string): string {
  const body = /^(['"])(.*)\1$/.exec(line)?.[2];
  if (body === undefined) throw reader.error(`expected a string in quotes, got "${line.slice(0, 40)}"`);
  return body.replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_, escaped: string) => {
    if (escaped.startsWith("x") && escaped.length === 3) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return { n: "\n", r: "\r", t: "\t" }[escaped] ?? escaped;
  });
}
