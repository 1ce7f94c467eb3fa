// How near two arrays of numbers are: the length of their difference over the length of the wanted one.
import assert from "node:assert/strict";

/** |got - wanted| / max(|wanted|, floor); Infinity where a number is NaN or the lengths differ. */
export function relativeError(got: ArrayLike<number>, wanted: ArrayLike<number>, floor = 1e-8): number {
  if (got.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let length = 0;
  for (let i = 0; i < wanted.length; i++) {
    difference += (got[i]! - wanted[i]!) ** 2;
    length += wanted[i]! ** 2;
  }
  const error = Math.sqrt(difference) / Math.max(Math.sqrt(length), floor);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** Fails, naming `what`, unless the arrays agree within a relative error. */
export function assertClose(
  got: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
  what: string,
  floor?: number,
): void {
  const error = relativeError(got, wanted, floor);
  assert.ok(
    error <= tolerance,
    `${what}: expected a relative error of at most ${tolerance}, got ${error} (${got.length} values, ${wanted.length} wanted)`,
  );
}

/** The length of a vector. */
export function lengthOf(values: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i]! ** 2;
  return Math.sqrt(squares);
}
