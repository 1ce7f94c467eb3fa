// Which labelled rows train and which test a classification: the makers' split, a fifth set aside, repeated folds, or whole fields.
import { randomFor } from "#base/array";
import type { EmbeddingTable } from "#learn/embeddings";
import type { ClassSplitName } from "./class-record.ts";
import type { Exclusion } from "./evaluation-record.ts";
import type { EvaluatedCrops } from "./evaluation-rows.ts";
import { sharedRowFinder } from "./shared-rows.ts";
import { type Fold, splitRows } from "./splits.ts";
import { stratifiedFolds } from "./stratified.ts";

/** What to do where a training row gives a test row away: refuse, drop such training rows, or report them in the notes. */
export type SharedRows = "refuse" | "drop" | "report";

export interface ClassSplitOptions {
  readonly table: EmbeddingTable;
  /** Rows of the table that have a class. */
  readonly rows: readonly number[];
  /** By row of the table. */
  readonly classes: ArrayLike<number>;
  readonly split: ClassSplitName;
  /** Of `holdout` and `folds`: how often the split is drawn anew. */
  readonly numRepeats: number;
  /** Of `folds`. */
  readonly numFolds: number;
  readonly seed: number;
  readonly sharedRows: SharedRows;
}

export interface ClassSplit {
  /** [repeat][fold] */
  readonly repeats: readonly (readonly Fold[])[];
  readonly exclusions: readonly Exclusion[];
  readonly notes: readonly string[];
}

/** The paper's share of MIGHTEE_FR that is tested: one in HOLDOUT_PARTS. */
const HOLDOUT_PARTS = 5;

/** Splits rows. Throws RangeError where the set does not allow the split, or where training and test rows are shared. */
export function splitClasses(options: ClassSplitOptions): ClassSplit {
  const { repeats, notes } = drawnFolds(options);
  const { table, split, sharedRows } = options;
  const findShared = sharedRowFinder(table);
  const shared = repeats.map((folds) => folds.map(({ train, test }) => findShared(train, test)));
  const numShared = shared.flat().reduce((sum, rows) => sum + rows.length, 0);
  if (numShared === 0) return { repeats, notes, exclusions: [] };
  const numFolds = repeats.reduce((sum, folds) => sum + folds.length, 0);
  const fact = `${numShared} training crops${numFolds > 1 ? ` over ${numFolds} folds` : ""} share their id, their place on the sky (30") or their embedding with a test crop`;
  // A split that is drawn here is ours to mend; the makers' own is not.
  if (sharedRows === "refuse" && split === "own") {
    throw new RangeError(
      `evaluate: ${fact}. Say --shared drop to leave them out of training, or --shared report to keep them and have it noted.`,
    );
  }
  if (sharedRows === "report") return { repeats, notes: [...notes, `${fact}: the scores may flatter.`], exclusions: [] };
  return {
    repeats: repeats.map((folds, repeat) => folds.map((fold, index) => without(fold, shared[repeat]![index]!))),
    notes,
    exclusions: [{ reason: `training crops that share id, place on the sky or embedding with a test crop`, count: numShared }],
  };
}

function without(fold: Fold, left: readonly number[]): Fold {
  const gone = new Set(left);
  return { ...fold, train: fold.train.filter((row) => !gone.has(row)) };
}

/** Folds as they are drawn, before training rows are left out. Throws RangeError where the set does not allow the split. */
export function drawnFolds({
  table,
  rows,
  classes,
  split,
  numRepeats,
  numFolds,
  seed,
}: Omit<ClassSplitOptions, "table" | "sharedRows"> & { readonly table: EvaluatedCrops }): Pick<ClassSplit, "repeats" | "notes"> {
  const { records, cropSize } = table;
  if (split === "own" || split === "field") {
    const { folds, notes } = splitRows(split, { records, rows, cropSize, seed });
    return { repeats: [folds], notes };
  }
  const parts = split === "folds" ? numFolds : HOLDOUT_PARTS;
  const repeats = Array.from({ length: numRepeats }, (_, repeat) => {
    const folds = stratifiedFolds({ rows, classes }, parts, randomFor(seed, "stratified folds", repeat));
    return split === "folds" ? folds : folds.slice(0, 1).map((fold) => ({ ...fold, name: "holdout" }));
  });
  return { repeats, notes: [] };
}
