// Bootstrap: how far a score would move with other test rows. Rows of one field are drawn together (Davison & Hinkley, 3.8).
import { randomFor } from "#base/array";
import { percentiles } from "#base/image";

export type Interval = readonly [low: number, high: number];

/** Draws of a bootstrap: enough for the ends of a 95 % interval to settle to about a hundredth of its width. */
export const NUM_DRAWS = 2000;

const LOW_PERCENTILE = 2.5;
const HIGH_PERCENTILE = 97.5;

/**
 * Sums of each draw, [NUM_DRAWS][M]: `clusters` [C][M] drawn C times with replacement and added up.
 * The same seed and number of clusters give the same draws, so two backbones over the same rows are compared in pairs.
 */
export function bootstrapSums(clusters: readonly Float64Array[], seed: number): Float64Array[] {
  const numMoments = clusters[0]?.length ?? 0;
  // One array: draws jump about in it, a hundred thousand times and more.
  const values = new Float64Array(clusters.length * numMoments);
  for (const [index, cluster] of clusters.entries()) values.set(cluster, index * numMoments);
  return Array.from({ length: NUM_DRAWS }, (_, draw) => {
    const random = randomFor(seed, "bootstrap", draw);
    const sums = new Float64Array(numMoments);
    for (let count = 0; count < clusters.length; count++) {
      const start = random.integer(clusters.length) * numMoments;
      for (let moment = 0; moment < numMoments; moment++) sums[moment]! += values[start + moment]!;
    }
    return sums;
  });
}

/** The central 95 % of draws. Draws without a value are left out; NaN where none has one. */
export function centralInterval(draws: readonly number[]): Interval {
  const finite = draws.filter(Number.isFinite);
  if (finite.length === 0) return [Number.NaN, Number.NaN];
  const [low, high] = percentiles(finite, [LOW_PERCENTILE, HIGH_PERCENTILE]);
  return [low!, high!];
}

/** Two-sided p of "no difference": twice the smaller share of draws beyond zero, counting the sample itself as one draw. */
export function bootstrapP(differences: readonly number[]): number {
  const numBelow = differences.filter((difference) => difference <= 0).length;
  const numAbove = differences.filter((difference) => difference >= 0).length;
  return Math.min(1, (2 * (Math.min(numBelow, numAbove) + 1)) / (differences.length + 1));
}
