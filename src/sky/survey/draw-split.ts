// Test rows and subsets drawn by chance (paper sections 2.2 and 4.1): by crop, by field or by label, the same for the same seed.
import { randomFor } from "#base/array";
import type { CropRecord } from "./crop-set.ts";

/** crop: any crops. field: whole fields, as neighbours share beam, noise and artefacts. label: the same share of every class. */
export const SPLIT_KINDS = ["crop", "field", "label"] as const;
export type SplitKind = (typeof SPLIT_KINDS)[number];

/** How test rows are drawn. */
export interface SplitDraw {
  readonly by: SplitKind;
  /** Share of the crops that become test rows, above 0 and below 1. */
  readonly testFraction: number;
  readonly seed: number;
}

/**
 * For each record, "test" or "train". Throws Error for a fraction out of its range, and where one of the two would be empty or the
 * set has no fields or labels to go by.
 */
export function drawSplit(records: readonly CropRecord[], { by, testFraction, seed }: SplitDraw): readonly ("train" | "test")[] {
  if (!(testFraction > 0 && testFraction < 1))
    throw new Error(`--test: expected a fraction between 0 and 1, got ${testFraction}.`);
  const test = new Set(DRAWERS[by](records, testFraction, seed));
  if (test.size === 0 || test.size === records.length)
    throw new Error(
      `--by ${by}: expected training and test crops, got ${records.length - test.size} and ${test.size}. Choose another --test or --by.`,
    );
  return records.map((_, row) => (test.has(row) ? "test" : "train"));
}

type Drawer = (records: readonly CropRecord[], testFraction: number, seed: number) => readonly number[];

const DRAWERS: Readonly<Record<SplitKind, Drawer>> = {
  crop: (records, testFraction, seed) => shareOf([...records.keys()], testFraction, seed, 0),
  field: drawFields,
  label: drawOfLabels,
};

/** A share of rows, rounded. `key` tells draws of one seed apart. */
function shareOf(rows: readonly number[], share: number, seed: number, key: number): readonly number[] {
  return shuffled(rows, seed, key).slice(0, Math.round(share * rows.length));
}

function shuffled<Item>(items: readonly Item[], seed: number, key: number): readonly Item[] {
  return Array.from(randomFor(seed, "draw split", key).permutation(items.length), (place) => items[place]!);
}

/** Fields in random order, each that brings the number of test crops nearer to what is asked for. */
function drawFields(records: readonly CropRecord[], testFraction: number, seed: number): readonly number[] {
  const fields = rowsBy(records, ({ field }) => field);
  if (fields.size < 2) throw new Error(`--by field: expected crops of two fields or more, got ${fields.size}. Use --by crop.`);
  const wanted = testFraction * records.length;
  const test: number[] = [];
  let numLeft = fields.size;
  for (const rows of shuffled([...fields.values()], seed, 0)) {
    const isNearer = Math.abs(test.length + rows.length - wanted) < Math.abs(test.length - wanted);
    // One field at least goes to each side.
    const isLastChance = numLeft === 1 && test.length === 0;
    if ((isNearer && test.length + rows.length < records.length) || isLastChance) for (const row of rows) test.push(row);
    numLeft -= 1;
  }
  return test;
}

function drawOfLabels(records: readonly CropRecord[], testFraction: number, seed: number): readonly number[] {
  const labels = rowsBy(records, ({ label }) => label);
  if (labels.size === 1 && labels.has(null)) throw new Error("--by label: expected crops with labels, got none. Use --by crop.");
  return [...labels.values()].flatMap((rows, key) => shareOf(rows, testFraction, seed, key + 1));
}

function rowsBy<Key>(records: readonly CropRecord[], keyOf: (record: CropRecord) => Key): ReadonlyMap<Key, readonly number[]> {
  const groups = new Map<Key, number[]>();
  for (const [row, record] of records.entries()) {
    const key = keyOf(record);
    if (groups.has(key)) groups.get(key)!.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/**
 * `numCrops` training rows, in order: one of each field, the others by chance (MGCLS_5k: paper section 2.2.1). Throws Error for a set
 * without training rows, and for more crops than there are, or fewer than fields.
 */
export function drawSubset(records: readonly CropRecord[], numCrops: number, seed: number): readonly number[] {
  const training = [...records.keys()].filter((row) => records[row]!.split === "train");
  if (training.length === 0)
    throw new Error(
      `--crops: expected crops of the training split to draw from, got none of ${records.length}. Run "suricate split" first.`,
    );
  const order = shuffled(training, seed, 0);
  const firsts = firstOfFields(records, order);
  if (!(Number.isInteger(numCrops) && numCrops >= Math.max(1, firsts.length) && numCrops <= training.length)) {
    throw new Error(
      `--crops: expected ${Math.max(1, firsts.length)} (one of each field) to ${training.length} (all training crops), got ${numCrops}.`,
    );
  }
  const isFirst = new Set(firsts);
  const others = order.filter((row) => !isFirst.has(row));
  return [...firsts, ...others.slice(0, numCrops - firsts.length)].toSorted((a, b) => a - b);
}

/** Of rows in random order the first of each field; none where every crop is a field of its own, as in sets of pictures. */
function firstOfFields(records: readonly CropRecord[], order: readonly number[]): readonly number[] {
  const first = new Map<string, number>();
  for (const row of order) if (!first.has(records[row]!.field)) first.set(records[row]!.field, row);
  return first.size === order.length ? [] : [...first.values()];
}
