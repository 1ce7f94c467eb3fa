// The growing files of a run: metrics.jsonl and the TensorBoard event file, a record at a time.
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "#base/files/disk";
import { formatMetricLine, type MetricRecord } from "../metric-records.ts";
import { formatScalarsEvent, formatSessionStartEvent, formatVersionEvent } from "../tensorboard-events.ts";
import { METRICS_FILE, readMetrics } from "./read-run.ts";
import { runWriteFailure } from "./write-failure.ts";

/** Both files, open for appending. */
export interface MetricFiles {
  append(record: MetricRecord): void;
  /** Brings what was appended to the disk. */
  sync(): void;
  close(): void;
}

/**
 * Opens the files of a run that goes on after `resumedStep` steps, that of events with the first record. TensorBoard wants a new file for every
 * start; the first event after a resume tells it to forget what came after that step.
 */
export function openMetricFiles(runPath: string, resumedStep: number): MetricFiles {
  const metrics = openAppending(join(runPath, METRICS_FILE));
  // A start that takes no step has nothing to tell TensorBoard.
  let events: AppendingFile | undefined;
  return {
    append(record) {
      const { step, time, ...scalars } = record;
      metrics.append(new TextEncoder().encode(formatMetricLine(record)));
      events ??= openEvents(runPath, resumedStep);
      events.append(formatScalarsEvent(step, scalars, time ?? Date.now() / 1000));
    },
    sync() {
      metrics.sync();
      events?.sync();
    },
    close() {
      metrics.close();
      events?.close();
    },
  };
}

function openEvents(runPath: string, resumedStep: number): AppendingFile {
  const now = Date.now() / 1000;
  const numEventFiles = readdirSync(runPath).filter((file) => file.startsWith("events.out.tfevents.")).length;
  const events = openAppending(join(runPath, `events.out.tfevents.${Math.floor(now)}.suricate.${numEventFiles}`));
  events.append(formatVersionEvent(now));
  events.append(formatSessionStartEvent(resumedStep + 1, now));
  return events;
}

/** Cuts metrics.jsonl back to the records of the first `step` steps; a half-written last line goes too. */
export function cutMetrics(runPath: string, step: number): void {
  const file = join(runPath, METRICS_FILE);
  if (!existsSync(file)) return;
  const kept = readMetrics(runPath).filter((record) => record.step <= step);
  writeFileAtomically(file, new TextEncoder().encode(kept.map(formatMetricLine).join("")));
}

interface AppendingFile {
  append(bytes: Uint8Array): void;
  sync(): void;
  close(): void;
}

function openAppending(path: string): AppendingFile {
  const descriptor = appendFailure(path, () => openSync(path, "a"));
  return {
    append: (bytes) =>
      appendFailure(path, () => {
        // A disk that is nearly full takes a part, and only the next write says why.
        for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
      }),
    sync: () => appendFailure(path, () => fsyncSync(descriptor)),
    close: () => closeSync(descriptor),
  };
}

function appendFailure<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw runWriteFailure(path, cause);
  }
}
