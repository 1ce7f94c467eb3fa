// RICE_1 tiles for tests, written from the standard (FITS standard 4.0, section 10.4.1).
import { type RiceForm, requireRiceForm, SPLITS } from "../../../src/sky/fits/compression/rice.ts";

/** The bytes of a tile: `decodeRice` gives the integers back, as long as they fit into a pixel's bytes. Throws FitsError as it does. */
export function encodeRice(pixels: Int32Array, form: RiceForm, where: string): Uint8Array {
  requireRiceForm(form, where);
  const { bytesPerPixel, blockSize } = form;
  const { splitBits, unpacked } = SPLITS[bytesPerPixel];
  const pixelBits = 8 * bytesPerPixel;
  const bits = new BitWriter(pixels.length * bytesPerPixel * 2 + 64);
  if (pixels.length === 0) return bits.bytes();
  bits.write(pixels[0]! & mask(pixelBits), pixelBits);
  const stored = storedDifferences(pixels, pixelBits);
  for (let start = 0; start < pixels.length; start += blockSize) {
    const block = stored.subarray(start, start + blockSize);
    const split = bestSplit(block, unpacked, pixelBits);
    bits.write(split + 1, splitBits);
    if (split < 0) continue;
    for (const value of block) {
      if (split === unpacked) bits.write(value, pixelBits);
      else bits.writeSplit(value, split);
    }
  }
  return bits.bytes();
}

const mask = (bits: number) => (bits === 32 ? -1 : (1 << bits) - 1);

/** 0, 1, 2, 3, 4 for the differences 0, -1, 1, -2, 2; the first pixel's is 0. */
function storedDifferences(pixels: Int32Array, pixelBits: number): Uint32Array {
  const spare = 32 - pixelBits;
  return Uint32Array.from(pixels, (value, index) => {
    const difference = ((value - (pixels[Math.max(0, index - 1)] ?? 0)) << spare) >> spare;
    return ((difference << 1) ^ (difference >> 31)) & mask(pixelBits);
  });
}

/** The split with the fewest bits; -1 for a block without differences. */
function bestSplit(block: Uint32Array, unpacked: number, pixelBits: number): number {
  if (block.every((value) => value === 0)) return -1;
  let [best, fewest] = [unpacked, block.length * pixelBits];
  for (let split = 0; split < unpacked; split++) {
    const numBits = block.reduce((total, value) => total + Math.floor(value / 2 ** split) + 1 + split, 0);
    if (numBits < fewest) [best, fewest] = [split, numBits];
  }
  return best;
}

/** Bits appended one behind the other, highest first. */
class BitWriter {
  #bytes: Uint8Array;
  #numBits = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  write(value: number, count: number): void {
    this.#reserve(count);
    for (let bit = count - 1; bit >= 0; bit--) {
      if ((value >>> bit) & 1) this.#bytes[this.#numBits >> 3]! |= 0x80 >> (this.#numBits & 7);
      this.#numBits += 1;
    }
  }

  /** As many zeros as the upper bits say, a one, the lower bits. */
  writeSplit(value: number, split: number): void {
    const zeros = Math.floor(value / 2 ** split);
    this.#reserve(zeros + 1 + split);
    this.#numBits += zeros;
    this.write(1, 1);
    this.write(value, split);
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, Math.ceil(this.#numBits / 8));
  }

  #reserve(count: number): void {
    const needed = (this.#numBits + count + 7) >> 3;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * needed);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
