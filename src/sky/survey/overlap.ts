// Which crops of two selections show the same sky: by position where both know theirs, else by their pixels.

import { cropFootprint } from "./crop-footprint.ts";
import type { CropRecord, CropSet } from "./crop-set.ts";
import { pixelOverlaps } from "./overlap-pixels.ts";
import { skyOverlaps } from "./overlap-sky.ts";

/** Some crops of a set; all of them where `rows` is missing. */
export interface CropSelection {
  readonly set: CropSet;
  readonly rows?: readonly number[];
}

/** Two crops that share sky. */
export interface CropOverlap {
  /** Rows in their sets. */
  readonly firstRow: number;
  readonly secondRow: number;
  readonly by: "sky" | "pixels";
  /** Share of the first crop's area (without its margin) that the second shows too, 0 to 1. */
  readonly sharedArea: number;
  /** Between the crops' centres; null where it is the pixels that tell. */
  readonly separationDeg: number | null;
  /** Of the shared pixels; null where it is the positions that tell. */
  readonly correlation: number | null;
}

/** What two selections have in common. */
export interface OverlapReport {
  /** "mixed": some crops have positions, others had to be told by their pixels. */
  readonly by: "sky" | "pixels" | "mixed";
  readonly pairs: readonly CropOverlap[];
  readonly numFirst: number;
  readonly numSecond: number;
  /** Crops that are in at least one pair. */
  readonly numFirstShared: number;
  readonly numSecondShared: number;
  /** Crops without a position whose few islands cannot tell: of them only the same picture would have been found. */
  readonly numFirstUnclear: number;
  readonly numSecondUnclear: number;
}

export interface OverlapOptions {
  /** Pairs in which the second shows less of the first are no overlap: 0 (any pixel) by default; tiles of one field share some hundredths. */
  readonly minSharedArea?: number;
  /** Told now and then how much of the comparing of pixels is done. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/**
 * Every overlapping pair of two selections, in the order of the first. Crops with positions are compared with crops with positions;
 * where one of two has none, their pixels are correlated. A crop is never compared with itself.
 */
export async function findOverlaps(
  first: CropSelection,
  second: CropSelection,
  { minSharedArea = 0, onProgress = () => {} }: OverlapOptions = {},
): Promise<OverlapReport> {
  const [a, b] = [divided(first), divided(second)];
  const isSame = first.set === second.set || first.set.sha256 === second.set.sha256;
  const pairs: CropOverlap[] = [...skyOverlaps(a.placed, b.placed)];
  // Pixels are compared wherever one side has no position.
  const runs = [
    [a.unplaced, b.all],
    [a.placed.map(({ row }) => row), b.unplaced],
  ] as const;
  const total = runs.reduce((sum, [ours, theirs]) => sum + (theirs.length > 0 ? ours.length : 0), 0);
  const unclear = { first: new Set<number>(), second: new Set<number>() };
  let done = 0;
  for (const [ours, theirs] of runs) {
    if (ours.length === 0 || theirs.length === 0) continue;
    const found = await pixelOverlaps({ set: first.set, rows: ours }, { set: second.set, rows: theirs }, () =>
      onProgress({ done: ++done, total }),
    );
    pairs.push(...found.pairs);
    for (const row of found.poorFirst) unclear.first.add(row);
    for (const row of found.poorSecond) unclear.second.add(row);
  }
  const kept = pairs.filter((pair) => !(isSame && pair.firstRow === pair.secondRow) && pair.sharedArea >= minSharedArea);
  return { ...reportOf(kept, a, b, total), numFirstUnclear: unclear.first.size, numSecondUnclear: unclear.second.size };
}

function reportOf(
  pairs: readonly CropOverlap[],
  a: Divided,
  b: Divided,
  numComparedByPixels: number,
): Omit<OverlapReport, "numFirstUnclear" | "numSecondUnclear"> {
  const ordered = pairs.toSorted((p, q) => p.firstRow - q.firstRow || p.secondRow - q.secondRow);
  const hasPlaced = a.placed.length > 0 && b.placed.length > 0;
  return {
    by: numComparedByPixels === 0 ? "sky" : hasPlaced ? "mixed" : "pixels",
    pairs: ordered,
    numFirst: a.all.length,
    numSecond: b.all.length,
    numFirstShared: new Set(ordered.map(({ firstRow }) => firstRow)).size,
    numSecondShared: new Set(ordered.map(({ secondRow }) => secondRow)).size,
  };
}

interface Divided {
  readonly all: readonly number[];
  readonly placed: readonly PlacedCrop[];
  readonly unplaced: readonly number[];
}

/** A row with its place on the sky. */
export interface PlacedCrop {
  readonly row: number;
  readonly footprint: NonNullable<ReturnType<typeof cropFootprint>>;
}

function divided({ set, rows }: CropSelection): Divided {
  const all = rows ?? [...set.records.keys()];
  const scaleOf = new Map(set.info.fields.map(({ name, pixelScaleDeg }) => [name, pixelScaleDeg]));
  const placed: PlacedCrop[] = [];
  const unplaced: number[] = [];
  for (const row of all) {
    const record: CropRecord = set.records[row]!; // rows are of this set
    const footprint = cropFootprint(record, (scaleOf.get(record.field) ?? 0) * set.info.cropSize);
    if (footprint) placed.push({ row, footprint });
    else unplaced.push(row);
  }
  return { all, placed, unplaced };
}
