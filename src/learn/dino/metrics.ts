// The numbers of one optimiser step, as metrics.jsonl and TensorBoard hold them.
import type { NdArray } from "#base/array";
import type { EpochMetrics } from "./convergence.ts";
import type { TrainingState } from "./training-state.ts";
import type { GradientReport, StepSettings } from "./training-step.ts";

/**
 * One line of metrics.jsonl. Losses and entropies in nats; compare them with `lnK`, the entropy of a flat teacher. The last step of
 * an epoch also has the epoch's own metrics.
 */
export interface DinoMetrics extends Partial<EpochMetrics> {
  /** Counted from 1: so many steps are done. */
  readonly step: number;
  /** The epoch that the step belongs to, counted from 0. */
  readonly epoch: number;
  readonly loss: number;
  readonly lnK: number;
  /** Near ln K the teacher is flat, near 0 it has chosen one prototype: both are collapses. */
  readonly teacherEntropy: number;
  /** Loss less teacher entropy: how far the student is from its teacher. */
  readonly klDivergence: number;
  readonly centerNorm: number;
  /** Spread of the teacher's unit embeddings over the batch, 0 (all the same) to about 1 (all directions alike). */
  readonly embeddingSpread: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly teacherMomentum: number;
  readonly teacherTemperature: number;
  readonly imagesPerSecond: number;
}

/** What a step was, once it was taken. `state` is the one after it. */
export interface TakenStep {
  readonly state: TrainingState;
  readonly epoch: number;
  readonly settings: StepSettings;
  readonly report: GradientReport;
  readonly imagesPerSecond: number;
}

/** The metrics of a step. */
export function metricsOf({ state, epoch, settings, report, imagesPerSecond }: TakenStep): DinoMetrics {
  const center = state.arrays.get("center")!; // every state has one
  return {
    step: state.counters.step,
    epoch,
    loss: report.loss,
    lnK: Math.log(center.data.length),
    teacherEntropy: report.teacherEntropy,
    klDivergence: report.loss - report.teacherEntropy,
    centerNorm: lengthOf(center),
    embeddingSpread: embeddingSpread(report.teacherEmbeddings),
    gradientNorm: report.gradientNorm,
    learningRate: settings.learningRate,
    weightDecay: settings.weightDecay,
    teacherMomentum: settings.teacherMomentum,
    teacherTemperature: settings.teacherTemperature,
    imagesPerSecond,
  };
}

/**
 * Standard deviation over rows of L2-normalised embeddings [R, D], averaged over dimensions, times sqrt(D)
 * (Chen & He 2021, section 4.1: 1 for directions spread evenly over the sphere, 0 for a collapse).
 */
export function embeddingSpread({ shape, data }: NdArray): number {
  const [R, D] = shape as [number, number]; // [R, D] by contract
  const values = Float64Array.from(data as Float32Array);
  for (let row = 0; row < R; row++) {
    const unit = values.subarray(row * D, (row + 1) * D);
    const length = Math.sqrt(unit.reduce((sum, value) => sum + value * value, 0)) || 1;
    for (let d = 0; d < D; d++) unit[d]! /= length;
  }
  let total = 0;
  for (let d = 0; d < D; d++) {
    let sum = 0;
    let squares = 0;
    for (let row = 0; row < R; row++) {
      const value = values[row * D + d]!;
      sum += value;
      squares += value * value;
    }
    total += Math.sqrt(Math.max(squares / R - (sum / R) ** 2, 0));
  }
  return (total / D) * Math.sqrt(D);
}

/** Euclidean length of an array. */
export function lengthOf({ data }: NdArray): number {
  let squares = 0;
  for (const value of data as Float32Array) squares += value * value;
  return Math.sqrt(squares);
}
