// RICE_1 tiles: differences of neighbouring integers as unary and binary parts, in blocks (FITS standard 4.0, section 10.4.1).
import { FitsError } from "../fits-error.ts";

/** How the integers of a RICE_1 tile are stored: ZNAME BYTEPIX (4 where it is missing) and BLOCKSIZE (32). */
export interface RiceForm {
  readonly bytesPerPixel: 1 | 2 | 4;
  /** Pixels that share one split between unary and binary bits. */
  readonly blockSize: number;
}

/** Bits of a block's split, the split that means "unpacked differences", and the bits of one of those, by bytes of a pixel. */
export const SPLITS: Readonly<Record<RiceForm["bytesPerPixel"], { readonly splitBits: number; readonly unpacked: number }>> = {
  1: { splitBits: 3, unpacked: 6 },
  2: { splitBits: 4, unpacked: 14 },
  4: { splitBits: 5, unpacked: 25 },
};

/**
 * The `numPixels` integers of a tile: unsigned for 1 byte a pixel, signed for 2 and 4. `where` begins the messages.
 * Throws FitsError for a form that RICE_1 does not have, and where the data end before the last pixel.
 */
export function decodeRice(bytes: Uint8Array, numPixels: number, form: RiceForm, where: string): Int32Array {
  requireRiceForm(form, where);
  const { bytesPerPixel, blockSize } = form;
  // Each block takes at least its split: no tile is made whose pixels its bytes could not hold.
  const leastBits = 8 * bytesPerPixel + Math.ceil(numPixels / blockSize) * SPLITS[bytesPerPixel].splitBits;
  if (numPixels > 0 && leastBits > 8 * bytes.length) throw endError(bytes, numPixels, 0, where);
  const pixels = new Int32Array(numPixels);
  const numDecoded = decodeBlocks(bytes, pixels, form);
  if (numDecoded < numPixels) throw endError(bytes, numPixels, numDecoded, where);
  return pixels;
}

/** Throws FitsError for a pixel of other than 1, 2 or 4 bytes, and for a block of no pixels. */
export function requireRiceForm({ bytesPerPixel, blockSize }: RiceForm, where: string): void {
  if (!Object.hasOwn(SPLITS, bytesPerPixel)) {
    throw new FitsError(`${where}: RICE_1: BYTEPIX: expected 1, 2 or 4, got ${bytesPerPixel}.`);
  }
  if (!(Number.isInteger(blockSize) && blockSize > 0)) {
    throw new FitsError(`${where}: RICE_1: BLOCKSIZE: expected a whole number from 1, got ${blockSize}.`);
  }
}

function endError(bytes: Uint8Array, numPixels: number, numDecoded: number, where: string): FitsError {
  const found = numDecoded === 0 ? "fewer" : String(numDecoded);
  return new FitsError(
    `${where}: RICE_1: expected ${numPixels} pixels, got ${found} from ${bytes.length} bytes. The file is damaged.`,
  );
}

/** Fill `pixels`; the number of pixels that the bytes hold, at most those asked for, to the block. */
function decodeBlocks(bytes: Uint8Array, pixels: Int32Array, { bytesPerPixel, blockSize }: RiceForm): number {
  const { splitBits, unpacked } = SPLITS[bytesPerPixel];
  const words = bigEndianWords(bytes);
  const pixelBits = 8 * bytesPerPixel;
  const spareBits = 32 - pixelBits;
  // The window on the bits: 32 of them from bit `offset` (0 to 31) of word `place` on.
  let place = 0;
  let offset = pixelBits === 32 ? 0 : pixelBits;
  let last = words[0]! >> spareBits;
  if (pixelBits === 32) place = 1;
  for (let start = 0; start < pixels.length; start += blockSize) {
    const end = Math.min(start + blockSize, pixels.length);
    const split = (windowAt(words, place, offset) >>> (32 - splitBits)) - 1;
    offset += splitBits;
    if (split < 0) pixels.fill(last, start, end);
    else if (split >= unpacked) {
      for (let index = start; index < end; index++) {
        place += offset >> 5;
        offset &= 31;
        last = ((last + signedOf(windowAt(words, place, offset) >>> spareBits)) << spareBits) >> spareBits;
        pixels[index] = last;
        offset += pixelBits;
      }
    } else {
      for (let index = start; index < end; index++) {
        place += offset >> 5;
        offset &= 31;
        let unary = Math.clz32(windowAt(words, place, offset));
        if (unary === 32) {
          unary = zerosFrom(words, place, offset);
          if (unary < 0) return start;
        }
        offset += unary + 1;
        place += offset >> 5;
        offset &= 31;
        const low = split === 0 ? 0 : windowAt(words, place, offset) >>> (32 - split);
        offset += split;
        last = ((last + signedOf((unary << split) | low)) << spareBits) >> spareBits;
        pixels[index] = last;
      }
    }
    place += offset >> 5;
    offset &= 31;
    if (32 * place + offset > 8 * bytes.length) return start;
  }
  if (bytesPerPixel === 1) for (let index = 0; index < pixels.length; index++) pixels[index]! &= 0xff;
  return pixels.length;
}

/** The bytes as 32-bit numbers, first byte highest, with two words of zeros behind them. */
function bigEndianWords(bytes: Uint8Array): Int32Array {
  const words = new Int32Array((bytes.length >> 2) + 3);
  const numWhole = bytes.length >> 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < numWhole; index++) words[index] = view.getInt32(4 * index);
  for (let byte = 4 * numWhole; byte < bytes.length; byte++) words[numWhole]! |= bytes[byte]! << (24 - 8 * (byte & 3));
  return words;
}

/** 32 bits from `offset` (below 32) of a word on; zeros beyond the last. */
function windowAt(words: Int32Array, place: number, offset: number): number {
  return (words[place]! << offset) | ((words[place + 1]! >>> 1) >>> (31 - offset));
}

/** Number of zeros before the next one, where they are 32 or more; -1 where no one follows. */
function zerosFrom(words: Int32Array, place: number, offset: number): number {
  let zeros = 32 - offset;
  for (let index = place + 1; index < words.length; index++) {
    const run = Math.clz32(words[index]!);
    zeros += run;
    if (run < 32) return zeros;
  }
  return -1;
}

/** Differences are stored as 0, -1, 1, -2, 2, ...: 0, 1, 2, 3, 4. */
function signedOf(stored: number): number {
  return (stored >>> 1) ^ -(stored & 1);
}
