// Which crops of a set a backbone has met in pre-training.
import type { SeenRows } from "#learn/runs";
import type { CropSet } from "#sky/survey";

/**
 * Ids of a set's crops among the rows that pre-training saw. Sets are the same by their hash or, as a set that was prepared
 * again has another hash, by their name: better a crop too many than a leak.
 */
export function seenIdsIn(set: CropSet, seenRows: readonly SeenRows[]): string[] {
  if (set.madeOf) return set.madeOf.flatMap((part) => seenIdsIn(part, seenRows));
  const { info, sha256, records } = set;
  const seen = seenRows.filter(({ cropSetName, cropSetSha256 }) => cropSetSha256 === sha256 || cropSetName === info.name);
  const ids = new Set(seen.flatMap((rows) => rows.ids));
  return records.map(({ id }) => id).filter((id) => ids.has(id));
}
