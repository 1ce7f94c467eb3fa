// Splits that keep the shares of the classes: folds, a test share, and subsets of labels (paper appendix C.2).
import type { Random } from "#base/array";
import { groupBy } from "./group-by.ts";
import type { Fold } from "./splits.ts";

/** Rows to split, and the class of each row of the table. */
export interface ClassRows {
  readonly rows: readonly number[];
  /** By row of the table. */
  readonly classes: ArrayLike<number>;
}

/**
 * Deals the rows of each class, shuffled, to `numFolds` tests in turn: sizes differ by at most one, overall and within a class.
 */
export function stratifiedFolds({ rows, classes }: ClassRows, numFolds: number, random: Random): Fold[] {
  const tests: number[][] = Array.from({ length: numFolds }, () => []);
  const dealt = shuffledByClass({ rows, classes }, random).flat();
  for (const [place, row] of dealt.entries()) tests[place % numFolds]!.push(row);
  return tests.map((test, index) => {
    const tested = new Set(test);
    return {
      name: `fold ${index + 1}`,
      train: rows.filter((row) => !tested.has(row)),
      test: test.toSorted((a, b) => a - b),
    };
  });
}

/**
 * `size` of the rows with each class in its share, rounded by largest remainder, and at least `minPerClass` of each class that
 * has them. The rows are in the table's order. Throws RangeError where there are fewer rows, or no room for every class.
 */
export function stratifiedSubset({ rows, classes }: ClassRows, size: number, minPerClass: number, random: Random): number[] {
  const groups = shuffledByClass({ rows, classes }, random);
  const least = groups.map((group) => Math.min(minPerClass, group.length));
  const needed = least.reduce((sum, count) => sum + count, 0);
  if (size > rows.length || size < needed) {
    throw new RangeError(
      `evaluate: subset of labels: expected ${needed} to ${rows.length} rows for ${groups.length} classes, got ${size}.`,
    );
  }
  const exact = groups.map((group) => (size * group.length) / rows.length);
  const counts = exact.map((count, index) => Math.max(Math.floor(count), least[index]!));
  let left = size - counts.reduce((sum, count) => sum + count, 0);
  for (; left !== 0; left -= Math.sign(left)) {
    // Too few: to the class that lost most by rounding. Too many: from the class that is furthest above its share.
    const lack = counts.map((count, index) => exact[index]! - count);
    const open = counts.map((count, index) => (left > 0 ? count < groups[index]!.length : count > least[index]!));
    const best = lack.reduce(
      (found, value, index) => (open[index]! && (found < 0 || left * value > left * lack[found]!) ? index : found),
      -1,
    );
    counts[best]! += Math.sign(left);
  }
  return groups.flatMap((group, index) => group.slice(0, counts[index]!)).toSorted((a, b) => a - b);
}

function shuffledByClass({ rows, classes }: ClassRows, random: Random): number[][] {
  const groups = [...groupBy(rows, (row) => classes[row]!)].toSorted(([a], [b]) => a - b).map(([, group]) => group);
  return groups.map((group) => Array.from(random.permutation(group.length), (place) => group[place]!));
}
