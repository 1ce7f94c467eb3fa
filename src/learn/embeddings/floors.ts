// The floors: embeddings that know nothing of learning, beside which every backbone is judged.
import { percentiles } from "#base/image";
import { type Floor, type InputRecipe, recipeSize } from "#learn/runs";
import type { Backbone } from "./backbone.ts";

/** Side of the shrunken picture that the `pixels` floor takes for its vector. */
export const PIXELS_SIZE = 32;

/** What the `statistics` floor measures of a stretched crop, in this order. */
export const STATISTICS = [
  "mean",
  "standardDeviation",
  "median",
  "percentile90",
  "percentile99",
  "maximum",
  "nonZeroFraction",
] as const;

/**
 * A floor as a backbone. `mean` knows nothing (one constant: a probe on it predicts the training mean), `statistics` a few
 * numbers of the crop at its own size `cropSize`, `pixels` the crop shrunken to PIXELS_SIZE. A recipe may cut and resize otherwise.
 */
export function floorBackbone(floor: Floor, cropSize: number, recipe: InputRecipe = {}): Backbone {
  const { dim, inputSize, vectorOf } = FLOOR_PARTS[floor](cropSize, recipeSize(recipe));
  const numPixels = inputSize * inputSize;
  return {
    name: floor,
    dim,
    inputSize,
    recipe,
    async embed(images, count) {
      const embeddings = new Float32Array(count * dim);
      for (let row = 0; row < count; row++) {
        embeddings.set(vectorOf(images.subarray(row * numPixels, (row + 1) * numPixels)), row * dim);
      }
      return embeddings;
    },
    close() {},
  };
}

interface FloorParts {
  readonly dim: number;
  readonly inputSize: number;
  /** One picture's pixels to its vector, [dim]. */
  readonly vectorOf: (pixels: Float32Array) => ArrayLike<number>;
}

/** `size` is the recipe's, where it has one. */
const FLOOR_PARTS: Readonly<Record<Floor, (cropSize: number, size?: number) => FloorParts>> = {
  mean: () => ({ dim: 1, inputSize: 1, vectorOf: () => [1] }),
  statistics: (cropSize, size = cropSize) => ({ dim: STATISTICS.length, inputSize: size, vectorOf: imageStatistics }),
  pixels: (_, size = PIXELS_SIZE) => ({ dim: size * size, inputSize: size, vectorOf: (pixels) => pixels }),
};

/** STATISTICS of pixels, population standard deviation. */
export function imageStatistics(pixels: Float32Array): number[] {
  let sum = 0;
  let numNonZero = 0;
  for (const value of pixels) {
    sum += value;
    if (value !== 0) numNonZero += 1;
  }
  const mean = sum / pixels.length;
  let squares = 0;
  for (const value of pixels) squares += (value - mean) ** 2;
  const ranks = percentiles(pixels, [50, 90, 99, 100]);
  return [mean, Math.sqrt(squares / pixels.length), ...ranks, numNonZero / pixels.length];
}
