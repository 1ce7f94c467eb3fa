// Errors counted on one test set: Wilson's interval, and McNemar's exact test between two classifiers of the same rows.
import type { Interval } from "./bootstrap.ts";

/** 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/** Wilson's 95 % interval of a share: `count` of `total` (Wilson 1927). Throws RangeError where total is not above 0. */
export function wilsonInterval(count: number, total: number): Interval {
  if (!(total > 0)) throw new RangeError(`wilsonInterval: expected at least 1 row, got ${total}.`);
  const share = count / total;
  const middle = (share + Z ** 2 / (2 * total)) / (1 + Z ** 2 / total);
  const half = (Z / (1 + Z ** 2 / total)) * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** Two-sided exact p of "both err equally often", from the rows that only one of them gets right (McNemar 1947). */
export function mcnemarP(onlyFirstRight: number, onlySecondRight: number): number {
  const total = onlyFirstRight + onlySecondRight;
  let tail = 0;
  for (let count = 0; count <= Math.min(onlyFirstRight, onlySecondRight); count++) {
    tail += Math.exp(logChoose(total, count) - total * Math.LN2);
  }
  return Math.min(1, 2 * tail);
}

function logChoose(total: number, count: number): number {
  let sum = 0;
  for (let index = 1; index <= count; index++) sum += Math.log((total - count + index) / index);
  return sum;
}
