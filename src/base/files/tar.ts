// Tar archives (POSIX ustar and GNU's long names), whole in memory.
import { FileFormatError } from "./file-format-error.ts";

/** A file in an archive. Its bytes are a view into the archive's. */
export interface TarEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;

/** The plain files of an archive, in its order; folders, links and notes are left out. Throws FileFormatError, naming `where`. */
export function parseTar(archive: Uint8Array, where = "tar"): TarEntry[] {
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return entries;
    checkHeader(header, at, where);
    const size = octalIn(header, 124, 12);
    if (Number.isNaN(size)) throw new FileFormatError(`${where}: the tar header at byte ${at} gives no size.`);
    const bytes = archive.subarray(at + BLOCK, at + BLOCK + size);
    const name = longName ?? nameIn(header);
    if (bytes.length < size)
      throw new FileFormatError(`${where}: "${name}": expected ${size} bytes, got ${bytes.length}. The archive is cut short.`);
    const kind = String.fromCharCode(header[156]!);
    if (kind === "0" || kind === "\0") entries.push({ name, bytes });
    longName = kind === "L" ? textIn(bytes, 0, size) : undefined;
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new FileFormatError(
    `${where}: expected an empty block at the archive's end, got none. It is cut short, or no tar archive.`,
  );
}

function checkHeader(header: Uint8Array, at: number, where: string): void {
  // The sum is taken with its own field as blanks.
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  const stated = octalIn(header, 148, 8);
  if (sum !== stated)
    throw new FileFormatError(`${where}: no tar header at byte ${at}: expected checksum ${sum}, got ${stated}.`);
}

function nameIn(header: Uint8Array): string {
  const isUstar = textIn(header, 257, 5) === "ustar" && header[262] === 0;
  const prefix = isUstar ? textIn(header, 345, 155) : "";
  return (prefix === "" ? "" : `${prefix}/`) + textIn(header, 0, 100);
}

/** Text up to the first zero. */
function textIn(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** NaN where there is no octal number: no sum of bytes equals it. */
function octalIn(header: Uint8Array, start: number, length: number): number {
  const text = textIn(header, start, length).trim();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}
