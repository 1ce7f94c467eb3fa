// What all backbones of one classification share: classes, rows, split, and what the bootstrap draws.
import type { EmbeddingTable } from "#learn/embeddings";
import type { ClassSplitName } from "./class-record.ts";
import { type ClassSplit, drawnFolds, type SharedRows, splitClasses } from "./class-split.ts";
import type { Exclusion, IntervalUnit, Protocol } from "./evaluation-record.ts";
import {
  checkTables,
  clustersOf,
  type EvaluatedCrops,
  qualityExclusions,
  rowsOfQuality,
  type SeenTestRows,
  seenNotes,
} from "./evaluation-rows.ts";

export interface ClassOptions {
  readonly table: EmbeddingTable;
  /** Tables over the same crops, to stand beside the first. */
  readonly floors: readonly EmbeddingTable[];
  /** Labels that count, in the order of the classes; rows of others are left out. Null: every label of the set. */
  readonly classes: readonly string[] | null;
  /** The class whose F1 is told apart; null for none. */
  readonly positiveClass: string | null;
  readonly protocol: Protocol;
  /** Principal components; "auto": the paper's 100, or fewer where rows are few; null: none. */
  readonly pca: number | "auto" | null;
  readonly split: ClassSplitName;
  readonly numRepeats: number;
  readonly numFolds: number;
  /** Seed of the split and of the bootstrap. */
  readonly splitSeed: number;
  /** Seeds of the sgd probe. */
  readonly probeSeeds: readonly number[];
  readonly seenTestRows: SeenTestRows;
  readonly sharedRows: SharedRows;
  /** Only crops with one of these flags; null or absent: all crops. */
  readonly dataQualityFlags?: readonly number[] | null;
}

export interface ClassProblem extends ClassSplit {
  readonly options: ClassOptions;
  readonly classes: readonly string[];
  /** By row of the table: a place in `classes`, or -1. */
  readonly classOf: Int32Array;
  readonly numLabelled: number;
  /** Distinct rows that are tested, in the table's order. */
  readonly testRows: readonly number[];
  /** Row of the table -> place in `testRows`. */
  readonly testPlaces: ReadonlyMap<number, number>;
  /** Places in `testRows` that the bootstrap draws together. */
  readonly clusters: readonly (readonly number[])[];
  readonly intervalUnit: IntervalUnit;
  readonly exclusions: readonly Exclusion[];
  readonly notes: readonly string[];
}

/** A class with fewer training rows cannot be cross-validated. */
const MIN_TRAIN_PER_CLASS = 2;

/** Sets up a classification. Throws RangeError where labels, classes or the split are missing, or rows are shared or seen. */
export function classProblem(options: ClassOptions): ClassProblem {
  const { table, floors, probeSeeds, splitSeed } = options;
  checkTables([table, ...floors]);
  if (probeSeeds.length === 0) throw new RangeError("evaluate: expected at least one probe seed, got none.");
  const { classes, classOf, rows, exclusions } = labelledRows(options);
  const split = splitClasses({ ...options, rows, classes: classOf, seed: splitSeed });
  for (const fold of split.repeats.flat()) checkClasses(fold.train, classOf, classes, split.exclusions);
  const testRows = [...new Set(split.repeats.flat().flatMap(({ test }) => test))].toSorted((a, b) => a - b);
  const testIds = testRows.map((row) => table.records[row]!.id);
  const { clusters, intervalUnit, notes } = clustersOf(testRows.map((row) => table.records[row]!.field));
  return {
    options,
    repeats: split.repeats,
    classes,
    classOf,
    numLabelled: rows.length,
    testRows,
    testPlaces: new Map(testRows.map((row, place) => [row, place])),
    clusters,
    intervalUnit,
    exclusions: [...exclusions, ...split.exclusions],
    notes: [...split.notes, ...notes, ...seenNotes([table, ...floors], testIds, options.seenTestRows)],
  };
}

type ClassRowOptions = Pick<ClassOptions, "classes" | "dataQualityFlags" | "split" | "numRepeats" | "numFolds" | "splitSeed"> & {
  readonly table: EvaluatedCrops;
};

/** Ids of the crops that would be tested, found before any is embedded. Throws RangeError where `classProblem` does for labels and split. */
export function classTestIds(options: ClassRowOptions): string[] {
  const { classOf, rows } = labelledRows(options);
  const { repeats } = drawnFolds({ ...options, rows, classes: classOf, seed: options.splitSeed });
  return [...new Set(repeats.flat().flatMap(({ test }) => test))].map((row) => options.table.records[row]!.id);
}

function labelledRows({
  table,
  classes: wanted,
  dataQualityFlags,
}: Pick<ClassRowOptions, "table" | "classes" | "dataQualityFlags">) {
  const { records } = table;
  const isKept = rowsOfQuality(records, dataQualityFlags ?? null);
  const kept = records.filter((_, row) => isKept(row));
  const found = [...new Set(kept.flatMap(({ label }) => label ?? []))].toSorted();
  const classes = wanted ?? found;
  const classOf = Int32Array.from(records, ({ label }, row) => (label === null || !isKept(row) ? -1 : classes.indexOf(label)));
  const rows = records.flatMap((_, row) => (classOf[row]! >= 0 ? [row] : []));
  const missing = classes.filter((_, index) => !classOf.includes(index));
  if (classes.length < 2 || missing.length > 0) {
    const asked = wanted === null ? "2 labels or more" : `the labels ${classes.join(", ")}`;
    const got = found.length === 0 ? `none in ${kept.length} crops` : found.join(", ");
    throw new RangeError(`evaluate: expected crops with ${asked}, got ${got}. Name the classes with --classes.`);
  }
  const numWithout = kept.filter(({ label }) => label === null).length;
  const numOther = kept.length - rows.length - numWithout;
  return {
    classes,
    classOf,
    rows,
    exclusions: [
      ...qualityExclusions(records.length - kept.length, dataQualityFlags ?? null),
      ...(numWithout > 0 ? [{ reason: "crops without a label", count: numWithout }] : []),
      ...(numOther > 0 ? [{ reason: `crops of other classes than ${classes.join(", ")}`, count: numOther }] : []),
    ],
  };
}

/** Throws RangeError for a class with too few training rows, and tells what had been left out of training before. */
export function checkClasses(
  train: readonly number[],
  classOf: ArrayLike<number>,
  classes: readonly string[],
  left: readonly Exclusion[] = [],
): void {
  const leftText = left.map(({ reason, count }) => `, after ${count} ${reason} were left out`).join("");
  for (const [index, name] of classes.entries()) {
    const count = train.filter((row) => classOf[row] === index).length;
    if (count < MIN_TRAIN_PER_CLASS) {
      throw new RangeError(
        `evaluate: expected at least ${MIN_TRAIN_PER_CLASS} training crops of every class, got ${count} of "${name}"${leftText}. Leave the class out with --classes.`,
      );
    }
  }
}
