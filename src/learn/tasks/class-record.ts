// The record of a classification by frozen embeddings: FRI/FRII, four classes, nearest neighbours.
import type { Interval } from "./bootstrap.ts";
import type { Headline, Protocol, RecordHead } from "./evaluation-record.ts";
import type { SeedSpread } from "./seed-families.ts";
import type { Estimate } from "./task-result.ts";

/** Scores of one probe. Recall, precision and F1 are of one class against all others. */
export interface ClassEstimates {
  readonly error: Estimate;
  /** Wilson's interval of the error; `error` has the bootstrap's. Null where whole fields are drawn: rows are not independent. */
  readonly wilson: Interval | null;
  readonly accuracy: Estimate;
  readonly balancedAccuracy: Estimate;
  readonly macroF1: Estimate;
  /** F1 of the record's `positiveClass`; null where there is none. */
  readonly f1: Estimate | null;
  readonly perClass: readonly {
    readonly name: string;
    readonly support: number;
    readonly recall: Estimate;
    readonly precision: Estimate;
    readonly f1: Estimate;
  }[];
  /** [true class][predicted class], in the order of `classes`; a mean over repeats and seeds, so not whole numbers there. */
  readonly confusion: readonly (readonly number[])[];
}

/** What one backbone (or floor) reaches in a classification. */
export interface ClassScore extends Headline<"error"> {
  /** 1 - accuracy over the test rows, of the headline probe: the same number as `value`. */
  readonly error: number;
  /** By probe: "exact" and "sgd", or "knn-20" and so on. */
  readonly probes: Readonly<Record<string, ClassEstimates>>;
  /** Error of each probe seed; empty where the probe has no seeds. */
  readonly sgdPerSeed: readonly number[];
  /** Of each fold. */
  readonly numComponents: readonly number[];
  readonly penalties: readonly number[];
  /** Headline probe: [repeat][test row], places in `classes`; null where that repeat had the row in training. */
  readonly predictions: readonly (readonly (number | null)[])[];
}

/** Two backbones over the same test rows: error of the first less that of `against`, by the headline probe. */
export interface ClassComparison {
  readonly against: string;
  readonly difference: number;
  /** Paired bootstrap. */
  readonly interval: Interval;
  readonly p: number;
  /** Null where rows were predicted several times. */
  readonly mcnemar: { readonly onlyThisRight: number; readonly onlyOtherRight: number; readonly p: number } | null;
}

/** How test rows were chosen for classes. */
export const CLASS_SPLITS = ["own", "holdout", "folds", "field"] as const;
export type ClassSplitName = (typeof CLASS_SPLITS)[number];

/** FRI/FRII (paper 4.2), four classes (4.3), and k-NN. */
export interface ClassRecord extends RecordHead<"fr" | "four-class" | "knn", "error">, ClassScore {
  readonly protocol: Protocol;
  /** Key in `probes` of the headline. */
  readonly headline: string;
  readonly split: ClassSplitName;
  readonly numRepeats: number;
  readonly numFolds: number;
  readonly classes: readonly string[];
  readonly positiveClass: string | null;
  /** Principal components that were asked for; null: none, the embeddings as they are. */
  readonly pca: number | null;
  /** Only crops with one of these flags were used; absent: all crops. */
  readonly dataQualityFlags?: readonly number[];
  readonly n: number;
  readonly numTrain: number;
  readonly numTest: number;
  /** Majority, image statistics, raw pixels, untrained backbones, then further backbones. */
  readonly floors: readonly ClassScore[];
  readonly comparisons: readonly ClassComparison[];
  /** The distinct rows that were predicted, in the table's order. `truth`: places in `classes`. */
  readonly test: { readonly ids: readonly string[]; readonly fields: readonly string[]; readonly truth: readonly number[] };
  /** Backbones of several seeds of pre-training: the untrained floor, and the record's own where replicas were named. */
  readonly pretrainingSeeds?: readonly SeedSpread[];
  /** The same task as the published code fits it, where both protocols were asked for. */
  readonly audit?: ClassRecord;
  /** The same task with other numbers of components or other data quality flags, where several were asked for. */
  readonly variants?: readonly ClassRecord[];
}
