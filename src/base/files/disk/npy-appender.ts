// .npy files that several processes, one after another, append rows to.
import { closeSync, fsync, ftruncateSync, openSync, statSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { BYTES_PER_ELEMENT, type DType, sizeOf, type TypedData } from "#base/array";
import { formatNpyHeader } from "../npy.ts";
import type { Durability } from "./atomic-file.ts";
import { writeFailure } from "./file-error.ts";

const syncFile = promisify(fsync);

/** What the rows of a file are. */
export interface NpyRowForm<D extends DType> {
  readonly dtype: D;
  readonly rowShape: readonly number[];
}

/** Appends to [N, ...rowShape]. The header tells N only after `finish`. Every failure is thrown as FileError. */
export class NpyAppender<D extends DType = DType> {
  readonly #path: string;
  readonly #form: NpyRowForm<D>;
  readonly #descriptor: number;
  readonly #headerBytes: number;
  #numRows: number;
  #isOpen = true;

  /** Opens the file, or makes it, and keeps its first `numRows` rows. Throws RangeError where it has fewer. */
  constructor(path: string, form: NpyRowForm<D>, numRows: number) {
    this.#path = path;
    this.#form = form;
    this.#numRows = numRows;
    const header = formatNpyHeader(form.dtype, [0, ...form.rowShape]);
    this.#headerBytes = header.length;
    const numBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (numRows > 0 && numBytes < this.#offset(numRows))
      throw new RangeError(`${path}: expected ${numRows} rows or more, got ${numBytes} bytes.`);
    this.#descriptor = this.#attempt(() => openSync(path, numRows > 0 ? "r+" : "w+"));
    this.#attempt(() => {
      if (numRows === 0) writeSync(this.#descriptor, header, 0, header.length, 0);
      else ftruncateSync(this.#descriptor, this.#offset(numRows));
    });
  }

  get numRows(): number {
    return this.#numRows;
  }

  /** Appends one row, [...rowShape]. Throws RangeError for a row of another length. */
  append(row: TypedData<D>): void {
    const length = sizeOf(this.#form.rowShape);
    if (row.length !== length) throw new RangeError(`${this.#path}: expected a row of ${length} elements, got ${row.length}.`);
    const bytes = new Uint8Array(row.buffer, row.byteOffset, row.byteLength);
    this.#write(bytes, this.#offset(this.#numRows));
    this.#numRows += 1;
  }

  /** Resolves when all rows of now are on the disk. */
  async sync(): Promise<void> {
    try {
      await syncFile(this.#descriptor);
    } catch (cause) {
      throw writeFailure(this.#path, this.#offset(this.#numRows), cause);
    }
  }

  /** Writes the header of all rows and closes the file. Returns the array's shape. */
  async finish(durability: Durability = "fsync"): Promise<readonly number[]> {
    const shape = [this.#numRows, ...this.#form.rowShape];
    this.#write(formatNpyHeader(this.#form.dtype, shape), 0);
    if (durability === "fsync") await this.sync();
    this.close();
    return shape;
  }

  /** May be called again. */
  close(): void {
    if (this.#isOpen) closeSync(this.#descriptor);
    this.#isOpen = false;
  }

  #offset(numRows: number): number {
    return this.#headerBytes + numRows * sizeOf(this.#form.rowShape) * BYTES_PER_ELEMENT[this.#form.dtype];
  }

  #write(bytes: Uint8Array, position: number): void {
    this.#attempt(() => {
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, position + done);
    });
  }

  #attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (cause) {
      throw writeFailure(this.#path, this.#numRows === 0 ? 0 : this.#offset(this.#numRows), cause);
    }
  }
}
