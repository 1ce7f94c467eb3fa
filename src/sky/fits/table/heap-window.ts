// The heap of a binary table, read in pieces: arrays that follow each other are not read one by one.
import { bytesAt, type Reading } from "../byte-reading.ts";
import { FitsError } from "../fits-error.ts";
import type { HeapSpan } from "./heap.ts";

/** How far is read ahead: twice as far with every piece that follows the one before, and hardly where arrays lie to and fro. */
const LEAST_AHEAD = 1 << 12;
const MOST_AHEAD = 1 << 20;

/** A piece of the heap, which moves to where it is needed. */
export class HeapWindow {
  readonly #path: string;
  readonly #start: number;
  readonly #length: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #ahead = LEAST_AHEAD;

  /** The heap of `length` bytes that begins at byte `start` of the file. */
  constructor(path: string, start: number, length: number) {
    this.#path = path;
    this.#start = start;
    this.#length = length;
  }

  /** The bytes of an array; none for undefined. Throws FitsError where the file ends before. */
  *bytes(span: HeapSpan | undefined): Reading<Uint8Array> {
    if (span === undefined || span.byteLength === 0) return new Uint8Array(0);
    const { offset, byteLength } = span;
    if (offset < this.#offset || offset + byteLength > this.#offset + this.#bytes.length) {
      const end = this.#offset + this.#bytes.length;
      const follows = offset >= this.#offset && offset <= end + this.#ahead;
      this.#ahead = follows ? Math.min(2 * this.#ahead, MOST_AHEAD) : LEAST_AHEAD;
      const length = Math.min(Math.max(byteLength, this.#ahead), this.#length - offset);
      this.#bytes = yield* wholeBytes(this.#path, this.#start + offset, length);
      this.#offset = offset;
    }
    return this.#bytes.subarray(offset - this.#offset, offset - this.#offset + byteLength);
  }
}

/** `length` bytes from `position` on. Throws FitsError where the file ends before. */
export function* wholeBytes(path: string, position: number, length: number): Reading<Uint8Array> {
  const bytes = yield* bytesAt(position, length);
  if (bytes.length === length) return bytes;
  throw new FitsError(
    `${path}: data ends at byte ${position + bytes.length}, expected ${position + length}. The download may be cut short.`,
    { file: path, byte: position + bytes.length },
  );
}
