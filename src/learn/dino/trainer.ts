// The training loop (paper section 3.2): epochs of steps, metrics, checkpoints; stopped and resumed at any step.
import { type Device, type DeviceName, openDevice } from "#engine/runtime/native";
import type { Run } from "#learn/runs/disk";
import type { CropSet } from "#sky/survey";
import { openViewPool, type ViewPool } from "#sky/views/disk";
import { cropPixels, stepBatch, stepRows, stepsPerEpochOf, trainingRows } from "./batches.ts";
import { checkDinoConfig, type DinoConfig } from "./config.ts";
import { DivergenceError } from "./divergence-error.ts";
import { type DinoMetrics, embeddingSpread, lengthOf } from "./metrics.ts";
import { countersOf, restoredState } from "./state-checkpoint.ts";
import { stepSettingsOf } from "./step-settings.ts";
import { initialState, type TrainingCounters, type TrainingState } from "./training-state.ts";
import { type GradientReport, openTrainingStep, type StepBatch, type StepSettings } from "./training-step.ts";

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
  readonly outcome: "finished" | "interrupted";
  readonly counters: TrainingCounters;
  /** Undefined where there was no step left to do. */
  readonly lastMetrics: DinoMetrics | undefined;
  readonly seconds: number;
}

/**
 * Trains until the configured epochs are done or `signal` aborts.
 * Throws DivergenceError where the loss or its gradient is not finite, after saving the state before that step.
 */
export async function trainDino(options: TrainOptions): Promise<TrainSummary> {
  const config = checkDinoConfig(options.config);
  const rows = trainingRows(options.cropSet);
  const stepsPerEpoch = stepsPerEpochOf(config, rows.length);
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
  const { options, config, stepsPerEpoch, state } = parts;
  const { run, signal } = options;
  const numSteps = config.numEpochs * stepsPerEpoch;
  const started = performance.now();
  const settingsAt = stepSettingsOf(config, stepsPerEpoch);
  const step = openTrainingStep(parts.device, config, state);
  let { counters } = state;
  let lastMetrics: DinoMetrics | undefined;
  let lastSaved = performance.now();
  options.onStart?.({ firstStep: counters.step, numSteps, stepsPerEpoch, numCrops: parts.rows.length });
  try {
    let upcoming = batchesOf(parts, counters);
    while (counters.step < numSteps && !signal?.aborted) {
      const stepStarted = performance.now();
      const batches = await upcoming;
      const next = counterAfter(counters, stepsPerEpoch);
      // The workers make the next views while the device computes.
      upcoming = next.step < numSteps ? batchesOf(parts, next) : Promise.resolve([]);
      upcoming.catch(() => undefined); // its error is met by the next await; until then nobody listens
      const settings = settingsAt(counters.step);
      const report = await step.gradients(batches, settings);
      refuseUnlessFinite(parts, counters, settings, report, lastMetrics);
      counters = { ...next, numUpdates: await step.update(counters, settings) };
      const seconds = (performance.now() - stepStarted) / 1000;
      lastMetrics = metricsOf(
        config,
        state,
        counters,
        settings,
        report,
        (config.batchSize * config.numAccumulatedBatches) / seconds,
      );
      run.writeMetrics({ ...lastMetrics });
      options.onStep?.(lastMetrics);
      if (isCheckpointDue(config, counters, numSteps, lastSaved)) {
        saveState(run, state, counters);
        lastSaved = performance.now();
      }
    }
    const isFinished = counters.step >= numSteps;
    if (!isFinished) saveState(run, state, counters);
    return {
      outcome: isFinished ? "finished" : "interrupted",
      counters,
      lastMetrics,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    step.close();
  }
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

function counterAfter(counters: TrainingCounters, stepsPerEpoch: number): TrainingCounters {
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
  lastSaved: number,
): boolean {
  if (step === numSteps) return true;
  if (stepInEpoch === 0 && epoch % checkpoints.everyEpochs === 0) return true;
  return (performance.now() - lastSaved) / 60_000 >= checkpoints.everyMinutes;
}

function saveState(run: Run, state: TrainingState, counters: TrainingCounters): void {
  const { epoch, stepInEpoch, step } = counters;
  run.writeCheckpoint({ epoch, stepInEpoch, step }, state.arrays, countersOf(counters));
}

/** Throws DivergenceError where a step must not be taken. The state is still the one before it, and is saved first. */
function refuseUnlessFinite(
  { options, state }: LoopParts,
  counters: TrainingCounters,
  { learningRate }: StepSettings,
  { loss, gradientNorm }: GradientReport,
  lastMetrics: DinoMetrics | undefined,
): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  saveState(options.run, state, counters);
  const what = Number.isFinite(loss) ? `gradient norm is ${gradientNorm}` : `loss is ${loss}`;
  const before = lastMetrics
    ? `; before it loss ${lastMetrics.loss.toPrecision(4)}, gradient norm ${lastMetrics.gradientNorm.toPrecision(3)}`
    : "";
  throw new DivergenceError(
    `train: step ${counters.step} (epoch ${counters.epoch}): ${what} at learning rate ${learningRate.toPrecision(3)}, ` +
      `gradient norm ${gradientNorm.toPrecision(3)}${before}. ` +
      `The state before this step is saved in ${options.run.path}/checkpoints. Lower learningRatePer256 or maxGradientNorm.`,
  );
}

function metricsOf(
  config: DinoConfig,
  state: TrainingState,
  { step, epoch }: TrainingCounters,
  settings: StepSettings,
  report: GradientReport,
  imagesPerSecond: number,
): DinoMetrics {
  return {
    step,
    epoch,
    loss: report.loss,
    lnK: Math.log(config.head.numPrototypes),
    teacherEntropy: report.teacherEntropy,
    klDivergence: report.loss - report.teacherEntropy,
    centerNorm: lengthOf(state.arrays.get("center")!),
    embeddingSpread: embeddingSpread(report.teacherEmbeddings),
    gradientNorm: report.gradientNorm,
    learningRate: settings.learningRate,
    weightDecay: settings.weightDecay,
    teacherMomentum: settings.teacherMomentum,
    teacherTemperature: settings.teacherTemperature,
    imagesPerSecond,
  };
}
