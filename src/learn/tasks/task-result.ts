// The record of one evaluation: what was asked, of which data, with which seeds, and what came out beside the floors.
import type { Interval } from "./bootstrap.ts";
import type { CountScores } from "./count-moments.ts";
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

export interface TaskResult extends BackboneScore {
  readonly task: "source-count";
  readonly label: string;
  readonly cropSetName: string;
  /** SHA-256 of the crop set. */
  readonly dataHash: string;
  readonly split: SplitName;
  /** Seeds of evaluation. Those of pre-training are the backbone's own, in its run. */
  readonly seeds: { readonly split: number; readonly bootstrap: number; readonly probe: readonly number[] };
  /** Rows with a label, rows without one, training rows of each fold (their mean), and test rows. */
  readonly n: number;
  readonly numWithoutLabel: number;
  readonly numTrain: number;
  readonly numTest: number;
  readonly numOutliers: number;
  /** What the bootstrap drew: whole fields, or crops. */
  readonly intervalUnit: "field" | "crop";
  readonly floors: readonly BackboneScore[];
  readonly comparisons: readonly Comparison[];
  readonly protocol: string;
  readonly notes: readonly string[];
  readonly test: TestRows;
}
