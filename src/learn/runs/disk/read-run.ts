// A run folder read for inspection: nothing in it changes.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "#base/config";
import { readText } from "#base/files/disk";
import { type MetricRecord, parseMetrics } from "../metric-records.ts";
import { parseRunInfo, type RunInfo, type RunRecord, type SeenRows } from "../run-record.ts";
import { listCheckpoints } from "./checkpoint-files.ts";

export const CONFIG_FILE = "config.yaml";
export const METRICS_FILE = "metrics.jsonl";
export const SEEN_ROWS_FILE = "seen-rows.json";

/** Whether a folder holds a run. */
export function isRunFolder(path: string): boolean {
  return existsSync(join(path, CONFIG_FILE));
}

/** Reads a whole run, except its checkpoints' tensors. Throws ConfigError where the folder holds no run. */
export function readRun(path: string): RunRecord {
  return {
    path,
    info: readRunInfo(path),
    seenRows: readSeenRows(path),
    metrics: readMetrics(path),
    checkpoints: listCheckpoints(path),
  };
}

/** Reads how a run was made. Throws ConfigError where the folder holds no run. */
export function readRunInfo(path: string): RunInfo {
  const file = join(path, CONFIG_FILE);
  if (!existsSync(file)) throw new ConfigError(`${path}: not a run folder: expected a file ${CONFIG_FILE} in it, got none.`);
  return parseRunInfo(readText(file), file);
}

export function readMetrics(path: string): MetricRecord[] {
  const file = join(path, METRICS_FILE);
  return existsSync(file) ? parseMetrics(readText(file), file) : [];
}

export function readSeenRows(path: string): SeenRows[] {
  const file = join(path, SEEN_ROWS_FILE);
  // Written by createRun alone.
  return existsSync(file) ? (JSON.parse(readText(file)) as SeenRows[]) : [];
}
