// Splits of a table's rows into training and test rows, and of training rows for choosing a penalty.

import { randomFor } from "#base/array";
import type { CropRecord } from "#sky/survey";
import { fieldBlocks, rowsSharingPixels } from "./field-blocks.ts";
import { groupBy } from "./group-by.ts";

/**
 * `crop`: a random fifth of the crops is test. `field`: whole fields are left out in turn. `blocks`: blocks of neighbouring
 * crops are left out in turn, and training rows that share pixels with them go. `own`: as the set's makers fixed it.
 */
export const SPLIT_NAMES = ["crop", "field", "blocks", "own"] as const;
export type SplitName = (typeof SPLIT_NAMES)[number];

/** Rows of the table. A fold's training rows and test rows never meet. */
export interface Fold {
  readonly name: string;
  readonly train: readonly number[];
  readonly test: readonly number[];
}

export interface Split {
  readonly name: SplitName;
  readonly folds: readonly Fold[];
  /** What a reader of the result should know about the split. */
  readonly notes: readonly string[];
}

const TEST_FRACTION = 0.2;
const NUM_FOLDS = 5;

export interface SplitOptions {
  readonly records: readonly CropRecord[];
  /** Rows of the table that have a label. */
  readonly rows: readonly number[];
  /** Side of a crop in pixels: tells which crops share pixels. */
  readonly cropSize: number;
  readonly seed: number;
}

/** Splits rows. Throws RangeError where the set does not allow the split, naming what it lacks. */
export function splitRows(name: SplitName, options: SplitOptions): Split {
  const split = SPLITTERS[name](options);
  checkFolds(name, split.folds);
  return split;
}

/** Throws RangeError for a fold with nothing to train or to test. */
export function checkFolds(name: SplitName, folds: readonly Fold[]): void {
  for (const { name: fold, train, test } of folds) {
    if (train.length < 2 || test.length < 1) {
      throw new RangeError(
        `--split ${name}: fold ${fold}: expected at least 2 training crops and 1 test crop, got ${train.length} and ${test.length}.`,
      );
    }
  }
}

const SPLITTERS: Readonly<Record<SplitName, (options: SplitOptions) => Split>> = {
  crop: splitByCrop,
  field: splitByField,
  blocks: splitByBlocks,
  own: splitAsFixed,
};

function splitByCrop({ records, rows, cropSize, seed }: SplitOptions): Split {
  const order = Array.from(randomFor(seed, "split by crop").permutation(rows.length), (place) => rows[place]!);
  const numTest = Math.round(rows.length * TEST_FRACTION);
  const test = inOrder(order.slice(0, numTest));
  const train = inOrder(order.slice(numTest));
  const { numSharing, numKnownFields } = sharedByField(records, cropSize, { train, test });
  const notes = [
    `${numSharing} of ${test.length} test crops share pixels with a training crop, ${numKnownFields} their field: scores by crop flatter.`,
  ];
  return { name: "crop", folds: [{ name: "random", train, test }], notes };
}

/** Test crops that share pixels with a training crop, and those whose field training knows. */
function sharedByField(records: readonly CropRecord[], cropSize: number, { train, test }: Pick<Fold, "train" | "test">) {
  const numSharing = rowsSharingPixels(records, cropSize, { candidates: test, others: train }).length;
  const trainFields = new Set(train.map((row) => records[row]!.field));
  return { numSharing, numKnownFields: test.filter((row) => trainFields.has(records[row]!.field)).length };
}

function splitByField({ records, rows, seed }: SplitOptions): Split {
  const fields = new Set(rows.map((row) => records[row]!.field));
  if (fields.size < 2) {
    throw new RangeError(
      `--split field: expected crops of at least 2 fields, got ${fields.size} (${[...fields].join(", ")}). Use --split blocks.`,
    );
  }
  return { name: "field", folds: fieldFolds(records, rows, seed), notes: [] };
}

/** Fields dealt to folds, the largest first, each to the fold with the fewest crops; equal ones in random order. */
function fieldFolds(records: readonly CropRecord[], rows: readonly number[], seed: number): Fold[] {
  const groups = [...groupBy(rows, (row) => records[row]!.field).values()];
  const order = Array.from(randomFor(seed, "split by field").permutation(groups.length), (place) => groups[place]!);
  const tests: number[][] = Array.from({ length: Math.min(NUM_FOLDS, groups.length) }, () => []);
  for (const group of order.toSorted((a, b) => b.length - a.length)) {
    const fewest = tests.reduce((least, test) => (test.length < least.length ? test : least));
    for (const row of group) fewest.push(row);
  }
  return tests.map((test, index) => foldOf(`fields ${index + 1}`, rows, test));
}

function splitByBlocks(options: SplitOptions): Split {
  const folds = blockFolds(options);
  const numLeftOut = folds.reduce((sum, { train, test }) => sum + options.rows.length - train.length - test.length, 0);
  const notes = [
    `${(numLeftOut / folds.length).toFixed(1)} crops a fold are in neither part: they share pixels with a test crop.`,
  ];
  return { name: "blocks", folds, notes };
}

function blockFolds({ records, rows, cropSize }: SplitOptions): Fold[] {
  return fieldBlocks(records, rows, NUM_FOLDS).map((test, index) => {
    const { name, train } = foldOf(`block ${index + 1}`, rows, test);
    const sharing = new Set(rowsSharingPixels(records, cropSize, { candidates: train, others: test }));
    return { name, train: train.filter((row) => !sharing.has(row)), test: inOrder(test) };
  });
}

function splitAsFixed({ records, rows, cropSize }: SplitOptions): Split {
  const byPart = groupBy(rows, (row) => records[row]!.split ?? "none");
  const train = byPart.get("train") ?? [];
  const test = byPart.get("test") ?? [];
  if (train.length === 0 || test.length === 0) {
    const found = [...byPart].map(([part, members]) => `${members.length} marked ${part}`).join(", ");
    throw new RangeError(
      `--split own: expected crops marked "train" and "test", got ${found}. Draw them with "suricate split", or use another --split.`,
    );
  }
  const numUnused = rows.length - train.length - test.length;
  const { numSharing, numKnownFields } = sharedByField(records, cropSize, { train, test });
  const notes = [
    ...(numUnused > 0 ? [`${numUnused} crops are in neither part: they are marked neither "train" nor "test".`] : []),
    ...(numKnownFields > 0
      ? [
          `${numSharing} of ${test.length} test crops share pixels with a training crop, ${numKnownFields} their field: scores by this split flatter.`,
        ]
      : []),
  ];
  return { name: "own", folds: [{ name: "own", train, test }], notes };
}

/** Folds of training rows for choosing a penalty: in the split's own manner, by field where there are several fields. */
export function innerFolds(name: SplitName, options: SplitOptions): readonly Fold[] {
  const { records, rows, seed } = options;
  const numFields = new Set(rows.map((row) => records[row]!.field)).size;
  const folds =
    name === "blocks" ? blockFolds(options) : numFields > 1 ? fieldFolds(records, rows, seed) : randomFolds(rows, seed);
  return folds.filter(({ train, test }) => train.length > 1 && test.length > 0);
}

function randomFolds(rows: readonly number[], seed: number): Fold[] {
  const order = Array.from(randomFor(seed, "inner folds").permutation(rows.length), (place) => rows[place]!);
  const numFolds = Math.min(NUM_FOLDS, rows.length);
  return Array.from({ length: numFolds }, (_, fold) =>
    foldOf(
      `inner ${fold + 1}`,
      rows,
      order.filter((_row, place) => place % numFolds === fold),
    ),
  );
}

function foldOf(name: string, rows: readonly number[], test: readonly number[]): Fold {
  const tested = new Set(test);
  return { name, train: rows.filter((row) => !tested.has(row)), test: inOrder(test) };
}

function inOrder(rows: readonly number[]): number[] {
  return rows.toSorted((a, b) => a - b);
}
