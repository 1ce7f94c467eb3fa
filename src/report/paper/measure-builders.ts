// How a measure is put together: scores of a backbone and its floors under one heading.
import type { EvaluationRecord } from "#learn/tasks";
import { isAudit } from "./evaluation-groups.ts";
import { setTitle } from "./known-sets.ts";
import type { ResultColumn } from "./published.ts";
import type { Measure } from "./scores.ts";
import { type BackboneEstimate, scoresOf } from "./seed-families.ts";

/** The record of one task. */
export type RecordOf<Task extends EvaluationRecord["task"]> = Extract<EvaluationRecord, { task: Task }>;

/** A measure that only tables of one evaluation show. */
export function further(record: EvaluationRecord, heading: string, estimates: readonly BackboneEstimate[]): Measure[] {
  const known = estimates.filter(({ value }) => value !== null);
  if (known.length === 0) return [];
  const name = `${heading} on ${setTitle(record)}`;
  return [{ column: undefined, heading, name, scores: scoresOf(known, record, "further") }];
}

/** The measure that an evaluation is known by, with its place in Table 4 if it has one. */
export function headline(
  record: Exclude<EvaluationRecord, RecordOf<"cka">>,
  heading: string,
  {
    column,
    name = `${heading}, ${setTitle(record)}`,
  }: { readonly column?: ResultColumn | undefined; readonly name?: string } = {},
): Measure {
  return {
    column: isAudit(record) ? undefined : column,
    heading,
    name,
    scores: scoresOf([record, ...record.floors], record, "headline"),
  };
}
