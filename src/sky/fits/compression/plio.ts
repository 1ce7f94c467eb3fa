// PLIO_1 tiles: IRAF's line lists of masks, runs of one value in 16-bit words (FITS standard 4.0, section 10.4.3).
import { FitsError } from "../fits-error.ts";

/** Operations, the upper 4 bits of a word; the lower 12 are their number n. */
const ZEROS = 0;
const SET_HIGH = 1;
const RAISE = 2;
const LOWER = 3;
const RUN = 4;
const ZEROS_THEN_ONE = 5;
const RAISE_AND_PUT = 6;
const LOWER_AND_PUT = 7;

/** The `numPixels` values of a tile, 0 where the list says nothing. Throws FitsError for a list that is cut short or leaves the tile. */
export function decodePlio(bytes: Uint8Array, numPixels: number, where: string): Int32Array {
  const pixels = new Int32Array(numPixels);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { first, end } = listBounds(view, where);
  let value = 1;
  let place = 0;
  for (let index = first; index < end; index++) {
    const word = view.getInt16(2 * index);
    const operation = word >> 12;
    const n = word & 0xfff;
    if (operation === SET_HIGH) {
      index += 1;
      if (index >= end)
        throw new FitsError(`${where}: PLIO_1: the line list ends inside an instruction, at word ${index}. The file is damaged.`);
      value = (view.getInt16(2 * index) << 12) + n;
      continue;
    }
    if (operation === RAISE || operation === RAISE_AND_PUT) value += n;
    if (operation === LOWER || operation === LOWER_AND_PUT) value -= n;
    const start = place;
    place += numPixelsOf(operation, n, index, where);
    if (place > numPixels) {
      throw new FitsError(
        `${where}: PLIO_1: the line list fills ${place} pixels, expected at most ${numPixels}. The file is damaged.`,
      );
    }
    if (operation === RUN) pixels.fill(value, start, place);
    else if (operation >= ZEROS_THEN_ONE && place > start) pixels[place - 1] = value;
  }
  return pixels;
}

/** How many pixels an operation fills. */
function numPixelsOf(operation: number, n: number, index: number, where: string): number {
  if (operation === ZEROS || operation === RUN || operation === ZEROS_THEN_ONE) return n;
  if (operation === RAISE_AND_PUT || operation === LOWER_AND_PUT) return 1;
  if (operation === RAISE || operation === LOWER) return 0;
  throw new FitsError(
    `${where}: PLIO_1: expected an instruction from 0 to 7, got ${operation} in word ${index}. The file is damaged.`,
  );
}

/** Where the instructions stand, in words: old lists have a header of 3 words with the length last, new ones say both. */
function listBounds(view: DataView, where: string): { readonly first: number; readonly end: number } {
  const numWords = view.byteLength >> 1;
  if (numWords === 0) return { first: 0, end: 0 };
  const word = (index: number) => (index < numWords ? view.getInt16(2 * index) : 0);
  const isOld = word(2) > 0;
  const first = isOld ? 3 : word(1);
  const end = isOld ? word(2) : (word(4) << 15) + word(3);
  if (numWords >= 3 && first >= 3 && end >= first && end <= numWords) return { first, end };
  throw new FitsError(
    `${where}: PLIO_1: the line list says it runs from word ${first} to ${end}, but there are ${numWords} words. The file is damaged.`,
  );
}
