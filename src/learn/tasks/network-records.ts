// Records of fine-tuning and of fewer labels (paper appendix C).
import type { Interval } from "./bootstrap.ts";
import type { ClassEstimates, ClassRecord, ClassScore, ClassSplitName } from "./class-record.ts";
import type { Headline, RecordHead } from "./evaluation-record.ts";
import type { FinetuneRule, FinetuneSettings } from "./finetune/settings.ts";
import type { Validation } from "./finetune/validation.ts";
import type { SeedSpread } from "./seed-families.ts";
import type { Estimate } from "./task-result.ts";

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
