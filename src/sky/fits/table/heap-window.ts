// The heap of a binary table, read in pieces: arrays that follow each other are not read one by one.
import { bytesAt, type Reading } from "../byte-reading.ts";
import { FitsError } from "../fits-error.ts";
import type { HeapSpan } from "./heap.ts";

const WINDOW_LENGTH = 1 << 20;

/** A piece of the heap, which moves to where it is needed. */
export class HeapWindow {
  readonly #path: string;
  readonly #start: number;
  readonly #length: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #offset = 0;

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
      const length = Math.min(Math.max(byteLength, WINDOW_LENGTH), this.#length - offset);
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
