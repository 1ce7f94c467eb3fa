// Which sources of a catalogue a field looks at: its own where they name it, else all that no field has.
import type { Source } from "#sky/catalogue";
import { fieldFinder } from "./field-names.ts";

/** Per source the field it is tied to, or null where its position decides. */
function namedFields(sources: readonly Source[], fieldNames: readonly string[]): readonly (string | null)[] {
  const find = fieldFinder(fieldNames);
  const found = sources.map(({ field }) => (field === null ? null : (find(field) ?? field)));
  const known = new Set(fieldNames);
  return found.some((field) => field !== null && known.has(field)) ? found : found.map(() => null);
}

/** Indices into the sources. */
export interface SourceCandidates {
  /** Of the sources that are tied to a field, so that it looks at its own alone. */
  readonly byField: ReadonlyMap<string, readonly number[]>;
  /** Of those whose position decides. */
  readonly unnamed: readonly number[];
}

/** Which sources each field looks at. Where no source names one of `fieldNames`, in any spelling, positions decide for all. */
export function candidatesByField(sources: readonly Source[], fieldNames: readonly string[]): SourceCandidates {
  const byField = new Map<string, number[]>();
  const unnamed: number[] = [];
  for (const [index, field] of namedFields(sources, fieldNames).entries()) {
    if (field === null) unnamed.push(index);
    else if (byField.has(field)) byField.get(field)!.push(index);
    else byField.set(field, [index]);
  }
  return { byField, unnamed };
}
