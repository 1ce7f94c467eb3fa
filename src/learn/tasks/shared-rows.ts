// Test rows that a training row gives away: the same crop, the same piece of sky, or the very same embedding.
import type { EmbeddingTable } from "#learn/embeddings";
import { skySeparationDeg } from "#sky/survey";
import { groupBy } from "./group-by.ts";

/** Cutouts whose centres are nearer than this show the same source: as MiraBest and RadioGalaxyDataset are matched. */
export const SAME_SOURCE_ARCSEC = 30;

/** Tells the rows of `train` that share something with a row of `test`. */
export type SharedRowFinder = (train: readonly number[], test: readonly number[]) => number[];

/**
 * Finds, for any training and test rows of the table, the training rows that share their id, their position within
 * SAME_SOURCE_ARCSEC, or their embedding with a test row. Rows are compared once, however many splits are asked about.
 * Embeddings count only where they are long enough to tell crops apart: a table of one number a crop shares them by chance.
 */
export function sharedRowFinder(table: EmbeddingTable): SharedRowFinder {
  const partners = table.records.map((): number[] => []);
  for (const pairs of [rowsOfSameId(table), rowsOfSamePlace(table), rowsOfSameEmbedding(table)]) {
    for (const [first, second] of pairs) {
      partners[first]!.push(second);
      partners[second]!.push(first);
    }
  }
  return (train, test) => {
    const tested = new Set(test);
    return train.filter((row) => tested.has(row) || partners[row]!.some((other) => tested.has(other)));
  };
}

/** `sharedRowFinder` for one split. */
export function trainRowsShared(table: EmbeddingTable, train: readonly number[], test: readonly number[]): number[] {
  return sharedRowFinder(table)(train, test);
}

type Pair = readonly [first: number, second: number];

function rowsOfSameId({ records }: EmbeddingTable): Pair[] {
  return [...groupBy(records.keys(), (row) => records[row]!.id).values()].flatMap(pairsOf);
}

function pairsOf(rows: readonly number[]): Pair[] {
  return rows.flatMap((first, place) => rows.slice(place + 1).map((second): Pair => [first, second]));
}

function rowsOfSamePlace({ records }: EmbeddingTable): Pair[] {
  const stepDeg = SAME_SOURCE_ARCSEC / 3600;
  const placed = [...records.keys()].filter((row) => records[row]!.raDeg !== null && records[row]!.decDeg !== null);
  const placeOf = (row: number) => ({ raDeg: records[row]!.raDeg!, decDeg: records[row]!.decDeg! }); // of rows that are placed
  const bandOf = (row: number) => Math.floor(records[row]!.decDeg! / stepDeg);
  const byBand = groupBy(placed, bandOf);
  return placed.flatMap((first) => {
    const near = [-1, 0, 1].flatMap((step) => byBand.get(bandOf(first) + step) ?? []).filter((second) => second > first);
    return near
      .filter((second) => skySeparationDeg(placeOf(first), placeOf(second)) < stepDeg)
      .map((second): Pair => [first, second]);
  });
}

/** Shorter embeddings may be equal by chance. */
const MIN_DIM_TO_COMPARE = 8;

function rowsOfSameEmbedding({ records, dim, embeddings }: EmbeddingTable): Pair[] {
  if (dim < MIN_DIM_TO_COMPARE) return [];
  const vectorOf = (row: number) => embeddings.subarray(row * dim, (row + 1) * dim);
  const sumOf = (row: number) => vectorOf(row).reduce((sum, value, index) => sum + value * (index + 1), 0);
  const isSame = ([first, second]: Pair) => {
    const other = vectorOf(second);
    return vectorOf(first).every((value, index) => value === other[index]);
  };
  return [...groupBy(records.keys(), sumOf).values()].flatMap(pairsOf).filter(isSame);
}
