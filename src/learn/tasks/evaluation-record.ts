// The records of evaluations: one a JSON file, told apart by `task`. Tables, figures and reports are made of these alone.
import type { Interval } from "./bootstrap.ts";
import type { FinetuneRule, FinetuneSettings } from "./finetune/settings.ts";
import type { Validation } from "./finetune/validation.ts";
import type { SeedSpread } from "./seed-families.ts";
import type { SetFacts } from "./set-facts.ts";
import type { SplitName } from "./splits.ts";
import type { Estimate, TaskResult } from "./task-result.ts";

/** Any evaluation. `backbone`, `metric`, `value` and `interval` are the headline of each; `recordLines` flattens any of them. */
export type EvaluationRecord =
  | TaskResult
  | ClassRecord
  | FinetuneRecord
  | FewLabelsRecord
  | SimilarityRecord
  | AnomalyRecord
  | ShiftRecord
  | CkaRecord;

/** What every record says. */
export interface RecordHead<Task extends string, Metric extends string> extends Headline<Metric>, SetFacts {
  readonly task: Task;
  readonly intervalUnit: IntervalUnit;
  /** Seeds of evaluation. Those of pre-training are the backbone's own, in its run. */
  readonly seeds: { readonly split: number; readonly bootstrap: number; readonly probe: readonly number[] };
  /** Rows left out, by reason. */
  readonly exclusions: readonly Exclusion[];
  /** What a reader of the numbers should know. */
  readonly notes: readonly string[];
  /** How the numbers were made, in words. */
  readonly protocolText: string;
}

/** A backbone and its headline. */
export interface Headline<Metric extends string> {
  readonly backbone: string;
  readonly embeddingDim: number;
  readonly metric: Metric;
  readonly value: number;
  /** 95 %. */
  readonly interval: Interval;
}

/** What an interval says would change: other fields, or other crops of the same fields. */
export type IntervalUnit = "field" | "crop";

export interface Exclusion {
  readonly reason: string;
  readonly count: number;
}

/** `paper`: the paper's text, fitted on training rows alone. `mgcls-dino-asis`: as its published code fits, for audit. */
export const PROTOCOLS = ["paper", "mgcls-dino-asis"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

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

/** A network with so many of its layer groups trained (paper appendix C.1, section 4.3), over training seeds. */
export interface FinetuneScore extends Headline<"error"> {
  /** Layer groups that were trained, from the head down; 0: the head alone. */
  readonly numLayers: number;
  /** Their names, the picture's first. */
  readonly trainedGroups: readonly string[];
  readonly numTrainedParameters: number;
  readonly rule: FinetuneRule;
  /** Mean over seeds. Its interval is over test rows and seeds; `estimates` has those over test rows alone. */
  readonly error: Estimate;
  readonly f1: Estimate | null;
  readonly errorPerSeed: readonly number[];
  /** Standard deviation of the error over seeds. */
  readonly seedDeviation: number;
  readonly estimates: ClassEstimates;
  /** The epoch that was taken, by seed: the last, or the one that the validation rows chose. */
  readonly epochs: readonly number[];
  /** [seed][epoch] */
  readonly trainLosses: readonly (readonly number[])[];
  readonly validLosses: readonly (readonly number[])[];
  /** [seed][test row], places in `classes`. */
  readonly predictions: readonly (readonly number[])[];
}

/** Error of the backbone with `numLayers` trained groups less that of `against`, over the same test rows and seeds. */
export interface FinetuneComparison {
  readonly numLayers: number;
  readonly against: string;
  readonly difference: number;
  /** Paired bootstrap over test rows and seeds. */
  readonly interval: Interval;
  readonly p: number;
  readonly mcnemarPerSeed: readonly {
    readonly seed: number;
    readonly onlyThisRight: number;
    readonly onlyOtherRight: number;
    readonly p: number;
  }[];
}

/** The headline is the largest number of trained groups that was asked for: the test rows do not choose it. */
export interface FinetuneRecord extends RecordHead<"finetune", "error"> {
  readonly numLayers: number;
  readonly numGroups: number;
  readonly settings: FinetuneSettings;
  readonly split: ClassSplitName;
  readonly validation: Validation;
  readonly classes: readonly string[];
  readonly positiveClass: string | null;
  readonly numTrain: number;
  readonly numValid: number;
  readonly numTest: number;
  /** By number of trained groups, rising. */
  readonly points: readonly FinetuneScore[];
  /** The same network, untrained at first and trained as a whole; null where it was left out. */
  readonly scratch: FinetuneScore | null;
  /** The backbone pre-trained with other seeds, as `points` for each in turn; absent: there are none. */
  readonly replicas?: readonly FinetuneScore[];
  /** Families of the headline, of the other numbers of layers, from scratch and frozen: seeds of pre-training and of training nested. */
  readonly pretrainingSeeds?: readonly SeedSpread[];
  /** Only crops with one of these flags were used; absent: all crops. */
  readonly dataQualityFlags?: readonly number[];
  /** The frozen backbone under the exact linear probe, then the other floors. */
  readonly floors: readonly ClassScore[];
  readonly comparisons: readonly FinetuneComparison[];
  readonly test: ClassRecord["test"];
}

/** One size of training subset (paper appendix C.2). */
export interface FewLabelsPoint {
  readonly numLabels: number;
  /** Of the training rows. */
  readonly fraction: number;
  readonly error: Estimate;
  readonly f1: Estimate | null;
  /** Standard deviation of the error over draws of the subset. */
  readonly drawDeviation: number;
  readonly errorPerDraw: readonly number[];
}

export interface FewLabelsCurve extends Headline<"error"> {
  /** Principal components; the embedding's length where there are none. */
  readonly numComponents: number;
  readonly points: readonly FewLabelsPoint[];
}

/** Error of the record's backbone less that of `against`, on the same subsets and test rows: paired bootstrap over both. */
export interface FewLabelsComparison {
  readonly against: string;
  readonly points: readonly {
    readonly numLabels: number;
    readonly difference: number;
    readonly interval: Interval;
    readonly p: number;
  }[];
}

/** `value` is the error at the smallest subset. */
export interface FewLabelsRecord extends RecordHead<"few-labels", "error">, FewLabelsCurve {
  /** Only crops with one of these flags were used; absent: all crops. */
  readonly dataQualityFlags?: readonly number[];
  readonly classes: readonly string[];
  readonly positiveClass: string | null;
  readonly pca: number | null;
  readonly numDraws: number;
  readonly numTrain: number;
  readonly numTest: number;
  readonly floors: readonly FewLabelsCurve[];
  readonly comparisons: readonly FewLabelsComparison[];
}

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

/** Splits of either kind of task. */
export type AnySplitName = SplitName | ClassSplitName;
