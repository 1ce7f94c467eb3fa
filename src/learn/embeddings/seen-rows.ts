// Which crops of a set a backbone has met in pre-training.
import type { SeenRows } from "#learn/runs";
import type { CropRows, CropSet } from "#sky/survey";

/**
 * Ids of a set's crops among the rows that pre-training saw. Sets are the same by their hash or, as a set that was prepared
 * again has another hash, by their name: better a crop too many than a leak.
 */
export function seenIdsIn(set: CropSet, seenRows: readonly SeenRows[]): string[] {
  if (set.madeOf) return set.madeOf.flatMap((part) => seenIdsIn(part, seenRows));
  const ids = idsSeenOf(set, seenRows);
  return set.records.map(({ id }) => id).filter((id) => ids.has(id));
}

/** The same for a set that is read a piece at a time. */
export async function seenIdsAmong(crops: CropRows, seenRows: readonly SeenRows[]): Promise<string[]> {
  const seen = idsSeenOf(crops, seenRows);
  if (seen.size === 0) return [];
  const found: string[] = [];
  for await (const ids of crops.ids()) for (const id of ids) if (seen.has(id)) found.push(id);
  return found;
}

function idsSeenOf({ info, sha256 }: Pick<CropSet, "info" | "sha256">, seenRows: readonly SeenRows[]): ReadonlySet<string> {
  const seen = seenRows.filter(({ cropSetName, cropSetSha256 }) => cropSetSha256 === sha256 || cropSetName === info.name);
  return new Set(seen.flatMap(({ ids }) => ids));
}
