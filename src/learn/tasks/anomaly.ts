// Oddness scored without labels, against a person's scores of interest (MGCLS Protege: Lochner & Rudnick 2024).

import { randomFor } from "#base/array";
import {
  applyPca,
  type EmbeddingTable,
  fitPca,
  type Matrix,
  matrixOf,
  standardisedRows,
  timesTransposed,
} from "#learn/embeddings";
import { centralInterval, type Interval, NUM_DRAWS } from "./bootstrap.ts";
import { checkTables, clustersOf } from "./evaluation-rows.ts";
import type { AnomalyRecord, AnomalyScore } from "./exploring-records.ts";
import { setFacts } from "./set-facts.ts";
import type { Estimate } from "./task-result.ts";
import { type Ranking, rankingOf, weightedRocAuc, weightedSpearman } from "./weighted-ranks.ts";

export interface AnomalyOptions {
  readonly table: EmbeddingTable;
  readonly floors: readonly EmbeddingTable[];
  /** Crops with at least this interest score count as interesting. */
  readonly minInterest: number;
  /** Neighbours whose mean distance is a crop's oddness. */
  readonly numNeighbours: number;
  /** Principal components at most; a tenth of the crops where they are fewer. */
  readonly maxComponents: number;
  /** Of the bootstrap. */
  readonly seed: number;
}

type ScorerName = AnomalyScore["scorers"][number]["name"];

/** The headline. */
const HEADLINE: ScorerName = "neighbour-distance";
/** How many of the oddest crops a person would look at. */
const TOPS = [25, 50, 100, 200] as const;
/** Scores and places that are looked at: fewer tell nothing. */
const MIN_PER_CLASS = 5;

interface Truth {
  readonly rows: readonly number[];
  readonly interest: Ranking;
  /** 1 for interesting rows. */
  readonly isInteresting: Uint8Array;
  /** [draw][row]: how often a row is drawn. */
  readonly draws: readonly Float64Array[];
}

/** Scores every table. Throws RangeError where interest scores are missing or say the same of nearly all crops. */
export function evaluateAnomaly(options: AnomalyOptions): AnomalyRecord {
  const { table, floors, minInterest, numNeighbours, maxComponents, seed } = options;
  checkTables([table, ...floors]);
  const { truth, intervalUnit, notes, numUnscored } = truthOf(options);
  const scores = [table, ...floors].map((one) => scoreOf(one, truth, options));
  return {
    task: "anomaly",
    ...scores[0]!,
    ...setFacts(table),
    intervalUnit,
    seeds: { split: seed, bootstrap: seed, probe: [] },
    exclusions: numUnscored > 0 ? [{ reason: "crops without an interest score", count: numUnscored }] : [],
    notes,
    protocolText: `Columns standardised, ${maxComponents} principal components or a tenth of the crops, both without labels. Oddness: mean distance to the ${numNeighbours} nearest other crops, or Mahalanobis distance.`,
    minInterest,
    n: truth.rows.length,
    numInteresting: truth.isInteresting.reduce((sum, value) => sum + value, 0),
    floors: scores.slice(1),
  };
}

interface InterestOptions extends Pick<AnomalyOptions, "minInterest"> {
  readonly table: Pick<EmbeddingTable, "records">;
}

/** Finds out before crops are embedded whether they have scores of interest. Throws RangeError, as `evaluateAnomaly`. */
export function checkInterestScores(options: InterestOptions): void {
  scoredRows(options);
}

function scoredRows({ table: { records }, minInterest }: InterestOptions) {
  const rows = records.flatMap(({ interestScore }, row) => (interestScore === null ? [] : [row]));
  const interest = rows.map((row) => records[row]!.interestScore!);
  const isInteresting = Uint8Array.from(interest, (score) => Number(score >= minInterest));
  const numInteresting = isInteresting.reduce((sum, value) => sum + value, 0);
  if (Math.min(numInteresting, rows.length - numInteresting) < MIN_PER_CLASS)
    throw new RangeError(
      `evaluate anomaly: expected at least ${MIN_PER_CLASS} crops with an interest score from ${minInterest} on and as many below, got ${numInteresting} of ${rows.length}. Import a set with scores, or change --min-interest.`,
    );
  return { rows, interest, isInteresting };
}

function truthOf(options: AnomalyOptions) {
  const { records } = options.table;
  const { rows, interest, isInteresting } = scoredRows(options);
  const { clusters, intervalUnit, notes } = clustersOf(rows.map((row) => records[row]!.field));
  const draws = Array.from({ length: NUM_DRAWS }, (_, draw) => drawnWeights(clusters, rows.length, options.seed, draw));
  const truth: Truth = { rows, interest: rankingOf(interest), isInteresting, draws };
  return { truth, intervalUnit, notes, numUnscored: records.length - rows.length };
}

/** Clusters drawn with replacement, as many as there are: how often each row comes. */
function drawnWeights(clusters: readonly (readonly number[])[], numRows: number, seed: number, draw: number): Float64Array {
  const random = randomFor(seed, "bootstrap", draw);
  const weights = new Float64Array(numRows);
  for (let count = 0; count < clusters.length; count++)
    for (const row of clusters[random.integer(clusters.length)]!) weights[row]! += 1;
  return weights;
}

function scoreOf(table: EmbeddingTable, truth: Truth, options: AnomalyOptions): AnomalyScore {
  const { backbone, dim } = table;
  const oddness = oddnessOf(table, truth.rows, options);
  const scorers = (Object.keys(oddness) as ScorerName[]).map((name) => ({ name, ...judged(oddness[name], truth) })); // oddnessOf's own keys
  const { rocAuc } = scorers.find(({ name }) => name === HEADLINE)!;
  // A score that is the same for all crops puts none first.
  const [value, interval]: [number, Interval] = [rocAuc.value ?? 0.5, rocAuc.interval ?? [0.5, 0.5]];
  return { backbone, embeddingDim: dim, metric: "rocAuc", value, interval, scorers };
}

/** How odd each row is among the rows, by each scorer. */
export function oddnessOf(
  { embeddings, dim }: Pick<EmbeddingTable, "embeddings" | "dim">,
  rows: readonly number[],
  { numNeighbours, maxComponents }: Pick<AnomalyOptions, "numNeighbours" | "maxComponents">,
): Readonly<Record<ScorerName, Float64Array>> {
  const n = rows.length;
  if (!(numNeighbours >= 1 && numNeighbours < n))
    throw new RangeError(
      `evaluate anomaly: --neighbours: expected 1 to ${n - 1}, the other crops there are, got ${numNeighbours}.`,
    );
  const selected = new Float32Array(n * dim);
  for (const [place, row] of rows.entries()) selected.set(embeddings.subarray(row * dim, (row + 1) * dim), place * dim);
  const scaled = matrixOf(n, dim, Float64Array.from(standardisedRows(selected, dim)));
  const pca = fitPca(scaled, Math.min(maxComponents, Math.max(1, Math.floor(n / 10))));
  const along = applyPca(pca, scaled);
  return {
    "neighbour-distance": neighbourDistances(along, numNeighbours),
    mahalanobis: mahalanobisDistances(along, pca.explainedVariance),
  };
}

function neighbourDistances(rows: Matrix, k: number): Float64Array {
  const n = rows.numRows;
  const { data } = timesTransposed(rows, rows);
  return Float64Array.from({ length: n }, (_, row) => {
    const squares = Float64Array.from({ length: n }, (_, other) =>
      Math.max(0, data[row * n + row]! + data[other * n + other]! - 2 * data[row * n + other]!),
    );
    squares[row] = Number.POSITIVE_INFINITY;
    const nearest = squares.sort().subarray(0, k);
    return nearest.reduce((sum, square) => sum + Math.sqrt(square), 0) / k;
  });
}

function mahalanobisDistances({ numRows, numColumns: K, data }: Matrix, variances: Float64Array): Float64Array {
  return Float64Array.from({ length: numRows }, (_, row) => {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += data[row * K + k]! ** 2 / variances[k]!;
    return Math.sqrt(sum);
  });
}

function judged(oddness: Float64Array, { interest, isInteresting, draws }: Truth) {
  const ranking = rankingOf(oddness);
  const all = new Float64Array(oddness.length).fill(1);
  const estimate = (of: (weights: ArrayLike<number>) => number): Estimate => {
    const value = of(all);
    return Number.isFinite(value) ? { value, interval: centralInterval(draws.map(of)) } : { value: null, interval: null };
  };
  return {
    rocAuc: estimate((weights) => weightedRocAuc(ranking, isInteresting, weights)),
    rankCorrelation: estimate((weights) => weightedSpearman(ranking, interest, weights)),
    recallAt: TOPS.filter((top) => top < oddness.length / 2).map((top) => {
      const of = (weights: ArrayLike<number>) => recallAt(ranking, isInteresting, weights, top);
      return { top, value: of(all), interval: centralInterval(draws.map(of)) };
    }),
  };
}

/** Share of the interesting rows among the `top` oddest; the last row counts in part where it is drawn more often than there is room. */
function recallAt({ order }: Ranking, isInteresting: Uint8Array, weights: ArrayLike<number>, top: number): number {
  let [left, found, total] = [top, 0, 0];
  for (let place = order.length - 1; place >= 0; place--) {
    const row = order[place]!;
    if (isInteresting[row]) {
      total += weights[row]!;
      found += Math.min(left, weights[row]!);
    }
    left = Math.max(0, left - weights[row]!);
  }
  return found / total;
}
