// A training state as a checkpoint holds it, and back, with every tensor checked against the configuration.
import type { NdArray } from "#base/array";
import { type Checkpoint, CheckpointError } from "#learn/runs";
import type { Run } from "#learn/runs/disk";
import type { DinoConfig } from "./config.ts";
import { stateShapes, type TrainingCounters, type TrainingState } from "./training-state.ts";

/** A run and how far it has come. */
export interface RunState {
  readonly run: Run;
  readonly state: TrainingState;
}

/** A state as a checkpoint. Shares its arrays. */
export function checkpointOf({ arrays, counters }: TrainingState): Checkpoint {
  const { epoch, stepInEpoch, step, numUpdates } = counters;
  return { position: { epoch, stepInEpoch, step }, tensors: arrays, counters: { numUpdates: { ...numUpdates } } };
}

/**
 * The state of a run's newest checkpoint; undefined where it has none.
 * Throws CheckpointError that lists every missing, extra or misshapen tensor: another network was trained there.
 */
export function restoredState(run: Run, config: DinoConfig): TrainingState | undefined {
  const checkpoint = run.readLastCheckpoint();
  if (!checkpoint) return undefined;
  const expected = stateShapes(config, config.optimiser);
  const faults = [...stateFaults(expected, checkpoint.tensors)];
  if (faults.length > 0) {
    const more = faults.length > 5 ? `; and ${faults.length - 5} more` : "";
    throw new CheckpointError(
      `${run.path}: the checkpoint does not fit the configuration: ${faults.slice(0, 5).join("; ")}${more}.`,
    );
  }
  const arrays = new Map([...expected.keys()].map((name) => [name, checkpoint.tensors.get(name) as NdArray<"float32">])); // checked above
  const numUpdates = checkpoint.counters["numUpdates"] as TrainingCounters["numUpdates"]; // as checkpointOf wrote it
  return { arrays, counters: { ...checkpoint.position, numUpdates } };
}

function* stateFaults(expected: ReadonlyMap<string, readonly number[]>, found: ReadonlyMap<string, NdArray>): Generator<string> {
  for (const [name, shape] of expected) {
    const tensor = found.get(name);
    if (!tensor) yield `"${name}" is missing`;
    else if (tensor.dtype !== "float32" || `${tensor.shape}` !== `${shape}`) {
      yield `"${name}": expected float32 [${shape}], got ${tensor.dtype} [${tensor.shape}]`;
    }
  }
  for (const name of found.keys()) if (!expected.has(name)) yield `"${name}" is not expected`;
}
