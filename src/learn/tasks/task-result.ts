// The record of one evaluation: what was asked, of which data, with which seeds, and what came out beside the floors.
import type { Interval } from "./bootstrap.ts";
import type { CountScores } from "./count-moments.ts";
import type { Protocol } from "./evaluation-record.ts";
import type { SeedSpread } from "./seed-families.ts";
import type { SetFacts } from "./set-facts.ts";
import type { SplitName } from "./splits.ts";

/** A score and its 95 % interval; null where it has no value (JSON knows no NaN). */
export interface Estimate {
  readonly value: number | null;
  readonly interval: Interval | null;
}

export type CountEstimates = { readonly [Score in keyof CountScores]: Estimate };

/** What one backbone (or floor) reaches. `value` and `interval` are the headline: the metric of the exact probe. */
export interface BackboneScore {
  readonly backbone: string;
  readonly embeddingDim: number;
  readonly metric: "meanSquaredError";
  readonly value: number;
  readonly interval: Interval;
  readonly exact: CountEstimates;
  readonly sgd: CountEstimates;
  /** Regressions made for counts, log link; absent where they were not asked for. */
  readonly poisson?: CountEstimates;
  readonly negativeBinomial?: CountEstimates;
  /** Of the negative binomial, of each fold: variance is mean + dispersion mean². */
  readonly dispersions?: readonly number[];
  /** Mean squared error of the sgd probe, one a probe seed. */
  readonly sgdPerSeed: readonly number[];
  /** Of each fold. */
  readonly numComponents: readonly number[];
  readonly penalties: readonly number[];
  /** The exact probe's prediction for every row of `test`. */
  readonly predictions: readonly number[];
}

/** Two backbones over the same test rows, exact probe: mean squared error of the first less that of `against`. */
export interface Comparison {
  readonly against: string;
  readonly difference: number;
  readonly interval: Interval;
  readonly p: number;
}

/** The rows that were predicted, each once, in the table's order. */
export interface TestRows {
  readonly ids: readonly string[];
  readonly fields: readonly string[];
  readonly truth: readonly number[];
  readonly fold: readonly string[];
  readonly isOutlier: readonly boolean[];
}

/** How often a count is exceeded: in truth, and in the predictions of each probe (paper section 4.1). Shares of the test rows. */
export interface TailShare {
  readonly count: number;
  readonly truth: number;
  readonly predicted: Readonly<Record<string, number>>;
}

export interface TaskResult extends BackboneScore, SetFacts {
  readonly task: "source-count";
  readonly label: string;
  readonly split: SplitName;
  /** Seeds of evaluation. Those of pre-training are the backbone's own, in its run. */
  readonly seeds: { readonly split: number; readonly bootstrap: number; readonly probe: readonly number[] };
  /** Rows with a label, rows without one, training rows of each fold (their mean), and test rows. */
  readonly n: number;
  readonly numWithoutLabel: number;
  readonly numTrain: number;
  readonly numTest: number;
  /** Test rows beyond the limits, and training rows of all folds that were left out for it. */
  readonly numOutliers: number;
  readonly numTrainOutliers?: number;
  /** Standard deviations of the training rows' counts from their mean; absent: 3. */
  readonly outlierSigma?: number;
  /** Principal components that were asked for; null: none; absent: the paper's, or fewer where rows are few. */
  readonly pca?: number | null;
  /** Only crops with one of these flags were used; absent: all crops. */
  readonly dataQualityFlags?: readonly number[];
  /** Of the record's backbone, for the counts that a tenth, a twentieth, a fiftieth and a hundredth of the test rows exceed. */
  readonly tail?: readonly TailShare[];
  /** Backbones of several seeds of pre-training. */
  readonly pretrainingSeeds?: readonly SeedSpread[];
  /** What the bootstrap drew: whole fields, or crops. */
  readonly intervalUnit: "field" | "crop";
  readonly floors: readonly BackboneScore[];
  readonly comparisons: readonly Comparison[];
  readonly protocol: Protocol;
  readonly protocolText: string;
  /** The same task as the published code fits it, where both protocols were asked for. */
  readonly audit?: TaskResult;
  /** The same task with other choices of components and data quality flags, where several were asked for. */
  readonly variants?: readonly TaskResult[];
  readonly notes: readonly string[];
  readonly test: TestRows;
}
