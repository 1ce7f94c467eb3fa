// A FITS file that is open for readings, gzip-compressed or not, and one class for whatever is wrong with it.
import { FileFormatError } from "#base/files";
import { FileError, openFile } from "#base/files/disk";
import type { FileFacts, Reading } from "../byte-reading.ts";
import { FitsError } from "../fits-error.ts";
import { GzipStream, isGzipFile, unpackedSource } from "./gzip-file.ts";
import { loadReading, plainSource, runReading } from "./plain-file.ts";

/** Makes a reading of a file. */
export type ReadingOf<Value> = (file: FileFacts) => Reading<Value>;

/** Runs a reading over a file at once; a gzip-compressed one is unpacked into memory. Throws FitsError. */
export function readFits<Value>(path: string, readingOf: ReadingOf<Value>): Value {
  try {
    const file = openFile(path);
    try {
      requireBytes(path, file.numBytes);
      const source = isGzipFile(file) ? unpackedSource(path) : plainSource(path, file);
      return runReading(readingOf(source), source);
    } finally {
      file.close();
    }
  } catch (error) {
    throw asFitsError(path, error);
  }
}

/** As `readFits`, reading ahead; a gzip-compressed file is unpacked as a stream and never held whole. */
export async function loadFits<Value>(path: string, readingOf: ReadingOf<Value>): Promise<Value> {
  try {
    const file = openFile(path);
    try {
      requireBytes(path, file.numBytes);
      if (!isGzipFile(file)) {
        const source = plainSource(path, file);
        return await loadReading(readingOf(source), source);
      }
      const stream = new GzipStream(path, file);
      try {
        return await loadReading(readingOf(stream), stream);
      } finally {
        stream.close();
      }
    } finally {
      file.close();
    }
  } catch (error) {
    throw asFitsError(path, error);
  }
}

function requireBytes(path: string, numBytes: number): void {
  if (numBytes > 0) return;
  throw new FitsError(`${path}: the file is empty: expected a FITS file, got 0 bytes. The download may have failed.`, {
    file: path,
    byte: 0,
  });
}

/** Whatever is wrong with the file, callers catch one class. */
function asFitsError(path: string, error: unknown): unknown {
  if (error instanceof FitsError && error.file === undefined) return new FitsError(error.message, { file: path, cause: error });
  if (!(error instanceof FileError || error instanceof FileFormatError)) return error;
  return new FitsError(error.message, { file: path, cause: error });
}
