// Small FITS files made in code, byte by byte, by nothing of the code under test.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** A folder for one test file's data, removed after its tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "suricate-fits-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A header block from card texts: padded to 80 characters each, END and blocks added. */
export function headerBlock(cards: readonly string[]): Buffer {
  const text = [...cards, "END"].map((card) => card.padEnd(80).slice(0, 80)).join("");
  return Buffer.from(text.padEnd(Math.ceil(text.length / 2880) * 2880), "latin1");
}

/** The structural cards of an image, then `more`. `axes` is NAXIS1 first. */
export function imageCards(bitpix: number, axes: readonly number[], more: readonly string[] = []): readonly string[] {
  const numbers = axes.map((size, index) => `NAXIS${index + 1}  = ${size}`);
  return ["SIMPLE  =                    T", `BITPIX  = ${bitpix}`, `NAXIS   = ${axes.length}`, ...numbers, ...more];
}

/** Bytes padded with zeros to whole blocks. */
export function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((2880 - (bytes.length % 2880)) % 2880)]);
}

/** Big-endian floats. */
export function bigEndianFloats(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => void bytes.writeFloatBE(value, index * 4));
  return bytes;
}

/** Write a file of some parts into a folder; gives its path. */
export function writeParts(folder: string, name: string, ...parts: readonly Uint8Array[]): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}
