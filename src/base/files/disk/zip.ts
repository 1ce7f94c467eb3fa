// Zip archives by entry: the directory through yauzl, the entries by position.
import { inflateRawSync } from "node:zlib";
import { type Entry, open, type ZipFile } from "yauzl";
import { FileFormatError } from "../file-format-error.ts";
import { openFile } from "./reading.ts";

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

/** Deflate packs at most so many bytes into one; what declares more is no archive but a bomb. */
const GREATEST_RATIO = 1032;
/** Entries above this must not shrink by more than a hundredth: no picture or weight does. */
const LARGE_ENTRY_BYTES = 64 * 2 ** 20;
const GREATEST_LARGE_RATIO = 100;

interface Located extends ZipEntry {
  readonly compressedBytes: number;
  readonly isDeflated: boolean;
  readonly start: number;
}

/** Opens a zip archive. Folders are left out. Throws FileError, and FileFormatError where it is not one or uses anything but deflate. */
export async function openZip(path: string): Promise<ZipArchive> {
  const located = await directoryOf(path);
  const file = openFile(path);
  const entries = new Map(located.map((entry) => [entry.name, entry]));
  return {
    entries: located,
    read(name) {
      const entry = entries.get(name);
      if (!entry) throw new FileFormatError(`${path}: expected an entry "${name}", got none among ${entries.size}.`);
      if (entry.compressedBytes > file.numBytes - entry.start) {
        throw new FileFormatError(
          `${path}: "${name}": expected ${entry.compressedBytes} bytes, got fewer. The file is cut short.`,
        );
      }
      const packed = new Uint8Array(entry.compressedBytes);
      file.readInto(packed, entry.start);
      return entry.isDeflated ? inflated(packed, entry, path) : packed;
    },
    close: () => file.close(),
  };
}

async function directoryOf(path: string): Promise<Located[]> {
  const zip = await opened(path);
  try {
    const located: Located[] = [];
    for await (const entry of entriesOf(zip, path)) {
      if (!entry.fileName.endsWith("/")) located.push(await locatedEntry(zip, entry, path));
    }
    return located;
  } finally {
    zip.close();
  }
}

function opened(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    open(path, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error) reject(malformed(path, error));
      else resolve(zip);
    });
  });
}

async function* entriesOf(zip: ZipFile, path: string): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | undefined>((resolve, reject) => {
      zip.once("entry", resolve);
      zip.once("end", () => resolve(undefined));
      zip.once("error", (error: Error) => reject(malformed(path, error)));
      zip.readEntry();
    });
    zip.removeAllListeners();
    if (!entry) return;
    yield entry;
  }
}

function locatedEntry(zip: ZipFile, entry: Entry, path: string): Promise<Located> {
  const { fileName: name, compressedSize: compressedBytes, uncompressedSize: numBytes, compressionMethod } = entry;
  const isDeflated = compressionMethod === 8;
  const where = `${path}: "${name}"`;
  if (!isDeflated && compressionMethod !== 0) {
    throw new FileFormatError(`${where}: expected it stored or deflated, got compression method ${compressionMethod}.`);
  }
  const ratio = numBytes > LARGE_ENTRY_BYTES ? GREATEST_LARGE_RATIO : GREATEST_RATIO;
  if (isDeflated ? numBytes > ratio * compressedBytes + 64 : numBytes !== compressedBytes) {
    throw new FileFormatError(`${where}: ${compressedBytes} bytes cannot become the ${numBytes} that it declares.`);
  }
  return new Promise<Located>((resolve, reject) => {
    zip.readLocalFileHeader(entry, { minimal: true }, (error, header) => {
      if (error) reject(error);
      else resolve({ name, numBytes, compressedBytes, isDeflated, start: header.fileDataStart });
    });
    // A place that no file can have is thrown, not handed over.
  }).catch((error: Error) => Promise.reject(malformed(path, error)));
}

function inflated(packed: Uint8Array, { name, numBytes }: Located, path: string): Uint8Array {
  try {
    const bytes = inflateRawSync(packed, { maxOutputLength: Math.max(numBytes, 1) });
    if (bytes.length === numBytes) return bytes;
    throw new RangeError(`got ${bytes.length}`);
  } catch (cause) {
    throw new FileFormatError(`${path}: "${name}": expected ${numBytes} bytes of deflated data: ${(cause as Error).message}.`, {
      cause,
    }); // zlib throws Errors
  }
}

function malformed(path: string, cause: Error): FileFormatError {
  return new FileFormatError(`${path}: it is not a zip archive that can be read: ${cause.message.replace(/\.$/, "")}.`, {
    cause,
  });
}
