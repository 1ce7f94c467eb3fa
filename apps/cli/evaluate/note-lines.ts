// What was left out of an evaluation, and what a reader should know, as lines under its table.
import type { Exclusion } from "#learn/tasks";

export function noteLines({
  exclusions,
  notes,
}: {
  readonly exclusions: readonly Exclusion[];
  readonly notes: readonly string[];
}): string[] {
  const lines = [...exclusions.map(({ reason, count }) => `Left out: ${count} ${reason}.`), ...notes];
  return lines.length === 0 ? [] : ["", ...lines];
}
