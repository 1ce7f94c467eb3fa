// What a training remembers beside its state: how far it has converged, and whether it has collapsed. Made from its metrics alone.
import type { NdArray } from "#base/array";
import { type CollapseWatch, NOTHING_WATCHED, withWatchedStep } from "./collapse.ts";
import type { DinoConfig } from "./config.ts";
import {
  type Convergence,
  convergedBecause,
  type EpochMetrics,
  epochMetricsOf,
  NOTHING_SEEN,
  withEpochEnd,
  withStepLoss,
} from "./convergence.ts";
import type { DinoMetrics } from "./metrics.ts";
import type { TrainingState } from "./training-state.ts";

/** The teacher's backbone at the end of an epoch. */
export interface ProbedTeacher {
  /** Whole epochs that are done. */
  readonly epoch: number;
  /** Parameters and buffers, by PyTorch's names. The arrays change when training goes on. */
  readonly arrays: ReadonlyMap<string, NdArray<"float32">>;
}

/** An error that training should bring down, with its 95 % interval. */
export interface ProbeScore {
  readonly error: number;
  readonly interval: readonly [low: number, high: number];
}

export type Probe = (teacher: ProbedTeacher) => Promise<ProbeScore>;

export interface Progress {
  readonly convergence: Convergence;
  readonly collapse: CollapseWatch;
}

/** What judges progress: the run's settings and the length of its epochs. */
export interface ProgressRules {
  readonly config: DinoConfig;
  readonly stepsPerEpoch: number;
}

export const NO_PROGRESS: Progress = { convergence: NOTHING_SEEN, collapse: NOTHING_WATCHED };

/** The progress of a run, from the lines of its metrics.jsonl: to the bit what it was when they were written. */
export function restoredProgress(lines: Iterable<{ readonly [name: string]: number }>, rules: ProgressRules): Progress {
  let progress = NO_PROGRESS;
  for (const line of lines) {
    const metrics = line as unknown as DinoMetrics; // lines of this trainer's own file
    progress = progressAfterStep(progress, metrics, rules).progress;
    const { epoch, epochLoss, probeError } = metrics;
    if (epochLoss !== undefined) progress = progressAfterEpoch(progress, { epoch: epoch + 1, probeError }, rules).progress;
  }
  return progress;
}

/** One more step. `advice` is there where a collapse shows that was not told before. */
export function progressAfterStep(
  { convergence, collapse }: Progress,
  metrics: DinoMetrics,
  rules: ProgressRules,
): { readonly progress: Progress; readonly advice: string | undefined } {
  const { watch, advice } = withWatchedStep(collapse, metrics, rules);
  return { progress: { convergence: withStepLoss(convergence, metrics.loss), collapse: watch }, advice };
}

/** One more epoch: so many are done. */
export function progressAfterEpoch(
  progress: Progress,
  { epoch, probeError }: { readonly epoch: number; readonly probeError: number | undefined },
  { config }: ProgressRules,
): { readonly progress: Progress; readonly metrics: EpochMetrics } {
  const convergence = withEpochEnd(progress.convergence, { epoch, probeError, rule: config.stopping });
  return { progress: { ...progress, convergence }, metrics: epochMetricsOf(convergence) };
}

/** Why training should stop; undefined where it should go on. */
export function stoppingReason({ convergence }: Progress, { stopping }: DinoConfig): string | undefined {
  return convergedBecause(convergence, stopping);
}

/** Whether the probe is due after so many epochs. */
export function isProbeDue({ probe: { everyEpochs } }: DinoConfig, epoch: number): boolean {
  return everyEpochs !== null && epoch % everyEpochs === 0;
}

/** The teacher's backbone without its projection head. Shares the state's arrays. */
export function probedTeacher({ arrays, counters }: TrainingState): ProbedTeacher {
  const ofTeacher = [...arrays].flatMap(([name, array]) => {
    const parameter = /^teacher\.(?!head\.)(.*)$/.exec(name)?.[1];
    return parameter === undefined ? [] : [[parameter, array] as const];
  });
  return { epoch: counters.epoch, arrays: new Map(ofTeacher) };
}

/** A probe's score as the metrics hold it. */
export function probeMetrics({
  error,
  interval: [low, high],
}: ProbeScore): Pick<Required<EpochMetrics>, "probeError" | "probeErrorLow" | "probeErrorHigh"> {
  return { probeError: error, probeErrorLow: low, probeErrorHigh: high };
}
