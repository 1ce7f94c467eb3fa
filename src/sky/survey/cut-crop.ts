// One crop cut from a field, with or without a margin around it. Linear flux: nothing is scaled.
import type { Image } from "#base/image";
import type { CropPlace } from "./tiling.ts";

/** Sides in pixels: a stored square is cropSize + 2 margin wide. */
export interface CropShape {
  readonly cropSize: number;
  readonly margin: number;
}

/** How many pixels of a crop, its margin left out, are NaN or infinite. */
export function countMissing(field: Image, { y0, x0 }: CropPlace, cropSize: number): number {
  let numMissing = 0;
  for (let y = y0; y < y0 + cropSize; y++) {
    const start = y * field.width + x0;
    for (let index = start; index < start + cropSize; index++) {
      const value = field.pixels[index]!;
      // Zero for every finite number, NaN for all else.
      if (value - value !== 0) numMissing += 1;
    }
  }
  return numMissing;
}

/**
 * The stored square of a crop, [cropSize + 2 margin, same]. Where the margin leaves the field, the field is mirrored at its edge
 * (the edge pixel is repeated). A margin pixel without a value takes that of its mirror image inside the crop, and a crop pixel
 * without one (allowed only by a NaN fraction above 0) becomes 0: no flux.
 */
export function cutCrop(field: Image, place: CropPlace, { cropSize, margin }: CropShape): Float32Array {
  const side = cropSize + 2 * margin;
  const square = new Float32Array(side * side);
  const rows = mirroredRange(place.y0 - margin, side, field.height);
  const columns = mirroredRange(place.x0 - margin, side, field.width);
  const isInside = place.x0 >= margin && place.x0 + cropSize + margin <= field.width;
  for (let row = 0; row < side; row++) {
    const start = rows[row]! * field.width;
    if (isInside) square.set(field.pixels.subarray(start + columns[0]!, start + columns[0]! + side), row * side);
    else for (let column = 0; column < side; column++) square[row * side + column] = field.pixels[start + columns[column]!]!;
  }
  fillMissing(square, { cropSize, margin });
  return square;
}

/** Indices first, first + 1, ... folded back into [0, length) at both ends, as often as it takes. */
function mirroredRange(first: number, count: number, length: number): Int32Array {
  return Int32Array.from({ length: count }, (_, index) => mirrored(first + index, 0, length));
}

/** `index` folded into [start, start + length): the pixel before the first is the first itself. */
function mirrored(index: number, start: number, length: number): number {
  const period = 2 * length;
  const phase = (((index - start) % period) + period) % period;
  return start + (phase < length ? phase : period - 1 - phase);
}

function fillMissing(square: Float32Array, { cropSize, margin }: CropShape): void {
  const side = cropSize + 2 * margin;
  const missing: number[] = [];
  for (let index = 0; index < square.length; index++) {
    const value = square[index]!;
    if (value - value !== 0) missing.push(index);
  }
  const fills = missing.map((index) => {
    const y = mirrored(Math.floor(index / side), margin, cropSize);
    const x = mirrored(index % side, margin, cropSize);
    const value = square[y * side + x]!;
    return Number.isFinite(value) ? value : 0;
  });
  for (const [position, index] of missing.entries()) square[index] = fills[position]!;
}
