// What a report is made of: plain records, gathered by whoever asks for it.
import type { EvaluationRecord } from "#learn/tasks";
import type { GalleryCrop } from "../figures/crop-gallery.ts";
import type { Histogram } from "../figures/histogram-grid.ts";

export interface ReportInputs {
  readonly cropSets: readonly ReportCropSet[];
  readonly runs: readonly ReportRun[];
  readonly records: readonly EvaluationRecord[];
  /** Grids over settings (paper sections 3.1.1 and 3.2). */
  readonly grids: readonly ReportGrid[];
  /** Figures that other commands drew, by the paper's number. */
  readonly figures: ReadonlyMap<number, readonly GivenFigure[]>;
  /** What the report was made from and with: versions, files, hashes. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

/** What `suricate grid` found, best first. */
export interface ReportGrid {
  readonly name: string;
  /** The settings that it goes over. */
  readonly keys: readonly string[];
  readonly rows: readonly {
    /** In the order of `keys`; "as is" where a cell leaves one alone. */
    readonly values: readonly string[];
    readonly epochs: number;
    readonly loss: number;
    readonly lnK: number;
    /** Of the probe, and of the same on an untrained network; NaN where there is none. */
    readonly error: number;
    readonly interval: readonly [number, number];
    readonly untrainedError: number;
    /** Why the cell failed; empty where it did not. */
    readonly failure: string;
  }[];
}

/** A figure as another command left it. */
export interface GivenFigure {
  /** Its file, without folder and ending. */
  readonly name: string;
  readonly svg: string;
}

export interface ReportCropSet {
  readonly name: string;
  /** The published set that it was imported from; absent for others. */
  readonly collection?: string;
  readonly numCrops: number;
  /** Side in pixels. */
  readonly cropSize: number;
  readonly surveys: readonly string[];
  readonly numFields: number;
  /** What commands did with it. */
  readonly isTrainedOn: boolean;
  readonly isEvaluated: boolean;
  /** A few crops to show, evenly through the set. */
  readonly samples: readonly GalleryCrop[];
  /** One crop for each data quality flag there is. */
  readonly byFlag: readonly GalleryCrop[];
  /** Of one field; undefined where the set has no flux or is not cut from fields. */
  readonly scaling: ReportScaling | undefined;
}

/** One field's crops under different scalings. */
export interface ReportScaling {
  readonly field: string;
  /** Crops of the field, and how many of them, evenly spread, the histograms count. */
  readonly numCrops: number;
  readonly numCounted: number;
  /** The crop nearest the field's centre, and one at its edge: each by the field's limits, then from its own least to its own greatest flux. */
  readonly crops: readonly GalleryCrop[];
  readonly histograms: readonly Histogram[];
}

/** One pre-training. */
export interface ReportRun {
  readonly name: string;
  /** As a name says it: "resnet50", "vit 384 x 12". */
  readonly architecture: string;
  readonly patchSize: number | null;
  readonly batchSize: number;
  readonly numAccumulatedBatches: number;
  readonly learningRatePer256: number;
  readonly teacherMomentum: number;
  readonly weightDecay: readonly [first: number, last: number];
  readonly optimiser: string;
  readonly seed: number;
  readonly numEpochs: number;
  readonly cropSetName: string;
  readonly numImages: number;
  /** Mean loss of each epoch that was done, and ln K. */
  readonly losses: readonly (readonly [epoch: number, loss: number])[];
  readonly lnK: number;
  /** What the collapse monitor found, in words. */
  readonly collapses: readonly string[];
  /** Error of the probe, where it was run during training, with its 95 % interval. */
  readonly probes: readonly { readonly epoch: number; readonly error: number; readonly interval: readonly [number, number] }[];
}
