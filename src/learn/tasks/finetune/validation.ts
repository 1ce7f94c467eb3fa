// Training rows that are set aside to choose an epoch by: the test rows have no say in it.
import { randomFor } from "#base/array";
import { type ClassProblem, checkClasses } from "../class-problem.ts";
import { trainRowsShared } from "../shared-rows.ts";
import type { Fold } from "../splits.ts";
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

type Rows = Pick<ClassProblem, "classOf" | "classes" | "options">;

/**
 * Divides a fold's rows. No validation row is a test row, or shows the source of one. Throws RangeError where there are none to
 * choose by, or too few of a class are left to learn from.
 */
export function learningRows(problem: Rows, { train, test }: Pick<Fold, "train" | "test">, validation: Validation): LearningRows {
  if (validation === "none") return { train, valid: [] };
  const valid = validation === "own" ? ownRows(problem, test) : drawnRows(problem, train, validation);
  const isValid = new Set(valid);
  const rest = train.filter((row) => !isValid.has(row));
  checkClasses(rest, problem.classOf, problem.classes);
  return { train: rest, valid };
}

function ownRows({ classOf, options: { table } }: Rows, test: readonly number[]): number[] {
  const marked = table.records.flatMap(({ split }, row) => (split === "valid" && classOf[row]! >= 0 ? [row] : []));
  const tested = new Set([...test, ...trainRowsShared(table, marked, test)]);
  const valid = marked.filter((row) => !tested.has(row));
  if (valid.length > 0) return valid;
  throw new RangeError(
    `fine-tuning: --valid own: expected crops marked "valid" that test crops do not share, got ${marked.length === 0 ? "none" : `none of ${marked.length}`}. Say --valid 0.2.`,
  );
}

function drawnRows({ classOf, options }: Rows, train: readonly number[], validation: number): number[] {
  if (!(validation > 0 && validation < 1))
    throw new RangeError(`fine-tuning: --valid: expected a share between 0 and 1, "own" or "none", got ${validation}.`);
  const size = Math.round(validation * train.length);
  const random = randomFor(options.splitSeed, "fine-tuning validation");
  return stratifiedSubset({ rows: train, classes: classOf }, size, MIN_PER_CLASS, random);
}
