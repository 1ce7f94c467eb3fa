// Checkpoint files: written whole or not at all, listed, and checked without reading their tensors.
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from "#base/files/disk";
import {
  type Checkpoint,
  CheckpointError,
  type CheckpointPosition,
  formatCheckpointMetadata,
  parseCheckpointMetadata,
  sortCheckpoints,
} from "../checkpoint.ts";

const EXTENSION = ".safetensors";

/** The file of a checkpoint in a run folder, by its name ("epoch-012"). */
export function checkpointPath(runPath: string, name: string): string {
  return join(runPath, "checkpoints", `${name}${EXTENSION}`);
}

/** Names of a run folder's checkpoints, oldest first. */
export function listCheckpoints(runPath: string): string[] {
  const folder = join(runPath, "checkpoints");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(EXTENSION));
  return sortCheckpoints(files.map((file) => basename(file, EXTENSION)));
}

/** Writes a checkpoint whole or not at all, on the disk when it returns. Throws FileError. */
export function writeCheckpointFile(path: string, checkpoint: Checkpoint): void {
  writeSafetensors(path, checkpoint.tensors, formatCheckpointMetadata(checkpoint));
}

/** Reads a checkpoint. Throws CheckpointError where the file is missing, cut short or no checkpoint. */
export function readCheckpointFile(path: string): Checkpoint {
  return namingCheckpoint(path, () => {
    const { tensors, metadata } = readSafetensors(path);
    return { tensors, ...parseCheckpointMetadata(metadata, path) };
  });
}

/** Where a checkpoint stands, from its header alone; also checks that all of its tensors are there. Throws CheckpointError. */
export function readCheckpointPosition(path: string): CheckpointPosition {
  return namingCheckpoint(path, () => parseCheckpointMetadata(readSafetensorsMetadata(path), path).position);
}

function namingCheckpoint<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof CheckpointError || !(cause instanceof Error)) throw cause;
    // The messages of files name their path already.
    throw new CheckpointError(cause.message.startsWith(path) ? cause.message : `${path}: ${cause.message}`, { cause });
  }
}
