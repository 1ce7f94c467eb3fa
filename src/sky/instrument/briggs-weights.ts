// Briggs' robust weighting: between natural (R = 2) and uniform (R = -2) (Briggs 1995, section 3.4).
import type { UvGrid } from "./uv-grid.ts";

/** Weights of the cells of a uv grid. */
export interface UvWeights {
  readonly robust: number;
  /** Weight of each visibility of a cell. */
  readonly perVisibility: Float64Array;
  /** Sum of all weights, both halves of the plane. */
  readonly sum: number;
  /** How much noisier than naturally weighted the image is: at least 1. */
  readonly noiseFactor: number;
}

/** w = 1 / (1 + n f^2) with f^2 = (5 x 10^-R)^2 / (sum n^2 / sum n), n being a cell's visibilities. */
export function briggsWeights({ counts }: UvGrid, robust: number): UvWeights {
  const sumCounts = counts.reduce((sum, count) => sum + count, 0);
  const sumSquares = counts.reduce((sum, count) => sum + count * count, 0);
  const factor = (5 * 10 ** -robust) ** 2 / (sumSquares / sumCounts);
  const perVisibility = counts.map((count) => 1 / (1 + count * factor));
  let sum = 0;
  let sumWeightSquares = 0;
  for (const [slot, count] of counts.entries()) {
    sum += count * perVisibility[slot]!;
    sumWeightSquares += count * perVisibility[slot]! ** 2;
  }
  return { robust, perVisibility, sum: 2 * sum, noiseFactor: Math.sqrt(sumWeightSquares * sumCounts) / sum };
}
