// Resampling with an antialiased filter, by PIL's definition: when shrinking, the filter widens with the scale.
import type { Image } from "./image.ts";
import { type FilterWeights, filterWeights, type ResampleFilter } from "./resample-filter.ts";

/** A part of an image in float pixels: rows [y0, y1), columns [x0, x1). A whole image is { 0, 0, height, width }. */
export interface Box {
  readonly y0: number;
  readonly x0: number;
  readonly y1: number;
  readonly x1: number;
}

/** The whole image at another size. Equal to PIL's `Image.resize((width, height), filter)` of a float image. */
export function resize(image: Image, height: number, width: number, filter: ResampleFilter): Image {
  return resample(image, { y0: 0, x0: 0, y1: image.height, x1: image.width }, height, width, filter);
}

/**
 * The part of an image in `box`, at height x width pixels: PIL's `Image.resize((width, height), filter, box)` of a float image.
 * The filter reads pixels around the box too, and is cut and renormalised at the image's edge.
 * Throws RangeError for a box that is empty or leaves the image, and for a size below 1.
 */
export function resample(image: Image, box: Box, height: number, width: number, filter: ResampleFilter): Image {
  checkBox(image, box);
  if (!(Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0)) {
    throw new RangeError(`resample: expected a size of whole pixels above 0, got ${height} x ${width}.`);
  }
  const columnWeights = filterWeights(filter, image.width, box.x0, box.x1, width);
  const rowWeights = filterWeights(filter, image.height, box.y0, box.y1, height);
  const startRow = rowWeights.starts[0]!;
  const endRow = rowWeights.starts[height - 1]! + rowWeights.counts[height - 1]!;
  const rows = image.pixels.subarray(startRow * image.width, endRow * image.width);
  const narrowed = alongRows(rows, endRow - startRow, image.width, columnWeights);
  return { height, width, pixels: alongColumns(narrowed, startRow, width, rowWeights) };
}

function checkBox(image: Image, { y0, x0, y1, x1 }: Box): void {
  const isInside = y0 >= 0 && x0 >= 0 && y0 < y1 && x0 < x1 && y1 <= image.height && x1 <= image.width;
  if (!isInside) {
    throw new RangeError(
      `resample: expected a box inside the ${image.height} x ${image.width} image, got rows ${y0} to ${y1}, columns ${x0} to ${x1}.`,
    );
  }
}

/** [numRows, width] -> [numRows, outWidth]. Four rows at a time, so that each weight is loaded once for four pixels. */
function alongRows(pixels: Float32Array, numRows: number, width: number, weights: FilterWeights): Float32Array {
  const outWidth = weights.starts.length;
  const out = new Float32Array(numRows * outWidth);
  let row = 0;
  for (; row + 4 <= numRows; row += 4) filterFourRows(pixels, row * width, width, weights, out, row * outWidth);
  for (; row < numRows; row++) filterRow(pixels, row * width, weights, out, row * outWidth);
  return out;
}

function filterFourRows(
  pixels: Float32Array,
  from: number,
  width: number,
  weights: FilterWeights,
  out: Float32Array,
  to: number,
): void {
  const { starts, counts, values, stride } = weights;
  const outWidth = starts.length;
  for (let column = 0; column < outWidth; column++) {
    const first = from + starts[column]!;
    const last = first + counts[column]!;
    let weight = column * stride;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let index = first; index < last; index++, weight++) {
      const value = values[weight]!;
      sum0 += value * pixels[index]!;
      sum1 += value * pixels[index + width]!;
      sum2 += value * pixels[index + 2 * width]!;
      sum3 += value * pixels[index + 3 * width]!;
    }
    out[to + column] = sum0;
    out[to + column + outWidth] = sum1;
    out[to + column + 2 * outWidth] = sum2;
    out[to + column + 3 * outWidth] = sum3;
  }
}

function filterRow(pixels: Float32Array, from: number, weights: FilterWeights, out: Float32Array, to: number): void {
  const { starts, counts, values, stride } = weights;
  for (let column = 0; column < starts.length; column++) {
    let sum = 0;
    for (let tap = 0; tap < counts[column]!; tap++) sum += values[column * stride + tap]! * pixels[from + starts[column]! + tap]!;
    out[to + column] = sum;
  }
}

/** [rows from startRow on, width] -> [outHeight, width]. Four columns at a time, for the same reason. */
function alongColumns(pixels: Float32Array, startRow: number, width: number, weights: FilterWeights): Float32Array {
  const { starts, counts, values, stride } = weights;
  const outHeight = starts.length;
  const out = new Float32Array(outHeight * width);
  for (let row = 0; row < outHeight; row++) {
    const from = (starts[row]! - startRow) * width;
    const count = counts[row]!;
    let column = 0;
    for (; column + 4 <= width; column += 4) {
      let index = from + column;
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let tap = 0; tap < count; tap++, index += width) {
        const value = values[row * stride + tap]!;
        sum0 += value * pixels[index]!;
        sum1 += value * pixels[index + 1]!;
        sum2 += value * pixels[index + 2]!;
        sum3 += value * pixels[index + 3]!;
      }
      const to = row * width + column;
      out[to] = sum0;
      out[to + 1] = sum1;
      out[to + 2] = sum2;
      out[to + 3] = sum3;
    }
    for (; column < width; column++) {
      let sum = 0;
      for (let tap = 0; tap < count; tap++) sum += values[row * stride + tap]! * pixels[from + tap * width + column]!;
      out[row * width + column] = sum;
    }
  }
  return out;
}
