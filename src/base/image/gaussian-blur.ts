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
  const radius = weights.length - 1;
  const tall = { pixels: paddedInY(image, radius), first: radius * width, rowStride: width, tapStride: width };
  const blurredInY = { height, width, pixels: convolve(tall, height, width, weights) };
  const wide = { pixels: paddedInX(blurredInY, radius), first: radius, rowStride: width + 2 * radius, tapStride: 1 };
  return { height, width, pixels: convolve(wide, height, width, weights) };
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

/** `radius` mirrored rows above and below: [height + 2 radius, width]. */
function paddedInY({ height, width, pixels }: Image, radius: number): Float32Array {
  const padded = new Float32Array((height + 2 * radius) * width);
  for (let row = 0; row < height + 2 * radius; row++) {
    const source = reflectIndex(row - radius, height) * width;
    padded.set(pixels.subarray(source, source + width), row * width);
  }
  return padded;
}

/** `radius` mirrored columns left and right: [height, width + 2 radius]. */
function paddedInX({ height, width, pixels }: Image, radius: number): Float32Array {
  const stride = width + 2 * radius;
  const padded = new Float32Array(height * stride);
  const left = Int32Array.from({ length: radius }, (_, column) => reflectIndex(column - radius, width));
  const right = Int32Array.from({ length: radius }, (_, column) => reflectIndex(width + column, width));
  for (let row = 0; row < height; row++) {
    const source = row * width;
    const start = row * stride;
    padded.set(pixels.subarray(source, source + width), start + radius);
    for (let column = 0; column < radius; column++) {
      padded[start + column] = pixels[source + left[column]!]!;
      padded[start + radius + width + column] = pixels[source + right[column]!]!;
    }
  }
  return padded;
}

/** Padded pixels: where the first pixel of the image is, and the steps to the next row and to the kernel's next pixel. */
interface Padded {
  readonly pixels: Float32Array;
  readonly first: number;
  readonly rowStride: number;
  readonly tapStride: number;
}

/** [height, width] sums over a symmetric kernel. Four pixels at a time, so that each weight is loaded once for all four. */
function convolve(
  { pixels, first, rowStride, tapStride }: Padded,
  height: number,
  width: number,
  weights: Float64Array,
): Float32Array {
  const out = new Float32Array(height * width);
  const reach = weights.length * tapStride;
  for (let row = 0; row < height; row++) {
    const start = first + row * rowStride;
    let column = 0;
    for (; column + 4 <= width; column += 4) {
      const middle = start + column;
      let sum0 = weights[0]! * pixels[middle]!;
      let sum1 = weights[0]! * pixels[middle + 1]!;
      let sum2 = weights[0]! * pixels[middle + 2]!;
      let sum3 = weights[0]! * pixels[middle + 3]!;
      for (let tap = 1, step = tapStride; step < reach; tap++, step += tapStride) {
        const weight = weights[tap]!;
        const before = middle - step;
        const after = middle + step;
        sum0 += weight * (pixels[before]! + pixels[after]!);
        sum1 += weight * (pixels[before + 1]! + pixels[after + 1]!);
        sum2 += weight * (pixels[before + 2]! + pixels[after + 2]!);
        sum3 += weight * (pixels[before + 3]! + pixels[after + 3]!);
      }
      const to = row * width + column;
      out[to] = sum0;
      out[to + 1] = sum1;
      out[to + 2] = sum2;
      out[to + 3] = sum3;
    }
    for (; column < width; column++) {
      let sum = weights[0]! * pixels[start + column]!;
      for (let tap = 1; tap < weights.length; tap++) {
        sum += weights[tap]! * (pixels[start + column - tap * tapStride]! + pixels[start + column + tap * tapStride]!);
      }
      out[row * width + column] = sum;
    }
  }
  return out;
}
