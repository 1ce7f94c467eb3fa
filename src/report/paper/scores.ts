// Scores: one number of one backbone, and measures: such numbers side by side.
import type { EvaluationRecord } from "#learn/tasks";
import { estimateText, numberText } from "../number-text.ts";
import type { ResultColumn } from "./published.ts";

export type Interval = readonly [low: number, high: number];

/** One number of one backbone. */
export interface Score {
  readonly title: string;
  readonly origin: "ours" | "floor";
  readonly value: number;
  /** 95 %; null where the evaluation gives none. */
  readonly interval: Interval | null;
}

/** One measure of one evaluation, over the backbone and what stands beside it. */
export interface Measure {
  /** Where Table 4 has it; undefined where the paper has no such column. */
  readonly column: ResultColumn | undefined;
  /** In a table of this evaluation alone: "error". */
  readonly heading: string;
  /** Anywhere: "error of FRI/FRII on MiraBest". */
  readonly name: string;
  readonly scores: readonly Score[];
}

/** Numbers of the test crops, or of all where every crop counts. */
export function numTested(record: EvaluationRecord): number {
  return "numTest" in record ? record.numTest : record.n;
}

/** A score as a cell; a dash where there is none. */
export function scoreText(score: Pick<Score, "value" | "interval"> | undefined): string {
  if (score === undefined || !Number.isFinite(score.value)) return "–";
  return score.interval === null ? numberText(score.value) : estimateText(score.value, score.interval);
}
