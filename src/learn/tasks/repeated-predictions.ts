// Classes of the same test rows, predicted several times (by draw of the training rows, or by training seed), and their scores.
import { bootstrapP, centralInterval, type Interval } from "./bootstrap.ts";
import type { ClassProblem } from "./class-problem.ts";
import { type ClassScores, classScores, confusionPlace } from "./confusion.ts";
import { crossedSums } from "./crossed-bootstrap.ts";
import type { Estimate } from "./task-result.ts";

/** [repeat][test row], places in the problem's classes. */
export type RepeatedPredictions = readonly ArrayLike<number>[];

/** What intervals need of a problem. */
export type TestedRows = Pick<ClassProblem, "classes" | "classOf" | "testRows" | "clusters"> & {
  /** Of the bootstrap. */
  readonly seed: number;
};

/** Scores over all repeats, with intervals over test rows and repeats. `positive` is a place in the classes, or -1. */
export interface RepeatedScores {
  readonly error: Estimate;
  readonly f1: Estimate | null;
  readonly errorPerRepeat: readonly number[];
  /** Sample standard deviation of `errorPerRepeat`; 0 for one repeat. */
  readonly deviation: number;
}

/** Scores of predictions [repeat][test row]; intervals are 95 %. */
export function repeatedScores(predictions: RepeatedPredictions, rows: TestedRows, positive: number): RepeatedScores {
  const { classes, classOf, testRows } = rows;
  const size = classes.length ** 2;
  const perRow = testRows.map((row, place) => {
    const moments = new Float64Array(predictions.length * size);
    for (const [repeat, predicted] of predictions.entries())
      moments[repeat * size + confusionPlace(classOf[row]!, predicted[place]!, classes.length)] = 1;
    return moments;
  });
  const ofRepeats = predictions.map((_, repeat) =>
    classScores(summed(perRow.map((one) => one.subarray(repeat * size, (repeat + 1) * size)))),
  );
  const all = classScores(summed(perRow.flatMap((one) => predictions.map((_, r) => one.subarray(r * size, (r + 1) * size)))));
  const draws = crossedSums(clustered(perRow, rows), predictions.length, rows.seed).map(classScores);
  const estimate = (of: (scores: ClassScores) => number): Estimate => ({
    value: of(all),
    interval: centralInterval(draws.map(of)),
  });
  const errorPerRepeat = ofRepeats.map(({ error }) => error);
  return {
    error: estimate(({ error }) => error),
    f1: positive < 0 ? null : estimate(({ f1 }) => f1[positive]!),
    errorPerRepeat,
    deviation: sampleDeviation(errorPerRepeat),
  };
}

/** Two networks or probes over the same test rows and repeats: error of the first less that of the second. */
export interface PairedDifference {
  readonly difference: number;
  readonly interval: Interval;
  readonly p: number;
}

/** The difference over all rows and repeats, with its interval and p by paired draws of both. */
export function pairedDifference(first: RepeatedPredictions, second: RepeatedPredictions, rows: TestedRows): PairedDifference {
  const { classOf, testRows } = rows;
  const numRepeats = first.length;
  const perRow = testRows.map((row, place) => {
    const isWrong = (predicted: ArrayLike<number>) => Number(predicted[place] !== classOf[row]);
    return Float64Array.from(first.flatMap((predicted, repeat) => [1, isWrong(predicted) - isWrong(second[repeat]!)]));
  });
  const meanOf = ([count, sum]: Float64Array) => sum! / count!;
  const draws = crossedSums(clustered(perRow, rows), numRepeats, rows.seed).map(meanOf);
  const total = perRow.reduce((sum, moments) => sum + moments.reduce((all, value, index) => all + (index % 2) * value, 0), 0);
  return {
    difference: total / (testRows.length * numRepeats),
    interval: centralInterval(draws),
    p: bootstrapP(draws),
  };
}

function clustered(perRow: readonly Float64Array[], { clusters }: TestedRows): Float64Array[] {
  return clusters.map((places) => summed(places.map((place) => perRow[place]!)));
}

function summed(vectors: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) for (let index = 0; index < sums.length; index++) sums[index]! += vector[index]!;
  return sums;
}

function sampleDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
