// The records of evaluations: one a JSON file, told apart by `task`. Tables, figures and reports are made of these alone.
import type { Interval } from "./bootstrap.ts";
import type { ClassRecord, ClassSplitName } from "./class-record.ts";
import type { AnomalyRecord, CkaRecord, ShiftRecord, SimilarityRecord } from "./exploring-records.ts";
import type { FewLabelsRecord, FinetuneRecord } from "./network-records.ts";
import type { SetFacts } from "./set-facts.ts";
import type { SplitName } from "./splits.ts";
import type { TaskResult } from "./task-result.ts";

/** Any evaluation. `backbone`, `metric`, `value` and `interval` are the headline of each. */
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

/** Splits of either kind of task. */
export type AnySplitName = SplitName | ClassSplitName;
