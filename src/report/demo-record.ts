// What the demo's report is made of: plain records, put together by whoever ran the demo.
import type { Image } from "#base/image";
import type { TaskResult } from "#learn/tasks";
import type { GalleryCrop } from "./figures/crop-gallery.ts";

/** Numbers of one optimiser step that the report draws; a run's metric records have them. */
export interface TrainingPoint {
  readonly step: number;
  readonly loss: number;
  readonly lnK: number;
  readonly teacherEntropy: number;
  readonly klDivergence: number;
  readonly embeddingSpread: number;
}

/** One stage of the demo and how long it took. */
export interface StageTiming {
  readonly stage: string;
  readonly seconds: number;
}

export interface DemoReport {
  /** Which simulator made the sky: the page says so at its top. */
  readonly simulator: "meerkat";
  readonly sky: {
    readonly numFields: number;
    readonly fieldSize: number;
    readonly pixelScaleDeg: number;
    readonly numCatalogued: number;
  };
  readonly crops: { readonly count: number; readonly cropSize: number };
  readonly training: readonly TrainingPoint[];
  readonly examples: readonly GalleryCrop[];
  /** The source-count evaluation of the trained backbone, with its floors. */
  readonly result: TaskResult;
  /** What tables call each backbone and floor, by its name in the result. */
  readonly names: ReadonlyMap<string, string>;
  readonly attention: { readonly cropId: string; readonly crop: Image; readonly heads: readonly Image[] };
  readonly timings: readonly StageTiming[];
  /** Seeds, versions, hashes, device: what is needed to get the same again. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The resolved training configuration, as YAML. */
  readonly configYaml: string;
}
