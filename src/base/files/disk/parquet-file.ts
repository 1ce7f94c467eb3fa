// Parquet files larger than memory: written and read a group of rows at a time.
import { constants } from "node:buffer";
import { FileFormatError } from "../file-format-error.ts";
import type { ParquetColumn } from "../parquet/columns.ts";
import { ParquetPieces } from "../parquet/format.ts";
import { type ParquetGroups, parquetGroups } from "../parquet/parse.ts";
import { AtomicFile, type Durability } from "./atomic-file.ts";
import { openFile } from "./reading.ts";

/** A Parquet file that is written a group of rows at a time. It has its name only after `close`. */
export class ParquetRowWriter {
  readonly #file: AtomicFile;
  readonly #pieces: ParquetPieces;

  constructor(path: string, metadata: Readonly<Record<string, string>> = {}, durability: Durability = "fsync") {
    this.#file = new AtomicFile(path, durability);
    this.#pieces = new ParquetPieces(metadata);
  }

  /** Appends rows as one group. Throws FileError, and FileFormatError for columns other than before. */
  append(columns: readonly ParquetColumn[]): void {
    this.#file.write(this.#pieces.rows(columns));
  }

  /** Finishes the file and gives it its name. */
  close(): void {
    this.#file.write(this.#pieces.end());
    this.#file.commit();
  }

  /** Removes the unfinished file. */
  abort(): void {
    this.#file.abort();
  }
}

/** Opens a Parquet file for reading by groups. Throws FileError and FileFormatError. */
export async function openParquet(path: string): Promise<ParquetGroups & { close(): void }> {
  const file = openFile(path);
  try {
    const slice = async (start: number, end = file.numBytes) => {
      requirePart(path, end - start);
      const bytes = new Uint8Array(Math.max(0, end - start));
      await file.load(bytes, start);
      return bytes.buffer;
    };
    return { ...(await parquetGroups({ byteLength: file.numBytes, slice }, path)), close: file.close };
  } catch (error) {
    file.close();
    throw error;
  }
}

function requirePart(path: string, numBytes: number): void {
  if (numBytes <= constants.MAX_LENGTH) return;
  throw new FileFormatError(
    `${path}: expected columns of at most ${constants.MAX_LENGTH} bytes in a group of rows, got ${numBytes}. Write it in smaller row groups.`,
  );
}
