// Whole and partial reads, with errors that name the file.
import { constants } from "node:buffer";
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { FileFormatError } from "../file-format-error.ts";
import { readFailure } from "./file-error.ts";

/** Linux reads at most 2 GiB a call. */
const MAX_READ_BYTES = 2 ** 30;
const HASH_CHUNK_BYTES = 2 ** 20;

/** An open file that is read by position. */
export interface OpenFile {
  readonly numBytes: number;
  /** Fills `target` from byte `position` on. Throws FileFormatError where the file ends before. */
  readInto(target: Uint8Array, position: number): void;
  /** As `readInto`, while the caller does something else. The file must stay open until then. */
  load(target: Uint8Array, position: number): Promise<void>;
  close(): void;
}

/** Opens a file for positional reads. Throws FileError. */
export function openFile(path: string): OpenFile {
  const { descriptor, numBytes } = open(path);
  const part = (target: Uint8Array, done: number) => target.subarray(done, done + MAX_READ_BYTES);
  const next = (target: Uint8Array, position: number, done: number, count: number) => {
    if (count > 0) return done + count;
    throw new FileFormatError(
      `${path}: expected ${target.length} bytes from byte ${position}, got ${done}. The file is cut short.`,
    );
  };
  const readInto = (target: Uint8Array, position: number) => {
    for (let done = 0; done < target.length; ) {
      done = next(target, position, done, readSome(path, descriptor, part(target, done), position + done));
    }
  };
  const load = async (target: Uint8Array, position: number) => {
    for (let done = 0; done < target.length; ) {
      done = next(target, position, done, await loadSome(path, descriptor, part(target, done), position + done));
    }
  };
  return { numBytes, readInto, load, close: () => closeSync(descriptor) };
}

function open(path: string): { readonly descriptor: number; readonly numBytes: number } {
  try {
    const descriptor = openSync(path, "r");
    return { descriptor, numBytes: fstatSync(descriptor).size };
  } catch (cause) {
    throw readFailure(path, cause);
  }
}

function readSome(path: string, descriptor: number, target: Uint8Array, position: number): number {
  try {
    return readSync(descriptor, target, 0, target.length, position);
  } catch (cause) {
    throw readFailure(path, cause);
  }
}

const readAsync = promisify(read);

async function loadSome(path: string, descriptor: number, target: Uint8Array, position: number): Promise<number> {
  try {
    const { bytesRead } = await readAsync(descriptor, target, 0, target.length, position);
    return bytesRead;
  } catch (cause) {
    throw readFailure(path, cause);
  }
}

/** The first bytes of a file, fewer where it has fewer: enough to tell its kind. Throws FileError. */
export function firstBytes(path: string, length: number): Uint8Array {
  const file = openFile(path);
  try {
    const bytes = new Uint8Array(Math.min(length, file.numBytes));
    file.readInto(bytes, 0);
    return bytes;
  } finally {
    file.close();
  }
}

/** All bytes of a file. Throws FileError, and FileFormatError for more than one array holds. */
export function readBytes(path: string): Uint8Array {
  const file = openFile(path);
  try {
    requireRoom(path, file.numBytes);
    const bytes = new Uint8Array(file.numBytes);
    file.readInto(bytes, 0);
    return bytes;
  } finally {
    file.close();
  }
}

/** Throws FileFormatError for a file of more bytes than one array holds: 4 GiB in Node 20. */
export function requireRoom(path: string, numBytes: number): void {
  if (numBytes <= constants.MAX_LENGTH) return;
  throw new FileFormatError(
    `${path}: expected at most ${constants.MAX_LENGTH} bytes in a file that is read whole, got ${numBytes}. Split it into smaller files.`,
  );
}

/** The text of a UTF-8 file. Throws FileError, and FileFormatError for more than one string holds. */
export function readText(path: string): string {
  return textOf(readBytes(path), path);
}

/** UTF-8 bytes as text. Throws FileFormatError, naming `where`, for more than one string holds: 512 Mi characters in Node 20. */
export function textOf(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder().decode(bytes);
  } catch (cause) {
    throw new FileFormatError(
      `${where}: expected text of at most ${constants.MAX_STRING_LENGTH} characters, got ${bytes.length} bytes. Split it into smaller files.`,
      { cause },
    );
  }
}

/** More bytes than this at once a hash refuses: their number is a C int. */
const MOST_HASHED_BYTES = 2 ** 30;

/** SHA-256 of bytes, in hexadecimal. */
export function sha256Of(content: Uint8Array | string): string {
  if (typeof content === "string") return createHash("sha256").update(content).digest("hex");
  const hash = createHash("sha256");
  for (let start = 0; start < content.length; start += MOST_HASHED_BYTES)
    hash.update(content.subarray(start, start + MOST_HASHED_BYTES));
  return hash.digest("hex");
}

/** SHA-256 of a file's bytes, in hexadecimal, without holding them all. Throws FileError. */
export function sha256OfFile(path: string): string {
  const file = openFile(path);
  try {
    const hash = createHash("sha256");
    const chunk = new Uint8Array(HASH_CHUNK_BYTES);
    for (let position = 0; position < file.numBytes; position += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, file.numBytes - position));
      file.readInto(part, position);
      hash.update(part);
    }
    return hash.digest("hex");
  } finally {
    file.close();
  }
}
