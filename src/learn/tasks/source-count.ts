// Source count (paper section 4.1): how well a frozen backbone's embeddings predict the number of sources in a crop.

import type { EmbeddingTable, Matrix } from "#learn/embeddings";
import { bootstrapP, bootstrapSums, centralInterval } from "./bootstrap.ts";
import { countFeatures } from "./count-features.ts";
import { COUNT_SCORES, type CountScores, countMoments, countScores } from "./count-moments.ts";
import { type CountProblem, countProblem, type SourceCountOptions } from "./count-problem.ts";
import { expectedCounts, fitNegativeBinomial, fitPoisson } from "./count-regression.ts";
import { OUTLIER_SIGMA } from "./count-rows.ts";
import type { Protocol } from "./evaluation-record.ts";
import type { FoldFeatures } from "./fold-features.ts";
import { fitLinearBySgd } from "./linear-sgd.ts";
import { choosePenalty, fitRidge, predict, RIDGE_PENALTIES } from "./ridge.ts";
import { seedSpreads } from "./seed-families.ts";
import { setFacts } from "./set-facts.ts";
import { type Fold, innerFolds } from "./splits.ts";
import { tailShares } from "./tail-shares.ts";
import type { BackboneScore, Comparison, CountEstimates, Estimate, TaskResult } from "./task-result.ts";

const PROBES_TEXT =
  "exact: ridge, penalty by cross-validation on training rows; sgd: one linear layer, SGD 1e-3, weight decay 1e-5, batches of 64, " +
  "100 epochs, mean over probe seeds; poisson and negative binomial: log link, L2 penalty by cross-validated likelihood";

const PROTOCOL_TEXTS: Readonly<Record<Protocol, string>> = {
  paper:
    `frozen embeddings; principal components and standardisation fitted on training rows alone; ${PROBES_TEXT}; sgd's targets ` +
    "standardised; outliers by the sigma rule, with limits from training rows, are left out of training, and test rows are scored " +
    "with and without them",
  "mgcls-dino-asis":
    "for audit only: principal components and standardisation fitted on all rows, test rows among them, and the row's number kept " +
    `as a feature, as the published code does; ${PROBES_TEXT}; sgd's targets as they are; crops without a source left out, and ` +
    "outliers by the sigma rule, with limits from all rows, dropped from test rows too",
};

/** A fold's predictions for its test rows by probe: of the sgd probe by seed, of the others once. */
interface FoldFit {
  readonly numComponents: number;
  readonly penalty: number;
  /** NaN where no negative binomial was fitted. */
  readonly dispersion: number;
  readonly predictions: Readonly<Record<string, readonly Float64Array[]>>;
}

/**
 * Fits the probes of a backbone and of its floors on the same rows and scores them on the same test rows.
 * Throws RangeError where the table has no labels, not the split, NaN embeddings, or test rows seen in pre-training.
 */
export function evaluateSourceCount(options: SourceCountOptions): TaskResult {
  const problem = countProblem(options);
  const main = scoreBackbone(options.table, problem);
  const floors = options.floors.map((floor) => scoreBackbone(floor, problem));
  const { table, label, splitSeed, probeSeeds, families = [] } = options;
  const { clusters } = problem;
  const losses = new Map([main, ...floors].map(({ score, squaredErrors }) => [score.backbone, [asLosses(squaredErrors)]]));
  return {
    task: "source-count",
    label,
    ...setFacts(table),
    ...main.score,
    split: problem.split.name,
    seeds: { split: splitSeed, bootstrap: splitSeed, probe: probeSeeds },
    n: problem.numLabelled,
    numWithoutLabel: table.records.length - problem.numLabelled - problem.numLeftOut,
    numTrain: Math.round(problem.split.folds.reduce((sum, { train }) => sum + train.length, 0) / problem.split.folds.length),
    numTest: problem.test.ids.length,
    numOutliers: problem.test.isOutlier.filter(Boolean).length,
    numTrainOutliers: problem.numTrainOutliers,
    outlierSigma: options.outlierSigma ?? OUTLIER_SIGMA,
    pca: options.pca === null ? null : main.score.numComponents[0]!,
    ...(options.dataQualityFlags ? { dataQualityFlags: options.dataQualityFlags } : {}),
    intervalUnit: problem.intervalUnit,
    tail: tailShares(problem.test.truth, main.predicted),
    floors: floors.map(({ score }) => score),
    comparisons: floors.map((floor) => comparison(main, floor, problem)),
    ...(families.length > 0 ? { pretrainingSeeds: seedSpreads(families, losses, { clusters, seed: splitSeed }) } : {}),
    protocol: problem.protocol,
    protocolText: PROTOCOL_TEXTS[problem.protocol],
    notes: problem.notes,
    test: problem.test,
  };
}

function asLosses(squaredErrors: Float64Array): Float64Array[] {
  return Array.from(squaredErrors, (error) => Float64Array.of(1, error));
}

interface ScoredBackbone {
  readonly score: BackboneScore;
  /** Squared error of the exact probe, of each test row. */
  readonly squaredErrors: Float64Array;
  /** Of each test row, by probe and seed. */
  readonly predicted: Readonly<Record<string, readonly Float64Array[]>>;
}

function scoreBackbone(table: EmbeddingTable, problem: CountProblem): ScoredBackbone {
  const { protocol, options } = problem;
  const { pca = "auto" } = options; // null is a choice: no components
  const featuresOf = countFeatures(table, protocol, pca);
  const fits = problem.split.folds.map((fold) => fitFold(featuresOf(fold), fold, problem));
  const names = Object.keys(fits[0]!.predictions); // a split has folds
  const predicted = Object.fromEntries(
    names.map((name) => {
      const numSeeds = fits[0]!.predictions[name]!.length;
      const bySeed = Array.from({ length: numSeeds }, (_, seed) =>
        gathered(
          fits.map(({ predictions }) => predictions[name]![seed]!),
          problem,
        ),
      );
      return [name, bySeed] as const;
    }),
  );
  const estimateOfProbe = (name: string) => estimate(predicted[name]!, problem);
  const exact = estimateOfProbe("exact");
  const [exactly] = predicted["exact"]!;
  return {
    squaredErrors: exactly!.map((value, place) => (value - problem.test.truth[place]!) ** 2),
    predicted,
    score: {
      backbone: table.backbone,
      embeddingDim: table.dim,
      metric: "meanSquaredError",
      value: exact.meanSquaredError.value!, // test rows are never none
      interval: exact.meanSquaredError.interval!,
      exact,
      sgd: estimateOfProbe("sgd"),
      ...("poisson" in predicted
        ? {
            poisson: estimateOfProbe("poisson"),
            negativeBinomial: estimateOfProbe("negativeBinomial"),
            dispersions: fits.map(({ dispersion }) => dispersion),
          }
        : {}),
      sgdPerSeed: predicted["sgd"]!.map((values) => meanSquaredError(values, problem.test.truth)),
      numComponents: fits.map(({ numComponents }) => numComponents),
      penalties: fits.map(({ penalty }) => penalty),
      predictions: Array.from(exactly!),
    },
  };
}

function fitFold(features: FoldFeatures, fold: Fold, problem: CountProblem): FoldFit {
  const { table, probes = "linear" } = problem.options;
  const targets = Float64Array.from(fold.train, (row) => problem.labels[row]!); // rows of the split have labels
  const inner = innerPlaces(table, fold.train, problem);
  const penalty = choosePenalty(features.train, targets, inner, RIDGE_PENALTIES);
  const [ridge] = fitRidge(features.train, targets, [penalty]);
  const scaling = problem.protocol === "paper" ? "standardised" : "none";
  const counted = probes === "all" ? fitCountModels(features.train, targets, inner) : undefined;
  return {
    numComponents: features.numComponents,
    penalty,
    dispersion: counted?.negativeBinomial.dispersion ?? Number.NaN,
    predictions: {
      exact: [predict(ridge!, features.test)],
      sgd: problem.probeSeeds.map((seed) => predict(fitLinearBySgd(features.train, targets, seed, scaling), features.test)),
      ...(counted && {
        poisson: [expectedCounts(counted.poisson, features.test)],
        negativeBinomial: [expectedCounts(counted.negativeBinomial, features.test)],
      }),
    },
  };
}

function fitCountModels(x: Matrix, targets: Float64Array, inner: readonly Fold[]) {
  const poisson = fitPoisson(x, targets, inner);
  return { poisson, negativeBinomial: fitNegativeBinomial(x, targets, inner, poisson) };
}

/** Inner folds as positions in the fold's training rows. */
function innerPlaces({ records, cropSize }: EmbeddingTable, rows: readonly number[], { split, splitSeed }: CountProblem): Fold[] {
  const positions = new Map(rows.map((row, place) => [row, place]));
  const toPositions = (some: readonly number[]) => some.map((row) => positions.get(row)!);
  return innerFolds(split.name, { records, rows, cropSize, seed: splitSeed }).map(({ name, train, test }) => ({
    name,
    train: toPositions(train),
    test: toPositions(test),
  }));
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
