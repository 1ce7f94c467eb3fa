// What the crops of each field show, on disk until the owners of all sources are known: a survey's would fill the memory.
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { readFailure, writeFailure } from "#base/files/disk";
import type { ShownNumbers } from "../source-ledger.ts";

/** A file of one process alone: what an earlier one has left in it is written over. It is there once something was added. */
export class ShownFile {
  readonly #path: string;
  #descriptor: number | undefined;
  /** Where each field's numbers end, in bytes. */
  readonly #ends: number[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Appends the numbers of the next field. Throws FileError. */
  add(shown: ShownNumbers): void {
    const start = this.#ends.at(-1) ?? 0;
    const bytes = new Uint8Array(shown.buffer, shown.byteOffset, shown.byteLength);
    try {
      this.#descriptor ??= openSync(this.#path, "w+");
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, start + done);
    } catch (cause) {
      throw writeFailure(this.#path, start, cause);
    }
    this.#ends.push(start + bytes.length);
  }

  /** The numbers of the field of this index. Throws FileError. */
  read(field: number): ShownNumbers {
    const [start, end] = [this.#ends[field - 1] ?? 0, this.#ends[field]];
    if (this.#descriptor === undefined || end === undefined)
      throw new Error(`internal: shown file: field ${field} was not added.`);
    const bytes = new Uint8Array(end - start);
    try {
      for (let done = 0; done < bytes.length; ) {
        const numRead = readSync(this.#descriptor, bytes, done, bytes.length - done, start + done);
        if (numRead === 0) throw new Error(`ends at byte ${start + done}`);
        done += numRead;
      }
    } catch (cause) {
      throw readFailure(this.#path, cause);
    }
    return new Float64Array(bytes.buffer);
  }

  /** Closes the file and removes it. */
  remove(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    rmSync(this.#path, { force: true });
  }
}
