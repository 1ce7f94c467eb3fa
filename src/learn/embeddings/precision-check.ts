// What fewer bits cost: the cosine between a crop's embedding in 8 bits and in float32.
import { type CropRows, firstCrops } from "#sky/survey";
import type { Backbone } from "./backbone.ts";
import { embedBatches } from "./embed-crop-set.ts";

/** Over the crops that were compared. */
export interface CosineSummary {
  readonly numCrops: number;
  readonly mean: number;
  readonly smallest: number;
}

/** Embeds the first crops of a set with both backbones, in batches of `batchSize`, and compares them crop by crop. */
export async function compareBackbones(
  crops: CropRows,
  [first, second]: readonly [Backbone, Backbone],
  { maxCrops, batchSize }: { readonly maxCrops: number; readonly batchSize: number },
): Promise<CosineSummary> {
  const compared = firstCrops(crops, maxCrops);
  const others = embedBatches(compared, second, { batchSize });
  const found: number[] = [];
  for await (const { embeddings } of embedBatches(compared, first, { batchSize })) {
    const other = (await others.next()).value!; // both walk through the same crops
    found.push(...cosines(embeddings, other.embeddings, first.dim));
  }
  const { numCrops } = compared;
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
