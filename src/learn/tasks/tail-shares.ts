// The upper tail of source counts: how often high counts are there, and are predicted (paper section 4.1).
import type { TailShare } from "./task-result.ts";

/** Shares of the test rows whose thresholds the tail's table shows. */
const TAIL_SHARES = [0.1, 0.05, 0.02, 0.01] as const;

/** How often the counts that few rows exceed are exceeded by predictions; of several seeds the mean (paper section 4.1). */
export function tailShares(
  truth: readonly number[],
  predicted: Readonly<Record<string, readonly ArrayLike<number>[]>>,
): TailShare[] {
  const sorted = truth.toSorted((a, b) => b - a);
  const counts = TAIL_SHARES.map((share) => sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)]!);
  const shareAbove = (values: ArrayLike<number>, count: number) =>
    Array.from(values).filter((value) => value > count).length / truth.length;
  return [...new Set(counts)].map((count) => ({
    count,
    truth: shareAbove(truth, count),
    predicted: Object.fromEntries(
      Object.entries(predicted).map(([name, bySeed]) => [
        name,
        bySeed.reduce((sum, values) => sum + shareAbove(values, count), 0) / bySeed.length,
      ]),
    ),
  }));
}
