// What all backbones of one evaluation share: labelled rows, the split, the outliers, and what the bootstrap draws.

import type { EmbeddingTable } from "#learn/embeddings";
import type { IntervalUnit } from "./evaluation-record.ts";
import { checkTables, clustersOf, type SeenTestRows, seenNotes } from "./evaluation-rows.ts";
import { type Split, type SplitName, splitRows } from "./splits.ts";
import type { TestRows } from "./task-result.ts";

/** Labels that are counts. */
export const COUNT_LABELS = ["sourceCount", "islandCount"] as const;
export type CountLabel = (typeof COUNT_LABELS)[number];

export interface SourceCountOptions {
  readonly table: EmbeddingTable;
  /** Tables over the same crops, to stand beside the first. */
  readonly floors: readonly EmbeddingTable[];
  readonly label: CountLabel;
  readonly split: SplitName;
  /** Seed of the split and of the bootstrap. */
  readonly splitSeed: number;
  /** Seeds of the sgd probe. */
  readonly probeSeeds: readonly number[];
  readonly seenTestRows: SeenTestRows;
}

export interface CountProblem {
  /** By row of the table; null where there is none. */
  readonly labels: readonly (number | null)[];
  readonly numLabelled: number;
  readonly split: Split;
  readonly splitSeed: number;
  readonly probeSeeds: readonly number[];
  readonly test: TestRows;
  /** Row of the table -> place in `test`. */
  readonly testPlaces: ReadonlyMap<number, number>;
  /** Places in `test` that the bootstrap draws together. */
  readonly clusters: readonly (readonly number[])[];
  readonly intervalUnit: IntervalUnit;
  readonly notes: readonly string[];
}

/** Counts further than this from the training rows' mean, in their standard deviations, are outliers (published code's default). */
const OUTLIER_SIGMA = 3;

/** Sets up an evaluation. Throws RangeError as `evaluateSourceCount` says. */
export function countProblem(options: SourceCountOptions): CountProblem {
  const { table, floors, label, split: splitName, splitSeed, probeSeeds } = options;
  checkTables([table, ...floors]);
  if (probeSeeds.length === 0) throw new RangeError("evaluate: expected at least one probe seed, got none.");
  const labels = table.records.map((record) => record[label]);
  const rows = labels.flatMap((value, row) => (value === null ? [] : [row]));
  if (rows.length === 0) {
    throw new RangeError(
      `evaluate: expected crops with the label ${label}, got ${labels.length} crops without it. Use another --label.`,
    );
  }
  const split = splitRows(splitName, { records: table.records, rows, cropSize: table.cropSize, seed: splitSeed });
  const { test, testPlaces } = testRowsOf(table, split, labels);
  const { clusters, intervalUnit, notes } = clustersOf(test.fields);
  return {
    labels,
    numLabelled: rows.length,
    split,
    splitSeed,
    probeSeeds,
    test,
    testPlaces,
    clusters,
    intervalUnit,
    notes: [...split.notes, ...notes, ...seenNotes([table, ...floors], test.ids, options.seenTestRows)],
  };
}

function testRowsOf(
  table: EmbeddingTable,
  { folds }: Split,
  labels: CountProblem["labels"],
): Pick<CountProblem, "test" | "testPlaces"> {
  const found = folds.flatMap(({ name, train, test }) => {
    const isOutlier = outlierRule(train.map((row) => labels[row]!));
    return test.map((row) => ({ row, fold: name, truth: labels[row]!, isOutlier: isOutlier(labels[row]!) }));
  });
  const inOrder = found.toSorted((a, b) => a.row - b.row);
  const test = {
    ids: inOrder.map(({ row }) => table.records[row]!.id),
    fields: inOrder.map(({ row }) => table.records[row]!.field),
    truth: inOrder.map(({ truth }) => truth),
    fold: inOrder.map(({ fold }) => fold),
    isOutlier: inOrder.map(({ isOutlier }) => isOutlier),
  };
  return { test, testPlaces: new Map(inOrder.map(({ row }, place) => [row, place])) };
}

function outlierRule(trainCounts: readonly number[]): (count: number) => boolean {
  const mean = trainCounts.reduce((sum, count) => sum + count, 0) / trainCounts.length;
  const variance = trainCounts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / trainCounts.length;
  return (count) => Math.abs(count - mean) > OUTLIER_SIGMA * Math.sqrt(variance);
}
