// What a report is made of: plain records, gathered by whoever asks for it.
import type { EvaluationRecord } from "#learn/tasks";
import type { GalleryCrop } from "../figures/crop-gallery.ts";

export interface ReportInputs {
  readonly cropSets: readonly ReportCropSet[];
  readonly runs: readonly ReportRun[];
  readonly records: readonly EvaluationRecord[];
  /** Figures that other commands drew, as SVG, by the paper's number. */
  readonly figures: ReadonlyMap<number, string>;
  /** What the report was made from and with: versions, files, hashes. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

export interface ReportCropSet {
  readonly name: string;
  readonly numCrops: number;
  /** Side in pixels. */
  readonly cropSize: number;
  readonly surveys: readonly string[];
  readonly numFields: number;
  /** A few crops to show, evenly through the set. */
  readonly samples: readonly GalleryCrop[];
  /** One crop for each data quality flag there is. */
  readonly byFlag: readonly GalleryCrop[];
}

/** One pre-training. */
export interface ReportRun {
  readonly name: string;
  /** As a name says it: "resnet50", "vit-s8". */
  readonly architecture: string;
  readonly patchSize: number | null;
  readonly imagesPerStep: number;
  readonly learningRate: number;
  readonly teacherMomentum: number;
  readonly weightDecay: readonly [first: number, last: number];
  readonly cropSetName: string;
  readonly numImages: number;
  /** Mean loss by epoch, and ln K. */
  readonly losses: readonly (readonly [epoch: number, loss: number])[];
  readonly lnK: number;
  /** Error of the probe, where it was run during training. */
  readonly probes: readonly (readonly [epoch: number, error: number])[];
}
