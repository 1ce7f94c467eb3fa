// The journal of an unfinished crop set: a line for each field that is cut, so that another process goes on after it.
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Durability } from "#base/files/disk";
import type { CardValue } from "#sky/fits";
import type { Cuttings, FieldDescription } from "../cut-field.ts";
import type { FieldStatistics } from "../field-statistics.ts";
import { restoredHeading, type StoredHeading, storedHeading } from "./stored-field.ts";

/** A field that was cut and measured, as all that follows needs it: pixels are not among it. */
export interface FinishedField {
  readonly field: FieldDescription;
  readonly survey: string | null;
  readonly statistics: FieldStatistics;
  readonly cuttings: Omit<Cuttings, "coverage">;
  /** As FieldCoverage has it; left out without a catalogue. */
  readonly lookedAt?: readonly number[];
}

/** A file as it was when it was read: whether it is still the same. */
export interface FileStamp {
  readonly path: string;
  readonly numBytes: number;
  readonly modified: number;
}

interface Entry {
  readonly stamp: FileStamp;
  readonly finished: Omit<FinishedField, "field"> & { readonly field: StoredField };
}

type StoredField = StoredHeading & Pick<FieldDescription, "sha256">;

/** An open journal. */
export interface FieldJournal {
  /** Fields that are cut already: the first of `paths`, unchanged since. */
  readonly finished: readonly FinishedField[];
  add(stamp: FileStamp, finished: FinishedField): void;
}

/**
 * Opens the journal of a set that is made of `paths` in this order, in the way that `key` says. A journal of another key, or of
 * other files, is begun anew; a last line that a killed process left unfinished is left out.
 */
export function openJournal(file: string, key: string, paths: readonly string[], durability: Durability): FieldJournal {
  const entries = storedEntries(file, key);
  const numGood = paths.findIndex((path, index) => !isUnchanged(path, entries[index]?.stamp));
  const good = entries.slice(0, numGood < 0 ? paths.length : numGood);
  const line = (value: unknown) => `${JSON.stringify(value, plainBigints)}\n`;
  writeFileSync(file, [line({ key }), ...good.map(line)].join(""));
  const add = (stamp: FileStamp, finished: FinishedField) => {
    appendFileSync(file, line({ stamp, finished: { ...finished, field: storedHeading(finished.field) } }));
    if (durability === "fsync") sync(file);
  };
  return { finished: good.map(({ finished }) => ({ ...finished, field: restoredHeading(finished.field) })), add };
}

function storedEntries(file: string, key: string): readonly Entry[] {
  if (!existsSync(file)) return [];
  const [first, ...lines] = readFileSync(file, "utf8").split("\n").slice(0, -1);
  try {
    if (first === undefined || JSON.parse(first).key !== key) return [];
    return lines.map((line) => JSON.parse(line, realBigints) as Entry); // its own lines: only whole ones end in a line feed
  } catch {
    return [];
  }
}

/** To be taken before the file is read: a change while it is read is a change. */
export function stampOf(path: string): FileStamp {
  const { size, mtimeMs } = statSync(path);
  return { path: resolve(path), numBytes: size, modified: mtimeMs };
}

function isUnchanged(path: string, stamp: FileStamp | undefined): boolean {
  if (stamp === undefined) return false;
  const now = stampOf(path);
  return now.path === stamp.path && now.numBytes === stamp.numBytes && now.modified === stamp.modified;
}

const BIGINT = "bigint:";

/** JSON has no whole numbers beyond 2^53; headers may. */
function plainBigints(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${BIGINT}${value}` : value;
}

function realBigints(key: string, value: unknown): unknown {
  const isStored = key === "value" && typeof value === "string" && /^bigint:-?\d+$/.test(value);
  return isStored ? (BigInt(value.slice(BIGINT.length)) satisfies CardValue) : value;
}

function sync(file: string): void {
  const descriptor = openSync(file, "r+");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
