// Source count (paper section 4.1): how well a frozen backbone's embeddings predict the number of sources in a crop.
import type { EmbeddingTable } from "#learn/embeddings";
import { bootstrapP, bootstrapSums, centralInterval } from "./bootstrap.ts";
import { countEstimates, sumOf } from "./count-estimates.ts";
import { fitCounts } from "./count-fits.ts";
import { type CountProblem, countProblem, type SourceCountOptions } from "./count-problem.ts";
import { OUTLIER_SIGMA } from "./count-rows.ts";
import type { Protocol } from "./evaluation-record.ts";
import { seedSpreads } from "./seed-families.ts";
import { setFacts } from "./set-facts.ts";
import { tailShares } from "./tail-shares.ts";
import type { BackboneScore, Comparison, TaskResult } from "./task-result.ts";

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
  const { predicted, numComponents, penalties, dispersions } = fitCounts(table, problem);
  const estimateOfProbe = (name: string) => countEstimates(predicted[name]!, problem);
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
            dispersions,
          }
        : {}),
      sgdPerSeed: predicted["sgd"]!.map((values) => meanSquaredError(values, problem.test.truth)),
      numComponents,
      penalties,
      predictions: Array.from(exactly!),
    },
  };
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

function meanSquaredError(predicted: Float64Array, truth: readonly number[]): number {
  return predicted.reduce((sum, value, place) => sum + (value - truth[place]!) ** 2, 0) / truth.length;
}
