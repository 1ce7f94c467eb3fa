// Source count (paper section 4.1): how well a frozen backbone's embeddings predict the number of sources in a crop.
import type { EmbeddingTable } from "#learn/embeddings";
import { bootstrapP, bootstrapSums, centralInterval } from "./bootstrap.ts";
import { COUNT_SCORES, type CountScores, countMoments, countScores } from "./count-moments.ts";
import { type CountProblem, countProblem, type SourceCountOptions } from "./count-problem.ts";
import { fitFoldFeatures } from "./fold-features.ts";
import { fitLinearBySgd } from "./linear-sgd.ts";
import { choosePenalty, fitRidge, predict, RIDGE_PENALTIES } from "./ridge.ts";
import { type Fold, innerFolds } from "./splits.ts";
import type { BackboneScore, Comparison, CountEstimates, Estimate, TaskResult } from "./task-result.ts";

const PROTOCOL =
  "frozen embeddings; min(100, training rows / 10) principal components, standardised; exact: ridge, penalty by cross-validation " +
  "on training rows; sgd: one linear layer, SGD 1e-3, weight decay 1e-5, batches of 64, 100 epochs, targets standardised, " +
  "mean over probe seeds; outliers: beyond 3 sigma of the training rows' counts, kept in training; everything fitted on training rows alone";

/**
 * Fits the probes of a backbone and of its floors on the same rows and scores them on the same test rows.
 * Throws RangeError where the table has no labels, not the split, NaN embeddings, or test rows seen in pre-training.
 */
export function evaluateSourceCount(options: SourceCountOptions): TaskResult {
  const problem = countProblem(options);
  const main = scoreBackbone(options.table, problem);
  const floors = options.floors.map((floor) => scoreBackbone(floor, problem));
  const { table, label, splitSeed, probeSeeds } = options;
  return {
    task: "source-count",
    label,
    cropSetName: table.cropSetName,
    dataHash: table.cropSetSha256,
    ...main.score,
    split: problem.split.name,
    seeds: { split: splitSeed, bootstrap: splitSeed, probe: probeSeeds },
    n: problem.numLabelled,
    numWithoutLabel: table.records.length - problem.numLabelled,
    numTrain: Math.round(problem.split.folds.reduce((sum, { train }) => sum + train.length, 0) / problem.split.folds.length),
    numTest: problem.test.ids.length,
    numOutliers: problem.test.isOutlier.filter(Boolean).length,
    intervalUnit: problem.intervalUnit,
    floors: floors.map(({ score }) => score),
    comparisons: floors.map((floor) => comparison(main, floor, problem)),
    protocol: PROTOCOL,
    notes: problem.notes,
    test: problem.test,
  };
}

interface ScoredBackbone {
  readonly score: BackboneScore;
  /** Squared error of the exact probe, of each test row. */
  readonly squaredErrors: Float64Array;
}

function scoreBackbone(table: EmbeddingTable, problem: CountProblem): ScoredBackbone {
  const fits = problem.split.folds.map((fold) => fitFold(table, fold, problem));
  const exact = gathered(
    fits.map(({ exact }) => exact),
    problem,
  );
  const bySeed = problem.probeSeeds.map((_, seed) =>
    gathered(
      fits.map(({ sgd }) => sgd[seed]!),
      problem,
    ),
  );
  const estimates = { exact: estimate([exact], problem), sgd: estimate(bySeed, problem) };
  const squaredErrors = exact.map((predicted, place) => (predicted - problem.test.truth[place]!) ** 2);
  return {
    squaredErrors,
    score: {
      backbone: table.backbone,
      embeddingDim: table.dim,
      metric: "meanSquaredError",
      value: estimates.exact.meanSquaredError.value!, // test rows are never none
      interval: estimates.exact.meanSquaredError.interval!,
      ...estimates,
      sgdPerSeed: bySeed.map((predicted) => meanSquaredError(predicted, problem.test.truth)),
      numComponents: fits.map(({ numComponents }) => numComponents),
      penalties: fits.map(({ penalty }) => penalty),
      predictions: Array.from(exact),
    },
  };
}

interface FoldFit {
  readonly numComponents: number;
  readonly penalty: number;
  /** Predictions for the fold's test rows: of the exact probe, and of the sgd probe by seed. */
  readonly exact: Float64Array;
  readonly sgd: readonly Float64Array[];
}

function fitFold(table: EmbeddingTable, fold: Fold, problem: CountProblem): FoldFit {
  const features = fitFoldFeatures(table, fold);
  const targets = Float64Array.from(fold.train, (row) => problem.labels[row]!); // rows of the split have labels
  const positions = new Map(fold.train.map((row, place) => [row, place]));
  const toPositions = (rows: readonly number[]) => rows.map((row) => positions.get(row)!);
  const inner = innerFolds(problem.split.name, {
    records: table.records,
    rows: fold.train,
    cropSize: table.cropSize,
    seed: problem.splitSeed,
  }).map(({ name, train, test }) => ({ name, train: toPositions(train), test: toPositions(test) }));
  const penalty = choosePenalty(features.train, targets, inner, RIDGE_PENALTIES);
  const [model] = fitRidge(features.train, targets, [penalty]);
  return {
    numComponents: features.numComponents,
    penalty,
    exact: predict(model!, features.test),
    sgd: problem.probeSeeds.map((seed) => predict(fitLinearBySgd(features.train, targets, seed), features.test)),
  };
}

/** Predictions of all folds, brought into the order of the test rows. */
function gathered(byFold: readonly Float64Array[], { split, testPlaces }: CountProblem): Float64Array {
  const all = new Float64Array(testPlaces.size);
  for (const [index, { test }] of split.folds.entries()) {
    for (const [place, row] of test.entries()) all[testPlaces.get(row)!] = byFold[index]![place]!;
  }
  return all;
}

/** Scores and intervals of predictions; of several seeds' predictions, the mean over seeds of each score. */
function estimate(bySeed: readonly Float64Array[], { test, clusters, splitSeed }: CountProblem): CountEstimates {
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

function comparison(main: ScoredBackbone, floor: ScoredBackbone, { clusters, splitSeed }: CountProblem): Comparison {
  const perRow = Array.from(main.squaredErrors, (error, place) => Float64Array.of(1, error - floor.squaredErrors[place]!));
  const meanOf = ([rows, sum]: Float64Array) => sum! / rows!;
  const draws = bootstrapSums(
    clusters.map((rows) => sumOf(rows.map((row) => perRow[row]!))),
    splitSeed,
  ).map(meanOf);
  return {
    against: floor.score.backbone,
    difference: meanOf(sumOf(perRow)),
    interval: centralInterval(draws),
    p: bootstrapP(draws),
  };
}

function sumOf(vectors: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) for (let index = 0; index < sums.length; index++) sums[index]! += vector[index]!;
  return sums;
}

function meanSquaredError(predicted: Float64Array, truth: readonly number[]): number {
  return predicted.reduce((sum, value, place) => sum + (value - truth[place]!) ** 2, 0) / truth.length;
}
