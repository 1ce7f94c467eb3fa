// Subsets of the training rows with fewer labels (paper appendix C.2): stratified, each size drawn several times.
import { randomFor } from "#base/array";
import type { ClassProblem } from "./class-problem.ts";
import { stratifiedSubset } from "./stratified.ts";

/** The paper's shares of the training rows: 36, 72, 145, 291, 437, 583, 656 and 729 of MiraBest's 729. */
export const FEW_LABELS_FRACTIONS = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1] as const;

/** Each class has at least so many rows in every subset: with fewer no penalty can be chosen. */
const MIN_PER_CLASS = 2;

/** Sizes of subsets and, for each, its draws: [size][draw], rows of the table. */
export interface Subsets {
  readonly counts: readonly number[];
  readonly drawn: readonly (readonly (readonly number[])[])[];
}

export interface SubsetOptions {
  /** Labelled training rows of each subset; null: the paper's shares of them. */
  readonly counts: readonly number[] | null;
  /** Subsets of each size. */
  readonly numDraws: number;
  readonly splitSeed: number;
}

/** Draws them. Throws RangeError where a size or the number of draws does not allow it. */
export function subsetsOf(
  { counts, numDraws, splitSeed }: SubsetOptions,
  { classOf }: ClassProblem,
  train: readonly number[],
): Subsets {
  if (numDraws < 1) throw new RangeError(`evaluate: expected at least 1 draw of each subset, got ${numDraws}.`);
  const wanted = counts ?? FEW_LABELS_FRACTIONS.map((fraction) => Math.floor(fraction * train.length));
  const sizes = [...new Set(wanted)].toSorted((a, b) => a - b);
  if (sizes.length === 0) throw new RangeError("evaluate: expected at least one size of subset, got none.");
  const draw = (size: number) => (_: unknown, index: number) =>
    stratifiedSubset({ rows: train, classes: classOf }, size, MIN_PER_CLASS, randomFor(splitSeed, "fewer labels", size, index));
  return { counts: sizes, drawn: sizes.map((size) => Array.from({ length: numDraws }, draw(size))) };
}
