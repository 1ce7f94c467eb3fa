// Which labelled crops a probe of counts is trained and tested on: the rule for outliers, as the paper says and as its published code does.
import type { EmbeddingTable } from "#learn/embeddings";
import type { Protocol } from "./evaluation-record.ts";
import type { Fold, Split } from "./splits.ts";
import type { TestRows } from "./task-result.ts";

/** Of the rule by which the paper leaves outliers out (section 4.1): the published code's default; the text's number is lost. */
export const OUTLIER_SIGMA = 3;

/** By row of the table; null where there is none. */
export type CountLabels = readonly (number | null)[];

export interface CountRows {
  /** Its training rows are without outliers. */
  readonly split: Split;
  readonly test: TestRows;
  /** Row of the table -> place in `test`. */
  readonly testPlaces: ReadonlyMap<number, number>;
  readonly numTrainOutliers: number;
  /** On what was left out besides. */
  readonly notes: readonly string[];
}

export interface RowRule {
  readonly table: Pick<EmbeddingTable, "records">;
  readonly labels: CountLabels;
  /** Counts further than this from the mean, in standard deviations, are outliers. */
  readonly sigma: number;
}

/** The rows of a split by a protocol. Throws RangeError where the published code's rule leaves nothing. */
export function countRows(protocol: Protocol, split: Split, rule: RowRule): CountRows {
  return ROWS[protocol](split, rule);
}

const ROWS: Readonly<Record<Protocol, (split: Split, rule: RowRule) => CountRows>> = {
  paper: limitedByTraining,
  "mgcls-dino-asis": limitedByAll,
};

/** Each fold's own training rows set the limits: outliers leave its training rows, and are marked among its test rows. */
function limitedByTraining(whole: Split, { table, labels, sigma }: RowRule): CountRows {
  const ruled = whole.folds.map((fold) => {
    const isOutlier = outlierRule(
      fold.train.map((row) => labels[row]!),
      sigma,
    );
    return { fold, isOutlierRow: (row: number) => isOutlier(labels[row]!) };
  });
  const folds = ruled.map(({ fold, isOutlierRow }) => ({ ...fold, train: fold.train.filter((row) => !isOutlierRow(row)) }));
  return {
    split: { ...whole, folds },
    ...testRowsOf(table, labels, folds, (index, row) => ruled[index]!.isOutlierRow(row)),
    numTrainOutliers: trainRowsLost(whole.folds, folds),
    notes: [],
  };
}

/**
 * The published code's two faults: crops without a source have no line in its table of labels and so no count, and the limits, taken
 * from all rows, drop outliers from the test rows too.
 */
function limitedByAll(whole: Split, { table, labels, sigma }: RowRule): CountRows {
  const isCounted = (row: number) => labels[row]! > 0;
  const all = [...new Set(whole.folds.flatMap(({ train, test }) => [...train, ...test]))];
  const counted = all.filter(isCounted);
  const isOutlier = outlierRule(
    counted.map((row) => labels[row]!),
    sigma,
  );
  const isKept = (row: number) => isCounted(row) && !isOutlier(labels[row]!);
  const folds = whole.folds.map((fold) => ({ ...fold, train: fold.train.filter(isKept), test: fold.test.filter(isKept) }));
  for (const { name, train, test } of folds) {
    if (train.length < 2 || test.length === 0)
      throw new RangeError(
        `evaluate: --protocol mgcls-dino-asis: fold ${name}: expected crops with sources to train and to test on, got ${train.length} and ${test.length}.`,
      );
  }
  const kept = counted.filter(isKept).length;
  return {
    split: { ...whole, folds },
    ...testRowsOf(table, labels, folds, () => false),
    numTrainOutliers: trainRowsLost(
      whole.folds.map((fold) => ({ ...fold, train: fold.train.filter(isCounted) })),
      folds,
    ),
    notes: [
      `mgcls-dino-asis never sees ${all.length - counted.length} crops without a source, nor ${counted.length - kept} crops beyond ${sigma} standard deviations of all, test crops among them.`,
    ],
  };
}

function trainRowsLost(before: readonly Fold[], after: readonly Fold[]): number {
  return before.reduce((sum, { train }, index) => sum + train.length - after[index]!.train.length, 0);
}

/** The test rows of all folds, in the table's order. */
function testRowsOf(
  table: RowRule["table"],
  labels: CountLabels,
  folds: readonly Fold[],
  isOutlier: (fold: number, row: number) => boolean,
): Pick<CountRows, "test" | "testPlaces"> {
  const found = folds.flatMap(({ name, test }, index) =>
    test.map((row) => ({ row, fold: name, truth: labels[row]!, isOutlier: isOutlier(index, row) })),
  );
  const inOrder = found.toSorted((a, b) => a.row - b.row);
  return {
    test: {
      ids: inOrder.map(({ row }) => table.records[row]!.id),
      fields: inOrder.map(({ row }) => table.records[row]!.field),
      truth: inOrder.map(({ truth }) => truth),
      fold: inOrder.map(({ fold }) => fold),
      isOutlier: inOrder.map((one) => one.isOutlier),
    },
    testPlaces: new Map(inOrder.map(({ row }, place) => [row, place])),
  };
}

function outlierRule(trainCounts: readonly number[], sigma: number): (count: number) => boolean {
  const mean = trainCounts.reduce((sum, count) => sum + count, 0) / trainCounts.length;
  const variance = trainCounts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / trainCounts.length;
  return (count) => Math.abs(count - mean) > sigma * Math.sqrt(variance);
}
