// Stored numbers to pixels: integers and floats to float32 or float64, with BSCALE, BZERO and BLANK (FITS standard 4.4.2.5, 5).
import type { Bitpix, NumberStorage } from "./image-layout.ts";

/** What pixels are put into. */
export type PixelArray = Float32Array | Float64Array;

/** The bytes of stored numbers, in the machine's own order and aligned to 8 bytes, as an array of the type that `bitpix` says; 64-bit integers as pairs of halves, the low one first. */
export function storedNumbers(bytes: Uint8Array, bitpix: Bitpix) {
  const { buffer, byteOffset } = bytes;
  const length = Math.floor(bytes.byteLength / (Math.abs(bitpix) / 8));
  if (bitpix === 8) return new Uint8Array(buffer, byteOffset, length);
  if (bitpix === 16) return new Int16Array(buffer, byteOffset, length);
  if (bitpix === 32) return new Int32Array(buffer, byteOffset, length);
  if (bitpix === 64) return new Int32Array(buffer, byteOffset, 2 * length);
  if (bitpix === -32) return new Float32Array(buffer, byteOffset, length);
  return new Float64Array(buffer, byteOffset, length);
}

/** Physical pixel values of a run of stored numbers (bytes as for `storedNumbers`), into `out` from `start` on. Blank integers become NaN. */
export function decodePixels(bytes: Uint8Array, storage: NumberStorage, out: PixelArray, start: number): void {
  const stored = storedNumbers(bytes, storage.bitpix);
  if (storage.bitpix === 64) decodePairs(stored, storage, out, start);
  else decodeNumbers(stored, storage, out, start);
}

/** As `decodePixels`, of numbers at hand. */
export function decodeNumbers(stored: ArrayLike<number>, storage: NumberStorage, out: PixelArray, start: number): void {
  const { scale, zero } = storage;
  if (storage.blank === undefined && scale === 1 && zero === 0) {
    out.set(stored, start);
    return;
  }
  const blank = storage.blank === undefined ? Number.NaN : Number(storage.blank);
  const count = stored.length;
  for (let index = 0; index < count; index++) {
    const value = stored[index]!;
    out[start + index] = value === blank ? Number.NaN : zero + scale * value;
  }
}

/** As `decodeNumbers`, of 64-bit integers as pairs of halves, the low one first. */
export function decodePairs(
  halves: ArrayLike<number>,
  { scale, zero, blank }: NumberStorage,
  out: PixelArray,
  start: number,
): void {
  const blankLow = blank === undefined ? Number.NaN : Number(BigInt.asIntN(32, blank));
  const blankHigh = blank === undefined ? Number.NaN : Number(blank >> 32n);
  for (let index = 0; index < halves.length; index += 2) {
    const low = halves[index]!;
    const high = halves[index + 1]!;
    const value = high * 4294967296 + (low >>> 0); // rounded once, as a double made from the whole integer
    out[start + index / 2] = low === blankLow && high === blankHigh ? Number.NaN : zero + scale * value;
  }
}

/** Apply BSCALE and BZERO to float pixels in place; does nothing where they change nothing. */
export function scaleInPlace(pixels: PixelArray, { scale, zero }: NumberStorage): void {
  if (scale === 1 && zero === 0) return;
  for (let index = 0; index < pixels.length; index++) pixels[index] = zero + scale * pixels[index]!;
}
