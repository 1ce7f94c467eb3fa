// RICE_1 tiles: differences of neighbouring integers as unary and binary parts, in blocks (FITS standard 4.0, section 10.4.1).
import { FitsError } from "../fits-error.ts";
import { TileMemory } from "./tile-memory.ts";

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
 * The `numPixels` integers of a tile: unsigned for 1 byte a pixel, signed for 2 and 4. `where` begins the messages. The answer lies in
 * `memory`. Throws FitsError for a form that RICE_1 does not have, and where the data end before the last pixel.
 */
export function decodeRice(
  bytes: Uint8Array,
  numPixels: number,
  form: RiceForm,
  where: string,
  memory = new TileMemory(),
): Int32Array {
  requireRiceForm(form, where);
  const { bytesPerPixel, blockSize } = form;
  // Each block takes at least its split: no tile is made whose pixels its bytes could not hold.
  const leastBits = 8 * bytesPerPixel + Math.ceil(numPixels / blockSize) * SPLITS[bytesPerPixel].splitBits;
  if (numPixels > 0 && leastBits > 8 * bytes.length) throw endError(bytes, numPixels, 0, where);
  const { pixels, numDecoded } = decodedBlocks(bytes, numPixels, form, memory);
  if (numDecoded < numPixels) throw endError(bytes, numPixels, numDecoded, where);
  return pixels;
}

/** The pixels, and the number of those that the bytes hold, at most those asked for, to the block. */
function decodedBlocks(bytes: Uint8Array, numPixels: number, form: RiceForm, memory: TileMemory) {
  const { bytesPerPixel, blockSize } = form;
  const bitForm = { pixelBits: 8 * bytesPerPixel, ...SPLITS[bytesPerPixel], blockSize };
  const decoded = numPixels > 0 ? memory.kernels?.decodeRice(bytes, numPixels, bitForm) : undefined;
  if (decoded !== undefined) return decoded;
  const pixels = memory.integers(numPixels);
  return { pixels, numDecoded: decodeBlocks(bytes, pixels, form, memory) };
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

/** Fills `pixels`; the number of those that the bytes hold, to the block. tile-kernels.wat does the same. */
function decodeBlocks(bytes: Uint8Array, pixels: Int32Array, form: RiceForm, memory: TileMemory): number {
  const { bytesPerPixel, blockSize } = form;
  const { splitBits, unpacked } = SPLITS[bytesPerPixel];
  const bits = new RiceBits(bytes, memory);
  let last = bits.read(8 * bytesPerPixel);
  for (let start = 0; start < pixels.length; start += blockSize) {
    const block = { start, end: Math.min(start + blockSize, pixels.length), last };
    const split = bits.read(splitBits) - 1;
    if (split < 0) pixels.fill(last, block.start, block.end);
    else if (split >= unpacked) readUnpacked(bits, pixels, block, 8 * bytesPerPixel);
    else readSplit(bits, pixels, block, split);
    if (bits.isPastEnd) return start;
    last = pixels[block.end - 1]!;
  }
  if (bytesPerPixel !== 4) cutToBytes(pixels, bytesPerPixel);
  return pixels.length;
}

/** Sums of differences are right in their lowest bits: all others are made those of an unsigned byte, or of a signed pair. */
function cutToBytes(pixels: Int32Array, bytesPerPixel: 1 | 2): void {
  if (bytesPerPixel === 1) for (let index = 0; index < pixels.length; index++) pixels[index]! &= 0xff;
  else for (let index = 0; index < pixels.length; index++) pixels[index] = (pixels[index]! << 16) >> 16;
}

/** Pixels `start` to `end` (left out), and the one before them. */
interface RiceBlock {
  readonly start: number;
  readonly end: number;
  readonly last: number;
}

function readUnpacked(bits: RiceBits, pixels: Int32Array, { start, end, last: before }: RiceBlock, pixelBits: number): void {
  let last = before;
  for (let index = start; index < end; index++) {
    last = (last + signedOf(bits.read(pixelBits))) | 0;
    pixels[index] = last;
  }
}

/** Differences of `split` binary bits behind a unary part: so many zeros, and a one. */
function readSplit(bits: RiceBits, pixels: Int32Array, { start, end, last: before }: RiceBlock, split: number): void {
  const moreBits = split + 1;
  let last = before;
  for (let index = start; index < end; ) {
    let window = bits.window();
    let unary = Math.clz32(window);
    if (unary + moreBits > 32) {
      // Seldom: no window holds this difference.
      if (bits.isPastEnd) return;
      const high = bits.readUnary();
      const low = split === 0 ? 0 : bits.read(split);
      last = (last + signedOf((high << split) | low)) | 0;
      pixels[index++] = last;
      continue;
    }
    let numUsed = 0;
    do {
      window <<= unary;
      // The one stands above the binary bits: it is taken off.
      const stored = (window >>> (31 - split)) + ((unary - 1) << split);
      last = (last + signedOf(stored)) | 0;
      pixels[index++] = last;
      numUsed += unary + moreBits;
      window <<= moreBits;
      unary = Math.clz32(window);
    } while (numUsed + unary + moreBits <= 32 && index < end);
    bits.skip(numUsed);
  }
}

/** A place among the bits of a tile. */
class RiceBits {
  readonly #numBytes: number;
  readonly #words: Int32Array;
  #place = 0;
  /** Of the word at `#place`, from the highest: 0 to 31. */
  #bit = 0;

  constructor(bytes: Uint8Array, memory: TileMemory) {
    this.#numBytes = bytes.length;
    this.#words = bigEndianWords(bytes, memory);
  }

  /** The next 32 bits, which stay. Shifts go by their lowest five bits: ~bit is 31 - bit. */
  window(): number {
    const bit = this.#bit;
    return (this.#words[this.#place]! << bit) | ((this.#words[this.#place + 1]! >>> 1) >>> ~bit);
  }

  skip(count: number): void {
    const bit = this.#bit + count;
    this.#place += bit >>> 5;
    this.#bit = bit & 31;
  }

  /** The next bits, 1 to 32 of them. */
  read(count: number): number {
    const value = this.window() >>> (32 - count);
    this.skip(count);
    return value;
  }

  /** The number of zeros before the next one, which is read too. Where there is none, the place is past the end. */
  readUnary(): number {
    let zeros = 0;
    let run = Math.clz32(this.window());
    while (run === 32 && !this.isPastEnd) {
      this.skip(32);
      zeros += 32;
      run = Math.clz32(this.window());
    }
    this.skip(run + 1);
    return zeros + run;
  }

  get isPastEnd(): boolean {
    return 32 * this.#place + this.#bit > 8 * this.#numBytes;
  }
}

/** The bytes as 32-bit numbers, first byte highest, with two words of zeros behind them, and whatever there was behind these. */
function bigEndianWords(bytes: Uint8Array, memory: TileMemory): Int32Array {
  const numWhole = bytes.length >> 2;
  const words = memory.words(numWhole + 3).fill(0, numWhole, numWhole + 3);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < numWhole; index++) words[index] = view.getInt32(4 * index);
  for (let byte = 4 * numWhole; byte < bytes.length; byte++) words[numWhole]! |= bytes[byte]! << (24 - 8 * (byte & 3));
  return words;
}

/** Differences are stored as 0, -1, 1, -2, 2, ...: 0, 1, 2, 3, 4. */
function signedOf(stored: number): number {
  return (stored >>> 1) ^ -(stored & 1);
}
