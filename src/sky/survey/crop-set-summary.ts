// A crop set at a glance: how many crops, of which fields, splits and labels, and what is known of their sources.
import type { CropRecord, CropSet, CropSetInfo } from "./crop-set.ts";

/** Counts by name, most frequent first; null: crops without one. */
export type Counts = readonly { readonly name: string | null; readonly count: number }[];

export interface CropSetSummary {
  readonly name: string;
  /** The published set that it was imported from; null for sets of one's own. */
  readonly collection: string | null;
  readonly surveys: Counts;
  readonly sha256: string;
  readonly crops: number;
  readonly cropSize: number;
  readonly storedSize: number;
  readonly fluxUnit: CropSetInfo["fluxUnit"];
  readonly tiling: CropSetInfo["tiling"];
  readonly lowPercentile: number;
  readonly highPercentile: number;
  readonly fields: number;
  /** Crops of a field: fewest and most. */
  readonly cropsPerField: readonly [fewest: number, most: number];
  readonly withPosition: number;
  readonly splits: Counts;
  readonly labels: Counts;
  readonly dataQualityFlags: Counts;
  /** The catalogue's file; null without one. */
  readonly catalogue: string | null;
  /** Null where no crop has a count. */
  readonly sourceCount: CountSummary | null;
}

/** Of the crops that have a count. */
export interface CountSummary {
  readonly crops: number;
  readonly withoutSources: number;
  readonly mean: number;
  readonly most: number;
}

/** Summarises a crop set from its table alone. */
export function summariseCropSet({ info, records, sha256 }: CropSet): CropSetSummary {
  const { name, cropSize, storedSize, fluxUnit, tiling, lowPercentile, highPercentile } = info;
  const perField = countsOf(records, ({ field }) => field).map(({ count }) => count);
  return {
    name,
    collection: info.collection ?? null,
    surveys: countsOf(records, ({ survey }) => survey),
    sha256,
    crops: records.length,
    cropSize,
    storedSize,
    fluxUnit,
    tiling,
    lowPercentile,
    highPercentile,
    fields: perField.length,
    cropsPerField: [perField.at(-1) ?? 0, perField[0] ?? 0],
    withPosition: records.filter(({ raDeg }) => raDeg !== null).length,
    splits: countsOf(records, ({ split }) => split),
    labels: countsOf(records, ({ label }) => label),
    dataQualityFlags: countsOf(records, ({ dataQualityFlag }) => (dataQualityFlag === null ? null : String(dataQualityFlag))),
    catalogue: info.catalogue?.file ?? null,
    sourceCount: countSummary(records.flatMap(({ sourceCount }) => sourceCount ?? [])),
  };
}

function countsOf(records: readonly CropRecord[], nameOf: (record: CropRecord) => string | null): Counts {
  const counts = new Map<string | null, number>();
  for (const record of records) counts.set(nameOf(record), (counts.get(nameOf(record)) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).toSorted((a, b) => b.count - a.count);
}

function countSummary(counts: readonly number[]): CountSummary | null {
  if (counts.length === 0) return null;
  return {
    crops: counts.length,
    withoutSources: counts.filter((count) => count === 0).length,
    mean: counts.reduce((sum, count) => sum + count, 0) / counts.length,
    most: counts.reduce((most, count) => Math.max(most, count), 0),
  };
}
