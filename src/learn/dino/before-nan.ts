// A step that must not be taken: its error, and what stays of it in a folder of its own beside the checkpoints.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { FileError, writeFileAtomically } from "#base/files/disk";
import { writeCheckpointFile } from "#learn/runs/disk";
import { DivergenceError } from "./divergence-error.ts";
import type { DinoMetrics } from "./metrics.ts";
import { checkpointOf, type RunState } from "./state-checkpoint.ts";
import { firstNotFinite } from "./training-state.ts";
import type { GradientReport, StepSettings } from "./training-step.ts";

/** A step whose loss or gradient is not finite. The state is still the one before it. */
export interface RefusedStep {
  readonly settings: StepSettings;
  readonly report: GradientReport;
  /** Its crops, batch by batch: with the epoch and the seed they give its views again. */
  readonly cropIds: readonly (readonly string[])[];
  readonly cropSetSha256: string;
  readonly seed: number;
  /** Of the step before it; undefined where it is the first since training was started. */
  readonly lastMetrics: DinoMetrics | undefined;
}

const ADVICE = "Go on from the last checkpoint with a lower rate: --resume --set learningRatePer256=...";

/**
 * The error of a refused step, after writing `before-nan/state.safetensors` (a checkpoint) and `before-nan/step.json` over
 * those of an earlier one. They are no checkpoint of the run: going on from there would meet the same step again.
 */
export function divergenceAt({ run, state }: RunState, refused: RefusedStep): DivergenceError {
  const { settings, report, lastMetrics } = refused;
  const { epoch, step } = state.counters;
  const before = lastMetrics
    ? ` The step before had loss ${lastMetrics.loss.toPrecision(4)}, gradient norm ${lastMetrics.gradientNorm.toPrecision(3)}.`
    : "";
  const { saved, cause } = saveBeforeNan({ run, state }, refused);
  return new DivergenceError(
    `step ${step + 1} (epoch ${epoch}): loss is ${report.loss.toPrecision(4)}, gradient norm ${report.gradientNorm.toPrecision(3)}, ` +
      `learning rate ${settings.learningRate.toPrecision(3)}.${before} ${saved} ${ADVICE}`,
    { cause },
  );
}

/** Throws DivergenceError where a state must not become a checkpoint, because nobody could go on from it. */
export function checkFinite({ run, state }: RunState): void {
  const culprit = firstNotFinite(state);
  if (culprit === undefined) return;
  const { step, epoch } = state.counters;
  throw new DivergenceError(
    `step ${step} (epoch ${epoch}): "${culprit}" is not finite after the update. Nothing is saved over the checkpoints of ${run.path}. ${ADVICE}`,
  );
}

function saveBeforeNan({ run, state }: RunState, refused: RefusedStep): { readonly saved: string; readonly cause?: FileError } {
  const folder = join(run.path, "before-nan");
  try {
    mkdirSync(folder, { recursive: true });
    writeCheckpointFile(join(folder, "state.safetensors"), checkpointOf(state));
    writeFileAtomically(join(folder, "step.json"), new TextEncoder().encode(stepText({ run, state }, refused)));
    return { saved: `State saved in ${folder}.` };
  } catch (cause) {
    // The divergence is what the user must hear of first.
    if (cause instanceof FileError) return { saved: `State not saved: ${cause.message}`, cause };
    throw cause;
  }
}

/** Text of step.json, for a replay of the step alone. Values that are not finite are null in it. */
function stepText({ state }: RunState, { settings, report, cropIds, cropSetSha256, seed }: RefusedStep): string {
  const { epoch, stepInEpoch, step } = state.counters;
  const { loss, teacherEntropy, gradientNorm } = report;
  const record = {
    step: step + 1,
    epoch,
    stepInEpoch,
    seed,
    cropSetSha256,
    cropIds,
    settings,
    loss,
    teacherEntropy,
    gradientNorm,
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}
