// Test rows that a training row gives away: the same crop, the same piece of sky, or the very same embedding.
import type { EmbeddingTable } from "#learn/embeddings";
import { groupBy } from "./group-by.ts";

/** Cutouts whose centres are nearer than this show the same source: as MiraBest and RadioGalaxyDataset are matched. */
export const SAME_SOURCE_ARCSEC = 30;

const RADIANS = Math.PI / 180;

/**
 * The rows of `train` that share their id, their position within SAME_SOURCE_ARCSEC, or their embedding with a row of `test`.
 * Embeddings count only where they are long enough to tell crops apart: a table of one number a crop shares them by chance.
 */
export function trainRowsShared(table: EmbeddingTable, train: readonly number[], test: readonly number[]): number[] {
  const { records } = table;
  const ids = new Set(test.map((row) => records[row]!.id));
  const isNearTest = positionMatcher(table, test);
  const isEqualToTest = embeddingMatcher(table, test);
  return train.filter((row) => ids.has(records[row]!.id) || isNearTest(row) || isEqualToTest(row));
}

function positionMatcher({ records }: EmbeddingTable, test: readonly number[]): (row: number) => boolean {
  const stepDeg = SAME_SOURCE_ARCSEC / 3600;
  const placed = test.filter((row) => records[row]!.raDeg !== null && records[row]!.decDeg !== null);
  const byDec = groupBy(placed, (row) => Math.floor(records[row]!.decDeg! / stepDeg));
  return (row) => {
    const { raDeg, decDeg } = records[row]!;
    if (raDeg === null || decDeg === null) return false;
    const band = Math.floor(decDeg / stepDeg);
    const near = [band - 1, band, band + 1].flatMap((one) => byDec.get(one) ?? []);
    return near.some((other) => separationDeg(raDeg, decDeg, records[other]!.raDeg!, records[other]!.decDeg!) < stepDeg);
  };
}

/** Haversine: exact at small angles too. */
function separationDeg(ra1: number, dec1: number, ra2: number, dec2: number): number {
  const half = (degrees: number) => Math.sin((degrees * RADIANS) / 2) ** 2;
  const square = half(dec2 - dec1) + Math.cos(dec1 * RADIANS) * Math.cos(dec2 * RADIANS) * half(ra2 - ra1);
  return (2 * Math.asin(Math.min(1, Math.sqrt(square)))) / RADIANS;
}

/** Shorter embeddings may be equal by chance. */
const MIN_DIM_TO_COMPARE = 8;

function embeddingMatcher({ dim, embeddings }: EmbeddingTable, test: readonly number[]): (row: number) => boolean {
  if (dim < MIN_DIM_TO_COMPARE) return () => false;
  const vectorOf = (row: number) => embeddings.subarray(row * dim, (row + 1) * dim);
  const sumOf = (row: number) => vectorOf(row).reduce((sum, value, index) => sum + value * (index + 1), 0);
  const bySum = groupBy(test, sumOf);
  return (row) =>
    (bySum.get(sumOf(row)) ?? []).some((other) => {
      const vector = vectorOf(other);
      return vectorOf(row).every((value, index) => value === vector[index]);
    });
}
