// The training loop (paper section 3.2): epochs of steps, metrics, checkpoints; stopped and resumed at any step.
import { type Device, type DeviceName, openDevice } from "#engine/runtime/native";
import { type Run, readRun } from "#learn/runs/disk";
import type { CropSet } from "#sky/survey";
import { openViewPool, type ViewPool } from "#sky/views/disk";
import { checkTraining, cropPixels, stepBatch, stepRows } from "./batches.ts";
import { checkFinite, divergenceAt } from "./before-nan.ts";
import { checkPrecision, type DinoConfig } from "./config.ts";
import { type DinoMetrics, metricsOf } from "./metrics.ts";
import {
  isProbeDue,
  NO_PROGRESS,
  type Probe,
  type ProbeScore,
  type Progress,
  probedTeacher,
  probeMetrics,
  progressAfterEpoch,
  progressAfterStep,
  restoredProgress,
  stoppingReason,
} from "./progress.ts";
import { checkpointOf, type RunState, restoredState } from "./state-checkpoint.ts";
import { stepSettingsOf } from "./step-settings.ts";
import { initialState, type TrainingCounters, type TrainingState } from "./training-state.ts";
import { type GradientReport, openTrainingStep, type TrainingStep } from "./training-step.ts";
import type { StepBatch } from "./view-passes.ts";

export interface TrainOptions {
  readonly cropSet: CropSet;
  /** An open run folder; where it has a checkpoint, training goes on from there. */
  readonly run: Run;
  readonly config: DinoConfig;
  readonly device?: DeviceName;
  /** Threads of the device; all cores where it is left out. */
  readonly numThreads?: number;
  /** Worker threads that make views (0: none but the caller's). */
  readonly numViewThreads?: number;
  readonly onStart?: (plan: TrainingPlan) => void;
  readonly onStep?: (metrics: DinoMetrics) => void;
  /** Run with the teacher every `config.probe.everyEpochs` epochs: what training is worth to a task that it knows nothing of. */
  readonly probe?: Probe;
  /** Told once of each collapse, and what helps. */
  readonly onAdvice?: (advice: string) => void;
  /** Aborted: training stops after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal;
}

export interface TrainingPlan {
  readonly firstStep: number;
  readonly numSteps: number;
  readonly stepsPerEpoch: number;
  readonly numCrops: number;
}

export interface TrainSummary {
  readonly outcome: "finished" | "converged" | "interrupted";
  /** Why training stopped before its last epoch, where it converged. */
  readonly reason: string | undefined;
  readonly counters: TrainingCounters;
  /** Undefined where there was no step left to do. */
  readonly lastMetrics: DinoMetrics | undefined;
  readonly seconds: number;
}

/**
 * Trains until the configured epochs are done, the stopping rule says that it has converged, or `signal` aborts. Throws as `checkTraining` does, and DivergenceError where the
 * loss or its gradient is not finite, after saving the state before that step and its crops in the run's folder `before-nan`.
 */
export async function trainDino(options: TrainOptions): Promise<TrainSummary> {
  const { config } = options;
  const { rows, stepsPerEpoch } = checkTraining(options.cropSet, config);
  checkPrecision(config, options.device ?? "cpu");
  const state = restoredState(options.run, config) ?? initialState(config, config.optimiser, config.seed);
  const device = openDevice({
    device: options.device ?? "cpu",
    ...(options.numThreads ? { numThreads: options.numThreads } : {}),
  });
  const pool = openViewPool({ numThreads: options.numViewThreads ?? 1, config: config.views, seed: config.seed });
  try {
    return await trainingLoop({ options, config, rows, stepsPerEpoch, device, pool, state });
  } finally {
    await pool.close();
    device.close();
  }
}

interface LoopParts {
  readonly options: TrainOptions;
  readonly config: DinoConfig;
  readonly rows: readonly number[];
  readonly stepsPerEpoch: number;
  readonly device: Device;
  readonly pool: ViewPool;
  readonly state: TrainingState;
}

async function trainingLoop(parts: LoopParts): Promise<TrainSummary> {
  const { options, config, stepsPerEpoch } = parts;
  const { run, signal } = options;
  const numSteps = config.numEpochs * stepsPerEpoch;
  const started = performance.now();
  const settingsAt = stepSettingsOf(config, stepsPerEpoch);
  const step = await openTrainingStep(parts.device, config, parts.state);
  let { state } = parts;
  let lastMetrics: DinoMetrics | undefined;
  let saved = { step: run.resumedFrom?.step, at: started };
  let progress = run.resumedFrom ? restoredProgress(readRun(run.path).metrics, parts) : NO_PROGRESS;
  let reason = stoppingReason(progress, config);
  options.onStart?.({ firstStep: state.counters.step, numSteps, stepsPerEpoch, numCrops: parts.rows.length });
  try {
    let upcoming = upcomingBatches(parts, state.counters, numSteps);
    while (state.counters.step < numSteps && !signal?.aborted && reason === undefined) {
      const stepStarted = performance.now();
      const { counters } = state;
      const batches = await upcoming;
      const next = countersAfter(counters, stepsPerEpoch);
      // The workers make the next views while the device computes.
      upcoming = upcomingBatches(parts, next, numSteps);
      const settings = settingsAt(counters.step);
      const report = await step.gradients(batches, settings);
      if (!isFiniteReport(report)) {
        await step.settle();
        throw divergenceAt({ run, state }, { ...whatWasFed(parts, counters), settings, report, lastMetrics });
      }
      state = { ...state, counters: { ...next, numUpdates: await step.update(counters, settings) } };
      const rate = (config.batchSize * config.numAccumulatedBatches * 1000) / (performance.now() - stepStarted);
      const taken = metricsOf({ state, epoch: counters.epoch, settings, report, imagesPerSecond: rate });
      ({ progress, metrics: lastMetrics } = await judgedStep(parts, { step, state, taken, progress }));
      reason = stoppingReason(progress, config);
      run.writeMetrics({ ...lastMetrics });
      options.onStep?.(lastMetrics);
      if (isCheckpointDue(config, state.counters, numSteps, saved.at)) saved = await savedState(step, { run, state });
    }
    const { counters } = state;
    const outcome = counters.step >= numSteps ? "finished" : reason === undefined ? "interrupted" : "converged";
    if (outcome !== "finished" && counters.step !== saved.step) await savedState(step, { run, state });
    const seconds = (performance.now() - started) / 1000;
    return { outcome, reason: outcome === "converged" ? reason : undefined, counters, lastMetrics, seconds };
  } finally {
    step.close();
  }
}

interface TakenStep {
  readonly step: TrainingStep;
  /** After the step. */
  readonly state: TrainingState;
  readonly taken: DinoMetrics;
  readonly progress: Progress;
}

/** Progress with one more step, and its metrics: where it ends an epoch, with the epoch's own, after the probe if it is due. */
async function judgedStep(
  parts: LoopParts,
  { step, state, taken, progress }: TakenStep,
): Promise<{ readonly metrics: DinoMetrics; readonly progress: Progress }> {
  const { options, config } = parts;
  const { epoch, stepInEpoch } = state.counters;
  const afterStep = progressAfterStep(progress, taken, parts);
  if (afterStep.advice !== undefined) options.onAdvice?.(afterStep.advice);
  if (stepInEpoch !== 0) return { metrics: taken, progress: afterStep.progress };
  const score = options.probe && isProbeDue(config, epoch) ? await probeScore(options.probe, step, state) : undefined;
  const afterEpoch = progressAfterEpoch(afterStep.progress, { epoch, probeError: score?.error }, parts);
  const metrics = { ...taken, ...afterEpoch.metrics, ...(score === undefined ? {} : probeMetrics(score)) };
  return { metrics, progress: afterEpoch.progress };
}

async function probeScore(probe: Probe, step: TrainingStep, state: TrainingState): Promise<ProbeScore> {
  await step.settle();
  return probe(probedTeacher(state));
}

/** The batches of the step that `counters` stands before, under way; none after the last step. */
function upcomingBatches(parts: LoopParts, counters: TrainingCounters, numSteps: number): Promise<StepBatch[]> {
  const batches = counters.step < numSteps ? batchesOf(parts, counters) : Promise.resolve([]);
  // Its error is met where the step awaits it. Training may end before: then nobody listens, and none is missed.
  batches.catch(() => undefined);
  return batches;
}

/** The views and drop-path draws of the step that `counters` stands before. */
async function batchesOf(parts: LoopParts, { epoch, stepInEpoch }: TrainingCounters): Promise<StepBatch[]> {
  const { options, config, rows, pool } = parts;
  const perBatch = stepRows(config, rows, epoch, stepInEpoch).map(async (indices) => {
    const crops = indices.map((index) => cropPixels(options.cropSet, index));
    return stepBatch(config, await pool.sampleBatch(crops, epoch), indices, epoch);
  });
  return Promise.all(perBatch);
}

function countersAfter(counters: TrainingCounters, stepsPerEpoch: number): TrainingCounters {
  const isEpochOver = counters.stepInEpoch + 1 === stepsPerEpoch;
  return {
    ...counters,
    step: counters.step + 1,
    epoch: counters.epoch + (isEpochOver ? 1 : 0),
    stepInEpoch: isEpochOver ? 0 : counters.stepInEpoch + 1,
  };
}

function isCheckpointDue(
  { checkpoints }: DinoConfig,
  { epoch, stepInEpoch, step }: TrainingCounters,
  numSteps: number,
  savedAt: number,
): boolean {
  if (step === numSteps) return true;
  if (stepInEpoch === 0 && epoch % checkpoints.everyEpochs === 0) return true;
  return (performance.now() - savedAt) / 60_000 >= checkpoints.everyMinutes;
}

/** Writes a checkpoint; when it was written and of which step. */
async function savedState(step: TrainingStep, { run, state }: RunState): Promise<{ readonly step: number; readonly at: number }> {
  await step.settle();
  checkFinite({ run, state });
  const { position, tensors, counters } = checkpointOf(state);
  run.writeCheckpoint(position, tensors, counters);
  return { step: position.step, at: performance.now() };
}

function isFiniteReport({ loss, gradientNorm }: GradientReport): boolean {
  return Number.isFinite(loss) && Number.isFinite(gradientNorm);
}

/** The crops of a step, for a replay. */
function whatWasFed({ options: { cropSet }, config, rows }: LoopParts, { epoch, stepInEpoch }: TrainingCounters) {
  const batches = stepRows(config, rows, epoch, stepInEpoch);
  const cropIds = batches.map((batch) => batch.map((index) => cropSet.records[index]!.id));
  return { cropIds, cropSetSha256: cropSet.sha256, seed: config.seed };
}
