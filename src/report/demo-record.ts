// What the demo's report is made of: plain records, put together by whoever ran the demo.
import type { Image } from "#base/image";
import type { GalleryCrop } from "./figures/crop-gallery.ts";
import type { PointGroup } from "./figures/scatter-plot.ts";

/** Numbers of one optimiser step that the report draws; a run's metric records have them. */
export interface TrainingPoint {
  readonly step: number;
  readonly loss: number;
  readonly lnK: number;
  readonly teacherEntropy: number;
  readonly klDivergence: number;
  readonly embeddingSpread: number;
}

/** How well one kind of features predicts the counts of test crops. Intervals are 95 %. */
export interface ScoreRow {
  readonly name: string;
  readonly isMain: boolean;
  readonly meanSquaredError: number;
  readonly interval: readonly [low: number, high: number];
  /** 1 - error / variance of the test counts. */
  readonly rSquared: number;
  /** This row's error less the main row's, over the same crops (paired bootstrap); null for the main row. */
  readonly excess: { readonly difference: number; readonly interval: readonly [low: number, high: number] } | null;
}

/** One stage of the demo and how long it took. */
export interface StageTiming {
  readonly stage: string;
  readonly seconds: number;
}

export interface DemoReport {
  /** Which simulator made the sky: the page says so at its top. */
  readonly simulator: "simple";
  readonly sky: {
    readonly numFields: number;
    readonly fieldSize: number;
    readonly pixelScaleDeg: number;
    readonly numCatalogued: number;
  };
  readonly crops: { readonly count: number; readonly cropSize: number };
  readonly training: readonly TrainingPoint[];
  readonly examples: readonly GalleryCrop[];
  /** True and predicted counts of the test crops, by field. */
  readonly predictions: readonly PointGroup[];
  readonly attention: { readonly cropId: string; readonly crop: Image; readonly heads: readonly Image[] };
  readonly scores: readonly ScoreRow[];
  /** In words: how crops were split, how the probe was fitted, which seeds. */
  readonly protocol: string;
  readonly timings: readonly StageTiming[];
  /** Seeds, versions, hashes, device: what is needed to get the same again. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The resolved training configuration, as YAML. */
  readonly configYaml: string;
}
