// Scores of predicted counts with their bootstrap intervals (paper section 4.1).
import { bootstrapSums, centralInterval } from "./bootstrap.ts";
import { COUNT_SCORES, type CountScores, countMoments, countScores } from "./count-moments.ts";
import type { CountProblem } from "./count-problem.ts";
import type { CountEstimates, Estimate } from "./task-result.ts";

/** Scores and intervals of predictions; of several seeds' predictions, the mean over seeds of each score. */
export function countEstimates(bySeed: readonly Float64Array[], { test, clusters, splitSeed }: CountProblem): CountEstimates {
  const scoresOf = (sums: readonly Float64Array[]) => meanScores(sums.map(countScores));
  const rowMoments = bySeed.map((predicted) =>
    test.truth.map((truth, place) => countMoments(truth, predicted[place]!, test.isOutlier[place]!)),
  );
  const scores = scoresOf(rowMoments.map(sumOf));
  const drawsBySeed = rowMoments.map((moments) =>
    bootstrapSums(
      clusters.map((rows) => sumOf(rows.map((row) => moments[row]!))),
      splitSeed,
    ),
  );
  const draws = drawsBySeed[0]!.map((_, draw) => scoresOf(drawsBySeed.map((sums) => sums[draw]!)));
  const estimates = COUNT_SCORES.map(
    (name) =>
      [
        name,
        estimateOf(
          scores[name],
          draws.map((one) => one[name]),
        ),
      ] as const,
  );
  return Object.fromEntries(estimates) as CountEstimates; // one entry for each score
}

function meanScores(scores: readonly CountScores[]): CountScores {
  const means = COUNT_SCORES.map((name) => [name, scores.reduce((sum, one) => sum + one[name], 0) / scores.length] as const);
  return Object.fromEntries(means) as unknown as CountScores; // one entry for each score
}

function estimateOf(value: number, draws: readonly number[]): Estimate {
  return Number.isFinite(value) ? { value, interval: centralInterval(draws) } : { value: null, interval: null };
}

/** Element by element. */
export function sumOf(vectors: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) for (let index = 0; index < sums.length; index++) sums[index]! += vector[index]!;
  return sums;
}
