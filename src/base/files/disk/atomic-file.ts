// Files that appear whole or not at all: a temporary file in the same folder, fsync, rename, fsync of the folder.
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { FileError, writeFailure } from "./file-error.ts";
import { isAlive } from "./lock-file.ts";
import { holdTemporary, isHeldTemporary, releaseTemporary } from "./temporaries.ts";

/** `fsync`: on the disk when the write returns, even if the power fails then. `rename`: whole, but left to the system's own time. */
export type Durability = "fsync" | "rename";

/** Linux writes at most 2 GiB a call. */
const MAX_WRITE_BYTES = 2 ** 30;

let numOpened = 0;

/** A file under a temporary name until `commit`, in a folder that is made if need be. Every failure removes it and throws FileError. */
export class AtomicFile {
  readonly path: string;
  readonly #temporary: string;
  readonly #durability: Durability;
  readonly #descriptor: number;
  #numBytes = 0;
  #isOpen = true;

  constructor(path: string, durability: Durability = "fsync") {
    this.path = path;
    this.#durability = durability;
    this.#temporary = join(dirname(path), `.${basename(path)}.tmp-${process.pid}-${numOpened++}`);
    try {
      mkdirSync(dirname(path), { recursive: true });
      removeStale(path);
      this.#descriptor = openSync(this.#temporary, "wx");
      holdTemporary(this.#temporary);
    } catch (cause) {
      throw writeFailure(path, 0, cause);
    }
  }

  /** Appends bytes. */
  write(bytes: Uint8Array): void {
    this.#writeAt(bytes, this.#numBytes);
    this.#numBytes += bytes.length;
  }

  /** Writes the file's first bytes anew, once what they describe is known. */
  rewriteStart(bytes: Uint8Array): void {
    this.#writeAt(bytes, 0);
  }

  /** Gives the file its name. Nothing may be written after. */
  commit(): void {
    this.#attempt(() => {
      if (this.#durability === "fsync") fsyncSync(this.#descriptor);
      this.#isOpen = false;
      closeSync(this.#descriptor);
      renameSync(this.#temporary, this.path);
      releaseTemporary(this.#temporary);
    });
    if (this.#durability === "fsync") syncFolder(dirname(this.path));
  }

  /** Removes the unfinished file. */
  abort(): void {
    if (this.#isOpen) closeSync(this.#descriptor);
    this.#isOpen = false;
    rmSync(this.#temporary, { force: true });
    releaseTemporary(this.#temporary);
  }

  #writeAt(bytes: Uint8Array, position: number): void {
    this.#attempt(() => {
      for (let done = 0; done < bytes.length; ) {
        const length = Math.min(bytes.length - done, MAX_WRITE_BYTES);
        done += writeSync(this.#descriptor, bytes, done, length, position + done);
      }
    });
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.abort();
      throw writeFailure(this.path, this.#numBytes, cause);
    }
  }
}

/** Clears what processes that were killed left of the same file. */
function removeStale(path: string): void {
  const start = `.${basename(path)}.tmp-`;
  for (const entry of readdirSync(dirname(path))) {
    if (!entry.startsWith(start)) continue;
    const pid = /^(\d+)-\d+$/.exec(entry.slice(start.length))?.[1];
    const temporary = join(dirname(path), entry);
    // In a container an earlier process had this one's number.
    const isInUse = Number(pid) === process.pid ? isHeldTemporary(temporary) : isAlive(Number(pid));
    if (pid !== undefined && !isInUse) rmSync(temporary, { force: true });
  }
}

/** Writes a file whole or not at all. `content` may be a stream of pieces. Throws FileError; then nothing new is there. */
export function writeFileAtomically(
  path: string,
  content: Uint8Array | Iterable<Uint8Array>,
  durability: Durability = "fsync",
): void {
  const file = new AtomicFile(path, durability);
  try {
    for (const bytes of content instanceof Uint8Array ? [content] : content) file.write(bytes);
  } catch (error) {
    file.abort();
    throw error;
  }
  file.commit();
}

/** Finds out before long work whether a file can be written, and changes nothing. Throws FileError. */
export function checkWritable(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory())
    throw new FileError(path, "cannot be written: it is a folder.", undefined);
  let folder = dirname(resolve(path));
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    if (!statSync(folder).isDirectory()) throw new FileError(path, `cannot be written: ${folder} is a file.`, undefined);
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw cause instanceof FileError ? cause : writeFailure(path, 0, cause);
  }
}

/** Brings a folder's names to the disk: without it a renamed file may be lost with the power. */
export function syncFolder(folder: string): void {
  // Windows cannot open a folder.
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
