// Bootstrap over several things at once: the test rows, and what a score was repeated with (draws of a subset, seeds of training).
import { randomFor } from "#base/array";
import { bootstrapSums } from "./bootstrap.ts";

/**
 * Sums of each draw, [NUM_DRAWS][M]: `clusters` [C][repeats * M], repeat by repeat, C of them drawn with replacement and as many
 * repeats (Owen 2007, the pigeonhole bootstrap). The same seed and sizes give the same draws, so that two are compared in pairs.
 */
export function crossedSums(clusters: readonly Float64Array[], numRepeats: number, seed: number): Float64Array[] {
  return nestedSums(clusters, new Array<number>(numRepeats).fill(1), seed);
}

/**
 * The same where repeats are of several members (networks pre-trained with other seeds, each fine-tuned with several): as many members
 * as there are are drawn, and of each one drawn as many of its own repeats as it has. `clusters` [C][sum of repeatsOf * M], member by
 * member, repeat by repeat.
 */
export function nestedSums(clusters: readonly Float64Array[], repeatsOf: readonly number[], seed: number): Float64Array[] {
  const starts: number[] = [];
  let numRepeats = 0;
  for (const count of repeatsOf) {
    starts.push(numRepeats);
    numRepeats += count;
  }
  const numMoments = (clusters[0]?.length ?? 0) / numRepeats;
  return bootstrapSums(clusters, seed).map((sums, draw) => {
    const random = randomFor(seed, "bootstrap of repeats", draw);
    const drawn = new Float64Array(numMoments);
    for (let count = 0; count < repeatsOf.length; count++) {
      const member = random.integer(repeatsOf.length);
      const numOwn = repeatsOf[member]!;
      for (let own = 0; own < numOwn; own++) {
        const start = (starts[member]! + (numOwn === 1 ? 0 : random.integer(numOwn))) * numMoments;
        for (let moment = 0; moment < numMoments; moment++) drawn[moment]! += sums[start + moment]!;
      }
    }
    return drawn;
  });
}
