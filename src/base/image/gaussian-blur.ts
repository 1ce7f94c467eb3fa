// Gaussian blur, separable: the view augmentation of DINO, and a restoring beam's shape for tests.
import type { Image } from "./image.ts";
import { reflectIndex } from "./reflect.ts";

/** The kernel is cut at this many sigma, where it has fallen to 3e-4 (scipy's default). */
const TRUNCATE_SIGMA = 4;

/**
 * The image convolved with a Gaussian of `sigmaPixels`, cut at 4 sigma and normalised; beyond its edges the image is mirrored, so
 * its sum stays. Equal to scipy.ndimage.gaussian_filter(mode="reflect"). Sigma 0 is a copy. Throws RangeError below 0.
 */
export function gaussianBlur(image: Image, sigmaPixels: number): Image {
  if (!(sigmaPixels >= 0 && Number.isFinite(sigmaPixels))) {
    throw new RangeError(`gaussianBlur: expected a sigma of 0 or more pixels, got ${sigmaPixels}.`);
  }
  const weights = halfKernel(sigmaPixels);
  if (weights.length === 1) return { ...image, pixels: image.pixels.slice() };
  const { height, width } = image;
  return { height, width, pixels: blurRows(blurColumns(image.pixels, height, width, weights), height, width, weights) };
}

/** Weights at distances 0, 1, ... of a symmetric kernel whose sum is 1. */
function halfKernel(sigma: number): Float64Array {
  const radius = Math.floor(TRUNCATE_SIGMA * sigma + 0.5);
  const weights = Float64Array.from({ length: radius + 1 }, (_, distance) =>
    distance === 0 ? 1 : Math.exp(-0.5 * (distance / sigma) ** 2),
  );
  const sum = weights.reduce((total, weight, distance) => total + (distance === 0 ? weight : 2 * weight), 0);
  return weights.map((weight) => weight / sum);
}

/** Along y, in double precision for one row at a time, so memory is read in order. */
function blurColumns(pixels: Float32Array, height: number, width: number, weights: Float64Array): Float32Array {
  const out = new Float32Array(pixels.length);
  const sums = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    const middle = y * width;
    for (let x = 0; x < width; x++) sums[x] = weights[0]! * pixels[middle + x]!;
    for (let distance = 1; distance < weights.length; distance++) {
      const weight = weights[distance]!;
      const above = reflectIndex(y - distance, height) * width;
      const below = reflectIndex(y + distance, height) * width;
      for (let x = 0; x < width; x++) sums[x]! += weight * (pixels[above + x]! + pixels[below + x]!);
    }
    out.set(sums, middle);
  }
  return out;
}

/** Along x, over a copy of each row that is mirrored at both ends. */
function blurRows(pixels: Float32Array, height: number, width: number, weights: Float64Array): Float32Array {
  const out = new Float32Array(pixels.length);
  const radius = weights.length - 1;
  const padded = new Float64Array(width + 2 * radius);
  const sources = Int32Array.from(padded, (_, index) => reflectIndex(index - radius, width));
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let index = 0; index < padded.length; index++) padded[index] = pixels[row + sources[index]!]!;
    for (let x = 0; x < width; x++) {
      const middle = x + radius;
      let sum = weights[0]! * padded[middle]!;
      for (let distance = 1; distance <= radius; distance++) {
        sum += weights[distance]! * (padded[middle - distance]! + padded[middle + distance]!);
      }
      out[row + x] = sum;
    }
  }
  return out;
}
