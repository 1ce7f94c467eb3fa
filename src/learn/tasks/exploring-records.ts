// Records of similarity search, anomalies, shifts between sets, and likeness of backbones.
import type { Interval } from "./bootstrap.ts";
import type { Headline, RecordHead } from "./evaluation-record.ts";
import type { Estimate } from "./task-result.ts";

/** Share of the k nearest training rows that have the query's class, over test rows. */
export interface SimilarityScore extends Headline<"precisionAt1"> {
  readonly precision: readonly { readonly k: number; readonly value: number; readonly interval: Interval }[];
}

export interface SimilarityRecord extends RecordHead<"similarity", "precisionAt1">, SimilarityScore {
  readonly distance: "euclidean" | "cosine";
  readonly classes: readonly string[];
  readonly numTrain: number;
  readonly numTest: number;
  /** What rows drawn by chance would reach. */
  readonly chance: number;
  readonly floors: readonly SimilarityScore[];
  readonly comparisons: readonly SimilarityComparison[];
}

/** Precision at 1 of the record's backbone less that of `against`: paired bootstrap. */
export interface SimilarityComparison {
  readonly against: string;
  readonly difference: number;
  readonly interval: Interval;
  readonly p: number;
}

/** How well a score of oddness, made without labels, puts interesting crops first. */
export interface AnomalyScore extends Headline<"rocAuc"> {
  readonly scorers: readonly {
    readonly name: "neighbour-distance" | "mahalanobis";
    readonly rocAuc: Estimate;
    /** Spearman's, with the interest scores. */
    readonly rankCorrelation: Estimate;
    /** Share of the interesting crops among the `top` oddest. */
    readonly recallAt: readonly { readonly top: number; readonly value: number; readonly interval: Interval }[];
  }[];
}

export interface AnomalyRecord extends RecordHead<"anomaly", "rocAuc">, AnomalyScore {
  /** Crops with at least this interest score count as interesting. */
  readonly minInterest: number;
  readonly n: number;
  readonly numInteresting: number;
  readonly floors: readonly AnomalyScore[];
}

/** How far one backbone puts two crop sets apart. */
export interface ShiftScore extends Headline<"frechetDistance"> {
  readonly frechetDistance: ShiftEstimate;
  readonly meanDiscrepancy: ShiftEstimate;
  readonly numComponents: number;
}

/** A distance beside what it is between two sets drawn from the two together: no shift at all. */
export interface ShiftEstimate {
  readonly value: number;
  readonly interval: Interval;
  /** Mean and 95 % of the distances without a shift, and the share of them that reach `value`. */
  readonly withoutShift: { readonly mean: number; readonly interval: Interval; readonly p: number };
}

export interface ShiftRecord extends RecordHead<"shift", "frechetDistance">, ShiftScore {
  readonly otherCropSetName: string;
  readonly otherDataHash: string;
  readonly n: number;
  readonly otherN: number;
  readonly floors: readonly ShiftScore[];
}

/** Linear centred kernel alignment of two backbones over the same crops (Kornblith et al. 2019), 1 where they agree. */
export interface CkaRecord extends RecordHead<"cka", "linearCka"> {
  readonly otherBackbone: string;
  readonly otherEmbeddingDim: number;
  readonly n: number;
  /** Without the bias that few rows bring (Song et al. 2012). */
  readonly debiased: number;
  /** The crops of one paired with shuffled crops of the other. */
  readonly floors: readonly { readonly name: "shuffled"; readonly value: number; readonly interval: Interval }[];
}
