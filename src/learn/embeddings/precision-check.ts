// What fewer bits cost: the cosine between a crop's embedding in 8 bits and in float32.
import type { CropSet } from "#sky/survey";
import type { Backbone } from "./backbone.ts";
import { cropInput } from "./embed-crop-set.ts";

/** Over the crops that were compared. */
export interface CosineSummary {
  readonly numCrops: number;
  readonly mean: number;
  readonly smallest: number;
}

/** Embeds the first crops of a set with both backbones, in batches of `batchSize`, and compares them crop by crop. */
export async function compareBackbones(
  cropSet: CropSet,
  backbones: readonly [Backbone, Backbone],
  { maxCrops, batchSize }: { readonly maxCrops: number; readonly batchSize: number },
): Promise<CosineSummary> {
  const { dim, inputSize, recipe } = backbones[0];
  const numCrops = Math.min(maxCrops, cropSet.records.length);
  const found: number[] = [];
  for (let start = 0; start < numCrops; start += batchSize) {
    const count = Math.min(batchSize, numCrops - start);
    const images = new Float32Array(count * inputSize * inputSize);
    for (let row = 0; row < count; row++)
      images.set(cropInput(cropSet, start + row, inputSize, recipe), row * inputSize * inputSize);
    const first = await backbones[0].embed(images, count);
    const second = await backbones[1].embed(images, count);
    found.push(...cosines(first, second, dim));
  }
  return { numCrops, mean: found.reduce((sum, value) => sum + value, 0) / numCrops, smallest: Math.min(...found) };
}

/** The cosine of each row of a with the same row of b, both [rows, dim]. */
export function cosines(a: Float32Array, b: Float32Array, dim: number): number[] {
  return Array.from({ length: a.length / dim }, (_, row) => {
    let [product, squaresOfA, squaresOfB] = [0, 0, 0];
    for (let i = row * dim; i < (row + 1) * dim; i++) {
      product += a[i]! * b[i]!;
      squaresOfA += a[i]! ** 2;
      squaresOfB += b[i]! ** 2;
    }
    return product / Math.sqrt(squaresOfA * squaresOfB);
  });
}
