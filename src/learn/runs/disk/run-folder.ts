// The run folder while a run is under way: made once, resumed from its newest whole checkpoint, never left unreadable.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { NdArray } from "#base/array";
import { ConfigError } from "#base/config";
import { type HeldLock, makeFolder, readText, takeLock, writeFileAtomically } from "#base/files/disk";
import { type Checkpoint, CheckpointError, type CheckpointPosition, checkpointName, checkpointsToRemove } from "../checkpoint.ts";
import type { MetricRecord } from "../metric-records.ts";
import { formatRunInfo, type RunInfo, type SeenRows } from "../run-record.ts";
import {
  checkpointPath,
  listCheckpoints,
  readCheckpointFile,
  readCheckpointPosition,
  writeCheckpointFile,
} from "./checkpoint-files.ts";
import { cutMetrics, openMetricFiles } from "./metric-files.ts";
import { CONFIG_FILE, isRunFolder, METRICS_FILE, readMetrics, readRunInfo, SEEN_ROWS_FILE } from "./read-run.ts";
import { runWriteFailure } from "./write-failure.ts";

const LAST_FILE = "last";
/** There while a process writes into the run. */
const LOCK_FILE = "process";

/** A run under way. */
export interface Run {
  readonly path: string;
  readonly info: RunInfo;
  /** Where the newest checkpoint stood when the run was opened; undefined before the first one. */
  readonly resumedFrom: CheckpointPosition | undefined;
  /** Appends to metrics.jsonl and the event file. A record without `time` (seconds since 1970) gets the clock's. */
  writeMetrics(record: MetricRecord): void;
  /**
   * Writes a checkpoint, points `last` at it, and removes those that the keeping policy lets go. Throws FileError, also where
   * another process has taken the run over.
   */
  writeCheckpoint(position: CheckpointPosition, tensors: ReadonlyMap<string, NdArray>, counters: Checkpoint["counters"]): void;
  /** The newest whole checkpoint; undefined where there is none. */
  readLastCheckpoint(): Checkpoint | undefined;
  close(): void;
}

/** Makes a run folder. Throws ConfigError where it holds a run already, and FileError, as where another process makes it. */
export function createRun(
  path: string,
  info: Omit<RunInfo, "createdAt">,
  { seenRows }: { readonly seenRows: readonly SeenRows[] },
): Run {
  if (isRunFolder(path)) {
    throw new ConfigError(
      `--out ${path}: expected a new folder, got one that holds a run. Use --resume to go on with it, or another --out.`,
    );
  }
  makeFolder(join(path, "checkpoints"));
  return withLock(path, (lock) => {
    const whole = { createdAt: new Date().toISOString(), ...info };
    writeText(join(path, SEEN_ROWS_FILE), `${JSON.stringify(seenRows)}\n`);
    // Last, because it makes the folder a run.
    writeText(join(path, CONFIG_FILE), formatRunInfo(whole));
    return runUnderWay({ path, info: whole, lock, resumedFrom: undefined });
  });
}

/** Removes a closed run in which nothing was done: no checkpoint, no metrics, and no file but those that `createRun` makes. */
export function removeUnusedRun(path: string): void {
  const isUsed = listCheckpoints(path).length > 0 || readMetrics(path).length > 0;
  const made: readonly string[] = [SEEN_ROWS_FILE, CONFIG_FILE, METRICS_FILE, "checkpoints"];
  if (isUsed || readdirSync(path).some((file) => !made.includes(file))) return;
  rmSync(path, { recursive: true });
}

/** Settings with which a run goes on: `settings` are the changes as they were asked for, the rest is what follows from them. */
export interface RunChange extends Pick<RunInfo, "config" | "keep"> {
  readonly settings: readonly string[];
}

/**
 * Opens a run to go on with it: unfinished files of a killed process are removed, and metrics are cut back to the newest
 * whole checkpoint. Checkpoints that cannot be read are passed over with a warning. A `change` is written into config.yaml.
 * Throws ConfigError where there is no run, and FileError where another process is at it.
 */
export function openRun(
  path: string,
  { onWarning, change }: { readonly onWarning: (line: string) => void; readonly change?: RunChange | undefined },
): Run {
  const info = readRunInfo(path);
  makeFolder(join(path, "checkpoints"));
  return withLock(path, (lock) => {
    removeUnfinished(path);
    removeUnfinished(join(path, "checkpoints"));
    const resumedFrom = newestPosition(path, onWarning);
    const step = resumedFrom?.step ?? 0;
    cutMetrics(path, step);
    return runUnderWay({ path, info: change ? changedInfo(path, info, change, step) : info, lock, resumedFrom });
  });
}

/** Opens the run under its lock, which an error gives back. */
function withLock(path: string, open: (lock: HeldLock) => Run): Run {
  const lock = takeLock(join(path, LOCK_FILE), path);
  try {
    return open(lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function changedInfo(path: string, info: RunInfo, { settings, config, keep }: RunChange, step: number): RunInfo {
  const changes = [...(info.changes ?? []), { step, changedAt: new Date().toISOString(), settings: [...settings] }];
  const changed = { ...info, config, keep, changes };
  writeText(join(path, CONFIG_FILE), formatRunInfo(changed));
  return changed;
}

interface OpenedRun extends Pick<Run, "path" | "info" | "resumedFrom"> {
  readonly lock: HeldLock;
}

function runUnderWay({ path, info, lock, resumedFrom }: OpenedRun): Run {
  const files = openMetricFiles(path, resumedFrom?.step ?? 0);
  let newest = resumedFrom;
  return {
    path,
    info,
    resumedFrom,
    writeMetrics: (record) => files.append({ ...record, time: record["time"] ?? Date.now() / 1000 }),
    writeCheckpoint(position, tensors, counters) {
      lock.check();
      // Metrics first: a checkpoint on the disk promises the records up to its step.
      files.sync();
      const name = checkpointName(position);
      const file = checkpointPath(path, name);
      try {
        writeCheckpointFile(file, { position, tensors, counters });
        writeText(join(path, LAST_FILE), `${name}\n`);
      } catch (error) {
        throw runWriteFailure(file, error);
      }
      newest = position;
      for (const old of checkpointsToRemove(listCheckpoints(path), info.keep)) rmSync(checkpointPath(path, old), { force: true });
    },
    readLastCheckpoint: () =>
      newest === undefined ? undefined : readCheckpointFile(checkpointPath(path, checkpointName(newest))),
    close() {
      files.close();
      lock.release();
    },
  };
}

/** The newest checkpoint whose file is whole. */
function newestPosition(path: string, onWarning: (line: string) => void): CheckpointPosition | undefined {
  const names = listCheckpoints(path);
  const last = readLast(path);
  if (last !== undefined && !names.includes(last)) onWarning(`${path}: "${LAST_FILE}" names ${last}, which is not there.`);
  for (const name of names.toReversed()) {
    try {
      return readCheckpointPosition(checkpointPath(path, name));
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      onWarning(`${error.message} The checkpoint before it is used.`);
    }
  }
  return undefined;
}

function readLast(path: string): string | undefined {
  return readdirSync(path).includes(LAST_FILE) ? readText(join(path, LAST_FILE)).trim() : undefined;
}

/** A killed process leaves its temporary files; the lock says that nobody else writes into the run. */
function removeUnfinished(folder: string): void {
  for (const file of readdirSync(folder)) {
    if (/^\..+\.tmp-\d+-\d+$/.test(file)) rmSync(join(folder, file), { force: true });
  }
}

function writeText(path: string, text: string): void {
  writeFileAtomically(path, new TextEncoder().encode(text));
}
