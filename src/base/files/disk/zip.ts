// Zip archives by entry and position (PKWARE APPNOTE 6.3.9, sections 4.3 and 4.4). docs/decisions/zip.md says why not a library's.
import { inflateRawSync } from "node:zlib";
import { FileFormatError } from "../file-format-error.ts";
import { type OpenFile, openFile } from "./reading.ts";

export interface ZipEntry {
  readonly name: string;
  /** Bytes when unpacked, as the archive declares. */
  readonly numBytes: number;
}

export interface ZipArchive {
  readonly entries: readonly ZipEntry[];
  /** The bytes of an entry. Throws FileFormatError where there is none of the name, or its bytes are not what the archive declares. */
  read(name: string): Uint8Array;
  close(): void;
}

interface Located extends ZipEntry {
  readonly compressedBytes: number;
  readonly isDeflated: boolean;
  /** Where its own header begins. */
  readonly headerStart: number;
}

/** Deflate packs at most so many bytes into one; what declares more is no archive but a bomb. */
const GREATEST_RATIO = 1032;
/** Entries above this must not shrink to less than a hundredth: no picture or weight does. */
const LARGE_ENTRY_BYTES = 64 * 2 ** 20;
const GREATEST_LARGE_RATIO = 100;

const LOCAL_HEADER = { signature: 0x04034b50, numBytes: 30 };
const DIRECTORY_ENTRY = { signature: 0x02014b50, numBytes: 46 };
const DIRECTORY_END = { signature: 0x06054b50, numBytes: 22 };
const ZIP64_LOCATOR = { signature: 0x07064b50, numBytes: 20 };
const ZIP64_END = { signature: 0x06064b50, numBytes: 56 };
const LONGEST_COMMENT = 0xffff;
/** Fields that hold this have their value in the zip64 extra field. */
const ELSEWHERE = 0xffffffff;

/** Opens a zip archive. Folders are left out. Throws FileError, and FileFormatError where it is not one or uses anything but deflate. */
export function openZip(path: string): ZipArchive {
  const file = openFile(path);
  try {
    const located = directoryOf(file, path).filter(({ name }) => !name.endsWith("/"));
    const entries = new Map(located.map((entry) => [entry.name, entry]));
    const read = (name: string) => {
      const entry = entries.get(name);
      if (!entry) throw new FileFormatError(`${path}: expected an entry "${name}", got none among ${entries.size}.`);
      return entryBytes(file, entry, path);
    };
    return { entries: located, read, close: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Bytes of a file, checked against its length first. */
function readAt(file: OpenFile, start: number, numBytes: number, what: string, path: string): DataView {
  const fits = Number.isSafeInteger(start) && start >= 0 && numBytes <= file.numBytes - start;
  if (!fits) throw malformed(path, `expected ${what} of ${numBytes} bytes at byte ${start}, got a file of ${file.numBytes}`);
  const bytes = new Uint8Array(numBytes);
  file.readInto(bytes, start);
  return new DataView(bytes.buffer);
}

interface Directory {
  readonly start: number;
  readonly numBytes: number;
  readonly numEntries: number;
}

/** From the record at the archive's end, or the zip64 one that it points back to. */
function findDirectory(file: OpenFile, path: string): Directory {
  const tailStart = Math.max(0, file.numBytes - DIRECTORY_END.numBytes - LONGEST_COMMENT);
  const tail = readAt(file, tailStart, file.numBytes - tailStart, "the end", path);
  for (let at = tail.byteLength - DIRECTORY_END.numBytes; at >= 0; at--) {
    if (tail.getUint32(at, true) !== DIRECTORY_END.signature) continue;
    const end = {
      numEntries: tail.getUint16(at + 10, true),
      numBytes: tail.getUint32(at + 12, true),
      start: tail.getUint32(at + 16, true),
    };
    return zip64Directory(file, tailStart + at, path) ?? end;
  }
  throw malformed(path, "expected a directory at its end, got none; it may be cut short");
}

function zip64Directory(file: OpenFile, endStart: number, path: string): Directory | undefined {
  const locatorStart = endStart - ZIP64_LOCATOR.numBytes;
  if (locatorStart < 0) return undefined;
  const locator = readAt(file, locatorStart, ZIP64_LOCATOR.numBytes, "the zip64 locator", path);
  if (locator.getUint32(0, true) !== ZIP64_LOCATOR.signature) return undefined;
  const end = readAt(file, Number(locator.getBigUint64(8, true)), ZIP64_END.numBytes, "the zip64 directory record", path);
  if (end.getUint32(0, true) !== ZIP64_END.signature) throw malformed(path, "its zip64 directory record is not one");
  const at = (offset: number) => Number(end.getBigUint64(offset, true));
  return { numEntries: at(32), numBytes: at(40), start: at(48) };
}

function directoryOf(file: OpenFile, path: string): Located[] {
  const { start, numBytes, numEntries } = findDirectory(file, path);
  const directory = readAt(file, start, numBytes, "a directory", path);
  const located: Located[] = [];
  let at = 0;
  for (let index = 0; index < numEntries; index++) {
    const isEntry = at + DIRECTORY_ENTRY.numBytes <= numBytes && directory.getUint32(at, true) === DIRECTORY_ENTRY.signature;
    if (!isEntry) throw malformed(path, `expected ${numEntries} entries in its directory, got ${index}`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => directory.getUint16(at + offset, true)) as [
      number,
      number,
      number,
    ]; // as many as were asked for
    const end = at + DIRECTORY_ENTRY.numBytes + nameLength + extraLength + commentLength;
    if (end > numBytes) throw malformed(path, `entry ${index} of its directory is cut short`);
    located.push(directoryEntry(directory, at, { nameLength, extraLength }, path));
    at = end;
  }
  return located;
}

function directoryEntry(
  directory: DataView,
  at: number,
  { nameLength, extraLength }: { readonly nameLength: number; readonly extraLength: number },
  path: string,
): Located {
  const nameStart = directory.byteOffset + at + DIRECTORY_ENTRY.numBytes;
  const name = new TextDecoder().decode(new Uint8Array(directory.buffer, nameStart, nameLength));
  const wide = zip64Values(new DataView(directory.buffer, nameStart + nameLength, extraLength));
  // The order is the extra field's own: unpacked bytes, packed bytes, place.
  const [numBytes, compressedBytes, headerStart] = [24, 20, 42].map((offset) => {
    const value = directory.getUint32(at + offset, true);
    return value === ELSEWHERE ? (wide.shift() ?? value) : value;
  }) as [number, number, number]; // as many as were asked for
  const method = directory.getUint16(at + 10, true);
  const isEncrypted = (directory.getUint16(at + 8, true) & 1) === 1;
  const where = `${path}: "${name}"`;
  if (isEncrypted || (method !== 0 && method !== 8)) {
    const got = isEncrypted ? "encrypted" : `by compression method ${method}`;
    throw new FileFormatError(`${where}: expected it stored or deflated, got it ${got}.`);
  }
  const ratio = numBytes > LARGE_ENTRY_BYTES ? GREATEST_LARGE_RATIO : GREATEST_RATIO;
  if (method === 8 ? numBytes > ratio * compressedBytes + 64 : numBytes !== compressedBytes) {
    throw new FileFormatError(`${where}: ${compressedBytes} bytes cannot become the ${numBytes} that it declares.`);
  }
  return { name, numBytes, compressedBytes, isDeflated: method === 8, headerStart };
}

/** The 64-bit values of extra field 1 (section 4.5.3); none where there is no such field. */
function zip64Values(extra: DataView): number[] {
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const [id, size] = [extra.getUint16(at, true), extra.getUint16(at + 2, true)];
    const end = Math.min(at + 4 + size, extra.byteLength);
    if (id === 1) {
      const count = Math.floor((end - at - 4) / 8);
      return Array.from({ length: count }, (_, index) => Number(extra.getBigUint64(at + 4 + 8 * index, true)));
    }
    at = end;
  }
  return [];
}

function entryBytes(file: OpenFile, entry: Located, path: string): Uint8Array {
  const where = `"${entry.name}"`;
  const header = readAt(file, entry.headerStart, LOCAL_HEADER.numBytes, `the header of ${where}`, path);
  if (header.getUint32(0, true) !== LOCAL_HEADER.signature) throw malformed(path, `${where} has no header of its own`);
  const start = entry.headerStart + LOCAL_HEADER.numBytes + header.getUint16(26, true) + header.getUint16(28, true);
  const packed = new Uint8Array(readAt(file, start, entry.compressedBytes, where, path).buffer);
  return entry.isDeflated ? inflated(packed, entry, path) : packed;
}

function inflated(packed: Uint8Array, { name, numBytes }: Located, path: string): Uint8Array {
  try {
    const bytes = inflateRawSync(packed, { maxOutputLength: Math.max(numBytes, 1) });
    if (bytes.length === numBytes) return bytes;
    throw new RangeError(`got ${bytes.length}`);
  } catch (cause) {
    const reason = (cause as Error).message; // zlib throws Errors
    throw new FileFormatError(`${path}: "${name}": expected ${numBytes} bytes of deflated data: ${reason}.`, { cause });
  }
}

function malformed(path: string, what: string): FileFormatError {
  return new FileFormatError(`${path}: it is not a zip archive that can be read: ${what}.`);
}
