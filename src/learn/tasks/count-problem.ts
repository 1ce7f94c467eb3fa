// What all backbones of one evaluation share: labelled rows, the split, the outliers, and what the bootstrap draws.
import type { EmbeddingTable } from "#learn/embeddings";
import { countRows, OUTLIER_SIGMA } from "./count-rows.ts";
import type { IntervalUnit, Protocol } from "./evaluation-record.ts";
import {
  checkTables,
  clustersOf,
  type EvaluatedCrops,
  qualityExclusions,
  rowsOfQuality,
  type SeenTestRows,
  seenNotes,
} from "./evaluation-rows.ts";
import type { PcaChoice } from "./fold-features.ts";
import type { SeedFamily } from "./seed-families.ts";
import { withoutSharedSky } from "./shared-sky.ts";
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
  /** Default: "paper". */
  readonly protocol?: Protocol;
  /** Default: "auto". */
  readonly pca?: PcaChoice;
  /** Counts further than this from the training rows' mean, in their standard deviations, are outliers. Default: OUTLIER_SIGMA. */
  readonly outlierSigma?: number;
  /** Only crops with one of these flags; null or absent: all crops. */
  readonly dataQualityFlags?: readonly number[] | null;
  /** Whether regressions made for counts stand beside the linear ones. Default: linear alone. */
  readonly probes?: "linear" | "all";
  /** Tables that differ in their seed of pre-training alone. */
  readonly families?: readonly SeedFamily[];
}

export interface CountProblem {
  readonly options: SourceCountOptions;
  readonly protocol: Protocol;
  /** By row of the table; null where there is none. */
  readonly labels: readonly (number | null)[];
  readonly numLabelled: number;
  readonly numLeftOut: number;
  /** Its training rows are without outliers. */
  readonly split: Split;
  readonly numTrainOutliers: number;
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

type CountRowOptions = Pick<
  SourceCountOptions,
  "label" | "split" | "splitSeed" | "protocol" | "outlierSigma" | "dataQualityFlags"
> & { readonly table: EvaluatedCrops };

/** Ids of the crops that would be tested, found before any is embedded. Throws RangeError where `evaluateSourceCount` does for labels and split. */
export function countTestIds(options: CountRowOptions): readonly string[] {
  return rowsUsed(options).test.ids;
}

/** Labelled rows, split, without outliers. */
function rowsUsed(options: CountRowOptions) {
  const { table, split, splitSeed, protocol = "paper", outlierSigma = OUTLIER_SIGMA } = options;
  const { labels, rows, isKept } = countedRows(options);
  const drawn = splitRows(split, { records: table.records, rows, cropSize: table.cropSize, seed: splitSeed });
  const whole = withoutSharedSky(drawn, table.records);
  return { labels, rows, isKept, protocol, ...countRows(protocol, whole, { table, labels, sigma: outlierSigma }) };
}

function countedRows({ table: { records }, label, dataQualityFlags = null }: CountRowOptions) {
  const isKept = rowsOfQuality(records, dataQualityFlags);
  const labels = records.map((record, row) => (isKept(row) ? record[label] : null));
  const rows = labels.flatMap((value, row) => (value === null ? [] : [row]));
  if (rows.length === 0) {
    throw new RangeError(
      `evaluate: expected crops with the label ${label}, got ${labels.length} crops without it. Use another --label.`,
    );
  }
  return { labels, rows, isKept };
}

/** Sets up an evaluation. Throws RangeError as `evaluateSourceCount` says. */
export function countProblem(options: SourceCountOptions): CountProblem {
  const { table, floors, splitSeed, probeSeeds } = options;
  checkTables([table, ...floors]);
  if (probeSeeds.length === 0) throw new RangeError("evaluate: expected at least one probe seed, got none.");
  const flags = options.dataQualityFlags ?? null;
  const { labels, rows, isKept, protocol, split, test, testPlaces, numTrainOutliers, notes: rowNotes } = rowsUsed(options);
  const { clusters, intervalUnit, notes } = clustersOf(test.fields);
  const left = qualityExclusions(table.records.filter((_, row) => !isKept(row)).length, flags);
  return {
    options,
    protocol,
    labels,
    numLabelled: rows.length,
    numLeftOut: left.reduce((sum, { count }) => sum + count, 0),
    split,
    numTrainOutliers,
    splitSeed,
    probeSeeds,
    test,
    testPlaces,
    clusters,
    intervalUnit,
    notes: [
      ...left.map(({ reason, count }) => `${count} ${reason} are left out.`),
      ...split.notes,
      ...rowNotes,
      ...notes,
      ...seenNotes([table, ...floors], test.ids, options.seenTestRows),
    ],
  };
}
