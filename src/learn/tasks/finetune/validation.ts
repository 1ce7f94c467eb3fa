// Training rows that are set aside to choose an epoch by: the test rows have no say in it.
import { randomFor } from "#base/array";
import type { ClassProblem } from "../class-problem.ts";
import { checkClasses } from "../class-problem.ts";
import { stratifiedSubset } from "../stratified.ts";

/** A share of the training rows, drawn by class; the set's own rows marked "valid"; or none: the last epoch is taken. */
export type Validation = number | "own" | "none";

export interface LearningRows {
  /** Rows of the table that updates are made of. */
  readonly train: readonly number[];
  /** Rows that choose the epoch; none: it is the last. */
  readonly valid: readonly number[];
}

/** Each class keeps at least so many rows on either side. */
const MIN_PER_CLASS = 2;

/** Divides training rows. Throws RangeError where there are none to choose by, or too few of a class are left to learn from. */
export function learningRows(
  { classOf, classes, options }: Pick<ClassProblem, "classOf" | "classes" | "options">,
  train: readonly number[],
  validation: Validation,
): LearningRows {
  if (validation === "none") return { train, valid: [] };
  if (validation === "own") {
    const { records } = options.table;
    const valid = records.flatMap(({ split }, row) => (split === "valid" && classOf[row]! >= 0 ? [row] : []));
    if (valid.length === 0)
      throw new RangeError('fine-tuning: --valid own: expected crops marked "valid", got none. Say --valid 0.2.');
    const isValid = new Set(valid);
    const rest = train.filter((row) => !isValid.has(row));
    checkClasses(rest, classOf, classes);
    return { train: rest, valid };
  }
  if (!(validation > 0 && validation < 1))
    throw new RangeError(`fine-tuning: --valid: expected a share between 0 and 1, "own" or "none", got ${validation}.`);
  const size = Math.round(validation * train.length);
  const random = randomFor(options.splitSeed, "fine-tuning validation");
  const valid = stratifiedSubset({ rows: train, classes: classOf }, size, MIN_PER_CLASS, random);
  const isValid = new Set(valid);
  const rest = train.filter((row) => !isValid.has(row));
  checkClasses(rest, classOf, classes);
  return { train: rest, valid };
}
