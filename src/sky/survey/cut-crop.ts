// One crop cut from a field, with or without a margin around it. Linear flux: nothing is scaled.
import type { Image } from "#base/image";
import type { CropPlace } from "./tiling.ts";

/** Sides in pixels: a stored square is cropSize + 2 margin wide. */
export interface CropShape {
  readonly cropSize: number;
  readonly margin: number;
  /** Crops with a larger fraction of missing pixels (NaN, infinite), the margin left out, are rejected; at 0 one is enough. */
  readonly maxNanFraction: number;
}

/** A crop with its margin, [cropSize + 2 margin, same], every pixel finite. */
export interface Cut {
  readonly pixels: Float32Array;
  /** Pixels inside the crop that had no value and became 0. */
  readonly numFilled: number;
}

/** Cuts one crop; undefined where it is rejected. Its pixels are valid until the next call, which writes over them. */
export type CropCutter = (field: Image, place: CropPlace) => Cut | undefined;

/**
 * Makes a cutter. Where the margin leaves the field, the field is mirrored at its edge (the edge pixel is repeated). A margin pixel
 * without a value takes that of its mirror image inside the crop, and a crop pixel without one becomes 0: no flux.
 */
export function cropCutter({ cropSize, margin, maxNanFraction }: CropShape): CropCutter {
  const side = cropSize + 2 * margin;
  const square: Image = { height: side, width: side, pixels: new Float32Array(side * side) };
  const inner = { y0: margin, x0: margin };
  return (field, { y0, x0 }) => {
    const corner = { y0: y0 - margin, x0: x0 - margin };
    const isInside = corner.y0 >= 0 && corner.x0 >= 0 && corner.y0 + side <= field.height && corner.x0 + side <= field.width;
    if (isInside && copyRows(field, corner, square) === 0) return { pixels: square.pixels, numFilled: 0 };
    if (!isInside) copyMirrored(field, corner, square);
    const numMissing = countMissing(square, inner, cropSize);
    if (numMissing > maxNanFraction * cropSize * cropSize) return undefined;
    if (numMissing > 0 || margin > 0) fillMissing(square, margin, cropSize);
    return { pixels: square.pixels, numFilled: numMissing };
  };
}

/**
 * Copies a square; 0 where all of its pixels are finite, else NaN: zero times a finite number is zero. One pass for both, four numbers
 * at a time, as it runs over every pixel of a survey.
 */
function copyRows(field: Image, { y0, x0 }: CropPlace, square: Image): number {
  const { pixels: from, width } = field;
  const { pixels: to, width: side } = square;
  const whole = side - (side % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let row = 0; row < side; row++) {
    const start = (y0 + row) * width + x0;
    const place = row * side;
    for (let column = 0; column < whole; column += 4) {
      const first = from[start + column]!;
      const second = from[start + column + 1]!;
      const third = from[start + column + 2]!;
      const fourth = from[start + column + 3]!;
      to[place + column] = first;
      to[place + column + 1] = second;
      to[place + column + 2] = third;
      to[place + column + 3] = fourth;
      a += first * 0;
      b += second * 0;
      c += third * 0;
      d += fourth * 0;
    }
    for (let column = whole; column < side; column++) {
      const value = from[start + column]!;
      to[place + column] = value;
      a += value * 0;
    }
  }
  return a + b + c + d;
}

function copyMirrored(field: Image, { y0, x0 }: CropPlace, square: Image): void {
  const columns = Int32Array.from({ length: square.width }, (_, column) => mirrored(x0 + column, 0, field.width));
  for (let row = 0; row < square.height; row++) {
    const start = mirrored(y0 + row, 0, field.height) * field.width;
    for (let column = 0; column < square.width; column++) {
      square.pixels[row * square.width + column] = field.pixels[start + columns[column]!]!;
    }
  }
}

/** `index` folded into [start, start + length): the pixel before the first is the first itself. */
function mirrored(index: number, start: number, length: number): number {
  const period = 2 * length;
  const phase = (((index - start) % period) + period) % period;
  return start + (phase < length ? phase : period - 1 - phase);
}

/** How many pixels of a square part of an image are NaN or infinite. */
function countMissing({ pixels, width }: Image, { y0, x0 }: CropPlace, size: number): number {
  let numMissing = 0;
  for (let y = y0; y < y0 + size; y++) {
    const start = y * width + x0;
    // Zero times a finite number is zero, NaN times all else: most rows are told by one sum.
    if (zeroIfFinite(pixels, start, start + size) === 0) continue;
    for (let index = start; index < start + size; index++) if (!Number.isFinite(pixels[index])) numMissing += 1;
  }
  return numMissing;
}

/** Four sums side by side: one alone waits for each of its additions. */
function zeroIfFinite(pixels: Float32Array, start: number, end: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let index = start;
  for (; index + 3 < end; index += 4) {
    a += pixels[index]! * 0;
    b += pixels[index + 1]! * 0;
    c += pixels[index + 2]! * 0;
    d += pixels[index + 3]! * 0;
  }
  for (; index < end; index++) a += pixels[index]! * 0;
  return a + b + c + d;
}

function fillMissing({ pixels, width }: Image, margin: number, cropSize: number): void {
  const missing: number[] = [];
  for (let index = 0; index < pixels.length; index++) if (!Number.isFinite(pixels[index])) missing.push(index);
  // All are looked up before any is written: a mirror image may be missing too.
  const fills = missing.map((index) => {
    const y = mirrored(Math.floor(index / width), margin, cropSize);
    const x = mirrored(index % width, margin, cropSize);
    const value = pixels[y * width + x]!;
    return Number.isFinite(value) ? value : 0;
  });
  for (const [position, index] of missing.entries()) pixels[index] = fills[position]!;
}
