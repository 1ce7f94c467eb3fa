// A checkpoint: everything a run needs to go on, in one safetensors file; its name, and which checkpoints stay.
import type { NdArray } from "#base/array";
import type { KeepingPolicy } from "./run-record.ts";

/** A checkpoint that cannot be used. The message names its file. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";

  constructor(text: string, options?: ErrorOptions) {
    super(`CheckpointError: ${text}`, options);
  }
}

/** How far training had come. `epoch` counts whole epochs done, `stepInEpoch` the steps of the one begun, `step` all steps. */
export interface CheckpointPosition {
  readonly epoch: number;
  readonly stepInEpoch: number;
  readonly step: number;
}

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** `tensors` by their full names (student.*, teacher.*, ..., center), `counters` whatever else the trainer must remember. */
export interface Checkpoint {
  readonly position: CheckpointPosition;
  readonly tensors: ReadonlyMap<string, NdArray>;
  readonly counters: Readonly<Record<string, JsonValue>>;
}

const FORMAT = "suricate-checkpoint-1";

/** What stands in the file's metadata beside the tensors. */
export function formatCheckpointMetadata({ position, counters }: Omit<Checkpoint, "tensors">): Record<string, string> {
  return { format: FORMAT, position: JSON.stringify(position), counters: JSON.stringify(counters) };
}

/** Whether a file with this metadata is a run's checkpoint. */
export function isRunCheckpoint(metadata: Readonly<Record<string, string>>): boolean {
  return metadata["format"] === FORMAT;
}

/** Reads it back. Throws CheckpointError, naming `where`. */
export function parseCheckpointMetadata(metadata: Readonly<Record<string, string>>, where: string): Omit<Checkpoint, "tensors"> {
  if (!isRunCheckpoint(metadata)) {
    throw new CheckpointError(
      `${where}: not a checkpoint of a run: expected format "${FORMAT}", got "${metadata["format"] ?? "none"}".`,
    );
  }
  try {
    const position = JSON.parse(metadata["position"]!) as CheckpointPosition; // written by formatCheckpointMetadata, as the format says
    const counters = JSON.parse(metadata["counters"]!) as Checkpoint["counters"];
    return { position, counters };
  } catch (cause) {
    throw new CheckpointError(`${where}: its position or counters are not JSON.`, { cause });
  }
}

/** "epoch-012" after twelve epochs, "epoch-012-step-000340" within the thirteenth. */
export function checkpointName({ epoch, stepInEpoch }: CheckpointPosition): string {
  const name = `epoch-${String(epoch).padStart(3, "0")}`;
  return stepInEpoch === 0 ? name : `${name}-step-${String(stepInEpoch).padStart(6, "0")}`;
}

/** Epoch and step in a checkpoint's name, or undefined for another file's. */
export function parseCheckpointName(name: string): { readonly epoch: number; readonly stepInEpoch: number } | undefined {
  const match = /^epoch-(\d{3,})(?:-step-(\d{6,}))?$/.exec(name);
  return match === null ? undefined : { epoch: Number(match[1]), stepInEpoch: Number(match[2] ?? 0) };
}

/** The checkpoints among `names`, oldest first. */
export function sortCheckpoints(names: readonly string[]): string[] {
  return names
    .flatMap((name) => {
      const place = parseCheckpointName(name);
      return place === undefined ? [] : [{ name, ...place }];
    })
    .toSorted((a, b) => a.epoch - b.epoch || a.stepInEpoch - b.stepInEpoch)
    .map(({ name }) => name);
}

/** The checkpoints that the keeping policy lets go. Those inside an epoch never count as one to keep for ever. */
export function checkpointsToRemove(names: readonly string[], { last, every }: KeepingPolicy): string[] {
  return sortCheckpoints(names)
    .slice(0, -last)
    .filter((name) => {
      const { epoch, stepInEpoch } = parseCheckpointName(name)!; // sortCheckpoints keeps only names that parse
      return every === null || stepInEpoch !== 0 || epoch % every !== 0;
    });
}
