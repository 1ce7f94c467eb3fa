// Readings: computations that say which bytes they need, so that one and the same runs over a file, ahead of it, or through gzip.

/** Bytes that a reading needs before it goes on. */
export interface ByteRequest {
  /** Filled from byte `position` of the file on. */
  readonly target: Uint8Array;
  readonly position: number;
  /** What will be asked for next, so that it can be read meanwhile: the very record that is then asked with. */
  readonly next?: ByteRequest;
}

/**
 * A computation over the bytes of a file. It is answered with the number of bytes that were filled, fewer than asked for only where the
 * file ends.
 */
export type Reading<Value> = Generator<ByteRequest, Value, number>;

/** The file that a reading is about. */
export interface FileFacts {
  /** Begins every message. */
  readonly path: string;
  /** Unknown where only unpacking the whole of it would tell. */
  readonly numBytes: number | undefined;
  /** At least as many bytes are there, by the file's own word; it may be many more. */
  readonly toldBytes?: number | undefined;
  /** At most as many bytes can be there. */
  readonly mostBytes?: number;
}

/** Bytes from `position` on, at most `length`: fewer where the file ends. */
export function* bytesAt(position: number, length: number): Reading<Uint8Array> {
  const target = new Uint8Array(length);
  const numRead = yield { target, position };
  return numRead < length ? target.subarray(0, numRead) : target;
}
