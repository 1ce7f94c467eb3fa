// Reads and measures fields, one at a time: large ones in a second thread, while what has come of them is cut.
import { statSync } from "node:fs";
import type { UnitChoice } from "#sky/fits";
import { loadFieldImage, type ReadOptions } from "#sky/fits/disk";
import type { FieldToCut } from "../cut-field.ts";
import { type FieldStatistics, fieldStatistics, type PercentileRange } from "../field-statistics.ts";
import { type FileStamp, stampOf } from "./field-journal.ts";
import { FieldThread } from "./field-thread-door.ts";

/** Smaller files are read and measured before a thread has started. */
const LARGE_FILE_BYTES = 2 ** 24;

/** How a field is read and measured. */
export interface FieldReading extends PercentileRange {
  readonly plane: number;
  /** By default the file's first image. */
  readonly hdu?: UnitChoice;
}

/** What is known of a field when all of it has been read. */
export interface MeasuredField {
  readonly sha256: string;
  readonly statistics: FieldStatistics;
}

/** A field whose pixels are on their way. */
export interface ArrivingField {
  /** Of its pixels those of the rows that `rowsRead` was asked for may be looked at. */
  readonly field: FieldToCut;
  /** Resolves when the first `numRows` rows are there. Rejects as `measured`. */
  rowsRead(numRows: number): Promise<void>;
  /** Rejects with the errors of `loadFieldImage` and `fieldStatistics`. */
  readonly measured: Promise<MeasuredField>;
  /** Lets its pixels be written over by the next field. May be called again. */
  release(): void;
}

export interface FieldReader {
  /**
   * Begins to read a field; rejects with FitsError where that fails before its first pixel. On `stop` a thread reads no further:
   * what waits for the field rejects.
   */
  read(path: string, reading: FieldReading, stop: AbortSignal): Promise<ArrivingField>;
}

/** A field that is read before anything is known of how it is to be cut. */
export interface StartedField {
  readonly path: string;
  /** Of the file when its reading began. */
  readonly stamp: FileStamp;
  readonly arriving: Promise<ArrivingField>;
  readonly stopping: AbortController;
}

/** Begins to read the first of these files where a thread can do so while the main thread reads what lies beside the fields. */
export function startedField(paths: readonly string[], reading: FieldReading): StartedField | undefined {
  const [path] = paths;
  if (path === undefined || statSync(path).size < LARGE_FILE_BYTES) return undefined;
  const stamp = stampOf(path);
  const stopping = new AbortController();
  const arriving = fieldReader([path]).read(path, reading, stopping.signal);
  arriving.catch(() => {}); // told to whoever waits for it
  return { path, stamp, arriving, stopping };
}

/** Lets a field go that nobody will cut: it is read no further. */
export async function forgetField({ arriving, stopping }: StartedField): Promise<void> {
  stopping.abort();
  try {
    const field = await arriving;
    await field.measured.finally(field.release);
  } catch {
    // It is read again, and complained of, when its turn comes.
  }
}

/** A reader for these files: with a thread where one of them is large. */
export function fieldReader(paths: readonly string[]): FieldReader {
  if (!paths.some((path) => statSync(path).size >= LARGE_FILE_BYTES)) return { read: readHere };
  if (thread === undefined || thread.hasEnded) thread = new FieldThread();
  return thread;
}

/** One for the whole process: starting it takes longer than measuring a field. It does not keep the process alive. */
let thread: FieldThread | undefined;

/** What of a file is read. */
export function imageOf({ plane, hdu }: FieldReading): Pick<ReadOptions, "plane" | "hdu"> {
  return { plane, ...(hdu === undefined ? {} : { hdu }) };
}

async function readHere(path: string, reading: FieldReading): Promise<ArrivingField> {
  const { sha256, ...field } = await loadFieldImage(path, imageOf(reading));
  const measured = (async () => ({ sha256, statistics: fieldStatistics(field.pixels, reading, field.file) }))();
  measured.catch(() => {}); // told to whoever waits for it
  return { field, rowsRead: async () => {}, measured, release: () => {} };
}
