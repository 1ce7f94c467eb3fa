// Stochastic depth (Huang et al. 2016) as DINO uses it: the student skips residual branches, image by image.
import { type NdArray, ndArray, randomFor } from "#base/array";

/** What fixes the draws: the crops of a batch by their index in the crop set, and the views of each. */
export interface DropPathDraw {
  readonly seed: number;
  readonly epoch: number;
  readonly cropIndices: readonly number[];
  /** First view and number of views; views are counted over global and local ones together. */
  readonly firstView: number;
  readonly numViews: number;
  readonly depth: number;
  /** Probability that the last block is skipped; it grows linearly from 0 at the first. */
  readonly dropPathRate: number;
}

/**
 * Scales [2 x depth, numViews x B], view-major: 0 where a branch is skipped, 1 / (keep probability) where it is kept.
 * A block's two branches are drawn apart. The draws belong to (seed, epoch, crop, view), whatever the batch.
 */
export function sampleDropPathScales(draw: DropPathDraw): NdArray<"float32"> {
  const { cropIndices, numViews, depth } = draw;
  const numImages = numViews * cropIndices.length;
  const data = new Float32Array(2 * depth * numImages);
  for (let view = 0; view < numViews; view++) {
    for (const [position, cropIndex] of cropIndices.entries()) {
      const random = randomFor(draw.seed, "drop path", draw.epoch, cropIndex, draw.firstView + view);
      const image = view * cropIndices.length + position;
      for (let branch = 0; branch < 2 * depth; branch++) {
        const keep = 1 - dropRateAt(Math.floor(branch / 2), depth, draw.dropPathRate);
        data[branch * numImages + image] = random.chance(keep) ? 1 / keep : 0;
      }
    }
  }
  return ndArray("float32", [2 * depth, numImages], data);
}

function dropRateAt(block: number, depth: number, dropPathRate: number): number {
  return depth === 1 ? 0 : (dropPathRate * block) / (depth - 1);
}
