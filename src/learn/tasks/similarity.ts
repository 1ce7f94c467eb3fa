// Similarity search, measured: do the crops most like a test crop have its class (paper section 5; the published code's precision at 1, 3, 5)?

import { type EmbeddingTable, type Metric, selectRows, timesTransposed } from "#learn/embeddings";
import { bootstrapP, bootstrapSums, centralInterval } from "./bootstrap.ts";
import { type ClassOptions, type ClassProblem, classProblem } from "./class-problem.ts";
import type { SimilarityComparison, SimilarityRecord, SimilarityScore } from "./exploring-records.ts";
import { nearestOf, withUnitLength } from "./knn-vote.ts";
import { setFacts } from "./set-facts.ts";

/** The published code's numbers of neighbours. */
export const SIMILARITY_SIZES = [1, 3, 5] as const;

export interface SimilarityOptions
  extends Omit<ClassOptions, "protocol" | "pca" | "probeSeeds" | "positiveClass" | "dataQualityFlags"> {
  readonly metric: Metric;
}

/**
 * Precision at 1, 3 and 5: for each test crop the share of its nearest training crops that have its class. Nothing is fitted. Throws
 * RangeError as classifications do, and where a fold has fewer training crops than neighbours.
 */
export function evaluateSimilarity(options: SimilarityOptions): SimilarityRecord {
  const { table, floors, metric, splitSeed } = options;
  const problem = classProblem({
    ...options,
    protocol: "paper",
    pca: null,
    probeSeeds: [0],
    positiveClass: null,
    dataQualityFlags: null,
  });
  const shares = [table, ...floors].map((one) => matchingShares(one, problem, metric));
  const scores = [table, ...floors].map((one, index) => scoreOf(one, shares[index]!, problem, splitSeed));
  const folds = problem.repeats.flat();
  return {
    task: "similarity",
    ...scores[0]!,
    ...setFacts(table),
    intervalUnit: problem.intervalUnit,
    seeds: { split: splitSeed, bootstrap: splitSeed, probe: [] },
    exclusions: problem.exclusions,
    notes: problem.notes,
    protocolText: `Share of the k nearest training crops by ${metric} distance, embeddings as they are, that have the test crop's class; mean over test crops.`,
    distance: metric,
    classes: problem.classes,
    numTrain: Math.round(folds.reduce((sum, { train }) => sum + train.length, 0) / folds.length),
    numTest: problem.testRows.length,
    chance: chanceOf(problem),
    floors: scores.slice(1),
    comparisons: floors.map((floor, index) => compared(floor.backbone, [shares[0]!, shares[index + 1]!], problem, splitSeed)),
  };
}

/** Of each test row, by size: the mean over repeats of the share of its nearest training rows that have its class. */
function matchingShares(table: EmbeddingTable, problem: ClassProblem, metric: Metric): readonly Float64Array[] {
  const { classOf, testPlaces, testRows, repeats } = problem;
  const sums = testRows.map(() => new Float64Array(SIMILARITY_SIZES.length));
  const counts = new Float64Array(testRows.length);
  for (const { train, test } of repeats.flat()) {
    const most = SIMILARITY_SIZES.at(-1)!;
    if (train.length < most)
      throw new RangeError(`evaluate: expected at least ${most} training crops for precision at ${most}, got ${train.length}.`);
    const nearness = nearnessOf(table, train, test, metric);
    for (const [index, row] of test.entries()) {
      const found = nearestOf(nearness.subarray(index * train.length, (index + 1) * train.length), most);
      const place = testPlaces.get(row)!;
      counts[place]! += 1;
      for (const [size, k] of SIMILARITY_SIZES.entries()) {
        const numSame = found.slice(0, k).filter(({ place: other }) => classOf[train[other]!] === classOf[row]).length;
        sums[place]![size]! += numSame / k;
      }
    }
  }
  return sums.map((shares, place) => shares.map((share) => share / counts[place]!));
}

/** [test, train], the greatest the nearest: the cosine, or less half the squared distance up to what a test row's all have. */
function nearnessOf({ embeddings, dim }: EmbeddingTable, train: readonly number[], test: readonly number[], metric: Metric) {
  const prepared = (rows: readonly number[]) => {
    const selected = selectRows(embeddings, dim, rows);
    return metric === "cosine" ? withUnitLength(selected) : selected;
  };
  const database = prepared(train);
  const { data } = timesTransposed(prepared(test), database);
  if (metric === "cosine") return data;
  const halfSquares = Float64Array.from(train, (_, row) => {
    const values = database.data.subarray(row * dim, (row + 1) * dim);
    return 0.5 * values.reduce((sum, value) => sum + value * value, 0);
  });
  return data.map((product, index) => product - halfSquares[index % train.length]!);
}

function scoreOf(
  { backbone, dim }: EmbeddingTable,
  shares: readonly Float64Array[],
  { clusters }: ClassProblem,
  seed: number,
): SimilarityScore {
  const draws = meansOfDraws(shares, clusters, seed);
  const precision = SIMILARITY_SIZES.map((k, size) => ({
    k,
    value: shares.reduce((sum, row) => sum + row[size]!, 0) / shares.length,
    interval: centralInterval(draws.map((means) => means[size]!)),
  }));
  const [first] = precision;
  return {
    backbone,
    embeddingDim: dim,
    metric: "precisionAt1",
    value: first!.value,
    interval: first!.interval,
    precision,
  };
}

/** Of each bootstrap draw: the mean of every column over the rows drawn. */
function meansOfDraws(rows: readonly Float64Array[], clusters: ClassProblem["clusters"], seed: number): Float64Array[] {
  const perCluster = clusters.map((places) => {
    const sums = new Float64Array(rows[0]!.length + 1);
    for (const place of places) {
      sums[0]! += 1;
      for (const [column, value] of rows[place]!.entries()) sums[column + 1]! += value;
    }
    return sums;
  });
  return bootstrapSums(perCluster, seed).map((sums) => sums.subarray(1).map((sum) => sum / sums[0]!));
}

function compared(
  against: string,
  [ours, theirs]: readonly [readonly Float64Array[], readonly Float64Array[]],
  { clusters }: ClassProblem,
  seed: number,
): SimilarityComparison {
  const differences = ours.map((row, place) => Float64Array.of(row[0]! - theirs[place]![0]!));
  const draws = meansOfDraws(differences, clusters, seed).map(([mean]) => mean!);
  const difference = differences.reduce((sum, [value]) => sum + value!, 0) / differences.length;
  return { against, difference, interval: centralInterval(draws), p: bootstrapP(draws) };
}

/** Share of training rows of a test row's class, over all test rows. */
function chanceOf({ repeats, classOf }: ClassProblem): number {
  let [sum, count] = [0, 0];
  for (const { train, test } of repeats.flat()) {
    const shares = new Map<number, number>();
    for (const row of train) shares.set(classOf[row]!, (shares.get(classOf[row]!) ?? 0) + 1 / train.length);
    for (const row of test) sum += shares.get(classOf[row]!) ?? 0;
    count += test.length;
  }
  return sum / count;
}
