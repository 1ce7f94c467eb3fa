// The local rms of an image, as a source finder sees it: from boxes, straight in between.
import { percentiles } from "#base/image";

/** Local rms of an image. */
export interface NoiseMap {
  /** Median of the boxes' rms. */
  readonly median: number;
  /** Rms in the image's unit at a pixel: bilinear between the centres of boxes, constant beyond the outermost. */
  at(x: number, y: number): number;
}

const BOX_PIXELS = 128;
const CLIP_RMS = 3;
const MOST_CLIPS = 20;

/** Measures the rms of a square image [size, size] in boxes of some 128 pixels. */
export function noiseMap(pixels: Float32Array, size: number): NoiseMap {
  const numBoxes = Math.max(1, Math.round(size / BOX_PIXELS));
  const start = (box: number) => Math.round((box * size) / numBoxes);
  const rms = Float64Array.from({ length: numBoxes * numBoxes }, (_, index) => {
    const [column, row] = [index % numBoxes, Math.floor(index / numBoxes)];
    const values = boxPixels(pixels, size, {
      left: start(column),
      right: start(column + 1),
      low: start(row),
      high: start(row + 1),
    });
    return clippedRms(values);
  });
  const boxSide = size / numBoxes;
  const last = numBoxes - 1;
  return {
    median: percentiles(rms, [50])[0]!,
    at: (x, y) => {
      const [column, row] = [x, y].map((place) => Math.min(Math.max((place + 0.5) / boxSide - 0.5, 0), last)) as [number, number]; // two in, two out
      const [left, low] = [Math.min(Math.floor(column), last), Math.min(Math.floor(row), last)];
      const [right, high] = [Math.min(left + 1, last), Math.min(low + 1, last)];
      const along = (line: number) =>
        rms[line * numBoxes + left]! * (1 - (column - left)) + rms[line * numBoxes + right]! * (column - left);
      return along(low) * (1 - (row - low)) + along(high) * (row - low);
    },
  };
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly low: number;
  readonly high: number;
}

function boxPixels(pixels: Float32Array, size: number, { left, right, low, high }: Box): Float32Array {
  const values = new Float32Array((right - left) * (high - low));
  for (let row = low; row < high; row++) {
    values.set(pixels.subarray(row * size + left, row * size + right), (row - low) * (right - left));
  }
  return values;
}

/** The standard deviation of what lies within three of itself from the median, as source finders measure backgrounds (Bertin & Arnouts 1996). */
function clippedRms(values: Float32Array): number {
  const sorted = values.toSorted();
  const sums = new Float64Array(sorted.length + 1);
  const squares = new Float64Array(sorted.length + 1);
  for (const [index, value] of sorted.entries()) {
    sums[index + 1] = sums[index]! + value;
    squares[index + 1] = squares[index]! + value * value;
  }
  let [start, end] = [0, sorted.length];
  for (let clip = 0; ; clip++) {
    const number = end - start;
    const mean = (sums[end]! - sums[start]!) / number;
    const rms = Math.sqrt(Math.max(0, (squares[end]! - squares[start]!) / number - mean * mean));
    const median = (sorted[start + ((number - 1) >> 1)]! + sorted[start + (number >> 1)]!) / 2;
    const before = number;
    while (start < end && sorted[start]! < median - CLIP_RMS * rms) start++;
    while (end > start && sorted[end - 1]! > median + CLIP_RMS * rms) end--;
    if (end - start === before || clip === MOST_CLIPS) return rms;
  }
}
