// Pixels of an uncompressed image: read, hashed, turned round and scaled chunk by chunk, each byte once.
import type { Hash } from "node:crypto";
import type { ByteRequest, Reading } from "../byte-reading.ts";
import { FitsError } from "../fits-error.ts";
import type { NumberStorage } from "../image-layout.ts";
import { decodePixels, type PixelArray, scaleInPlace } from "../pixels.ts";

/** A run of an image's numbers. */
export interface PixelRun {
  readonly path: string;
  /** Where the first of them is in the file. */
  readonly startByte: number;
  readonly storage: NumberStorage;
  /** Takes in the bytes as they stand in the file. */
  readonly hash: Hash;
}

/** Told, again and again, how many pixels have their values, from the first on. */
export type OnFilled = (numPixels: number) => void;

/** Fills `pixels` with the physical values of the numbers from `startByte` on; `chunkLength` (a multiple of 8) bytes are read at a time. */
export function* plainPixels(run: PixelRun, pixels: PixelArray, chunkLength: number, onFilled: OnFilled): Reading<void> {
  const { path, storage, startByte, hash } = run;
  const numberLength = Math.abs(storage.bitpix) / 8;
  const totalLength = pixels.length * numberLength;
  const isInPlace = storage.bitpix === -8 * pixels.BYTES_PER_ELEMENT;
  const chunks = chunkMemory(pixels, isInPlace, Math.min(chunkLength, totalLength));
  const requestAt = (done: number): ByteRequest => {
    const target = chunks(done, Math.min(chunkLength, totalLength - done));
    return { target, position: startByte + done };
  };
  let request = requestAt(0);
  for (let done = 0; done < totalLength; done += chunkLength) {
    const next = done + chunkLength < totalLength ? requestAt(done + chunkLength) : undefined;
    const numRead = yield next ? Object.assign(request, { next }) : request;
    const chunk = request.target as Buffer; // made by chunkMemory
    if (numRead < chunk.length) throw endsInside(path, startByte + done + numRead, startByte + totalLength);
    hash.update(chunk);
    swap(chunk, numberLength);
    const [start, end] = [done / numberLength, (done + chunk.length) / numberLength];
    if (isInPlace) scaleInPlace(pixels.subarray(start, end), storage);
    else decodePixels(chunk, storage, pixels, start);
    onFilled(end);
    if (next) request = next;
  }
}

function endsInside(path: string, endByte: number, wanted: number): FitsError {
  return new FitsError(`${path}: data ends at byte ${endByte}, expected ${wanted}. The download may be cut short.`, {
    file: path,
    byte: endByte,
  });
}

/** Where a chunk is read to: floats straight into the pixels, to be turned round there; others into two buffers by turns. */
function chunkMemory(pixels: PixelArray, isInPlace: boolean, chunkLength: number): (done: number, length: number) => Buffer {
  if (isInPlace) return (done, length) => Buffer.from(pixels.buffer, pixels.byteOffset + done, length);
  const buffers = [new ArrayBuffer(chunkLength), new ArrayBuffer(chunkLength)] as const;
  return (done, length) => Buffer.from(buffers[(done / chunkLength) % 2 === 0 ? 0 : 1], 0, length);
}

/** FITS's numbers are big-endian (standard 5). */
export function swap(bytes: Buffer, numberLength: number): void {
  if (numberLength === 2) bytes.swap16();
  else if (numberLength === 4) bytes.swap32();
  else if (numberLength === 8) bytes.swap64();
}
