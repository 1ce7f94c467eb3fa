// Crops of different fields that show the same sky: pointings of a mosaic overlap.
import { cropFootprint } from "./crop-footprint.ts";
import type { CropRecord } from "./crop-set.ts";
import type { PlacedCrop } from "./overlap.ts";
import { skyOverlaps } from "./overlap-sky.ts";

/** The rows among `candidates` that show sky which a row of `others`, of another field, shows too. Crops without corners are left alone. */
export function rowsSharingSky(
  records: readonly CropRecord[],
  { candidates, others }: { readonly candidates: readonly number[]; readonly others: readonly number[] },
): number[] {
  const fieldOf = (row: number) => records[row]!.field; // rows of these records
  // Crops of one field are most of the pairs in a mosaic, and none that is asked for.
  const pairs = skyOverlaps(placed(records, candidates), placed(records, others), (a, b) => fieldOf(a) !== fieldOf(b));
  const sharing = new Set(pairs.map(({ firstRow }) => firstRow));
  return candidates.filter((row) => sharing.has(row));
}

function placed(records: readonly CropRecord[], rows: readonly number[]): PlacedCrop[] {
  return rows.flatMap((row) => {
    const record = records[row]!; // rows of these records
    const footprint = record.cornersRaDeg === null ? undefined : cropFootprint(record, 0);
    return footprint === undefined ? [] : [{ row, footprint }];
  });
}
