// Bootstrap over two things at once: the test rows, and what a score was repeated with (draws of a subset, seeds of training).
import { randomFor } from "#base/array";
import { bootstrapSums } from "./bootstrap.ts";

/**
 * Sums of each draw, [NUM_DRAWS][M]: `clusters` [C][repeats * M], repeat by repeat, C of them drawn with replacement and as many
 * repeats (Owen 2007, the pigeonhole bootstrap). The same seed and sizes give the same draws, so that two are compared in pairs.
 */
export function crossedSums(clusters: readonly Float64Array[], numRepeats: number, seed: number): Float64Array[] {
  const numMoments = (clusters[0]?.length ?? 0) / numRepeats;
  return bootstrapSums(clusters, seed).map((sums, draw) => {
    const random = randomFor(seed, "bootstrap of repeats", draw);
    const drawn = new Float64Array(numMoments);
    for (let count = 0; count < numRepeats; count++) {
      const start = random.integer(numRepeats) * numMoments;
      for (let moment = 0; moment < numMoments; moment++) drawn[moment]! += sums[start + moment]!;
    }
    return drawn;
  });
}
