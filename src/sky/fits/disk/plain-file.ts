// Readings run over a file on disk: at once, or with the next bytes on their way while the last ones are worked on.
import type { OpenFile } from "#base/files/disk";
import type { ByteRequest, FileFacts, Reading } from "../byte-reading.ts";

/** What a reading can be run over at once. */
export interface ByteSource extends FileFacts {
  /** Fills `target` from byte `position` on; the number of bytes filled, fewer than asked for only at the end of the file. */
  readInto(target: Uint8Array, position: number): number;
}

/** What a reading can be run over while other work goes on. */
export interface StreamSource extends FileFacts {
  load(target: Uint8Array, position: number): Promise<number>;
}

/** An uncompressed file that is open. */
export function plainSource(path: string, file: OpenFile): ByteSource & StreamSource {
  const inside = (target: Uint8Array, position: number) =>
    target.subarray(0, Math.max(0, Math.min(target.length, file.numBytes - position)));
  return {
    path,
    numBytes: file.numBytes,
    readInto(target, position) {
      const part = inside(target, position);
      file.readInto(part, position);
      return part.length;
    },
    async load(target, position) {
      const part = inside(target, position);
      await file.load(part, position);
      return part.length;
    },
  };
}

/** Bytes in memory, as a file named `path`. */
export function memorySource(path: string, bytes: Uint8Array): ByteSource {
  return {
    path,
    numBytes: bytes.length,
    readInto(target, position) {
      const part = bytes.subarray(position, position + target.length);
      target.set(part);
      return part.length;
    },
  };
}

/** The value of a reading. */
export function runReading<Value>(reading: Reading<Value>, source: ByteSource): Value {
  let step = reading.next(0);
  while (!step.done) step = reading.next(source.readInto(step.value.target, step.value.position));
  return step.value;
}

/** As `runReading`; what a reading says it will ask for next is read meanwhile. */
export async function loadReading<Value>(reading: Reading<Value>, source: StreamSource): Promise<Value> {
  let ahead: { readonly request: ByteRequest; readonly numRead: Promise<number> } | undefined;
  try {
    let step = reading.next(0);
    while (!step.done) {
      const request = step.value;
      const numRead = await (ahead?.request === request ? ahead.numRead : source.load(request.target, request.position));
      const { next } = request;
      ahead = next && { request: next, numRead: source.load(next.target, next.position) };
      ahead?.numRead.catch(() => {}); // told when it is waited for
      step = reading.next(numRead);
    }
    return step.value;
  } finally {
    // The file may not be closed under it.
    await ahead?.numRead.catch(() => {});
  }
}
