// Crops as regions of DS9 and CARTA.
import type { CropRecord } from "./crop-set.ts";

/**
 * One line a crop in ICRS: a polygon through its corners where they are known, else a cross at its centre; its id is its text.
 * Crops without a position are left out. `textOf` may say more.
 */
export function formatCropRegions(
  records: readonly CropRecord[],
  textOf: (record: CropRecord, index: number) => string = ({ id }) => id,
): string {
  const lines = records.flatMap((record, index) => {
    const { raDeg, decDeg, cornersRaDeg, cornersDecDeg } = record;
    const text = `text={${textOf(record, index).replaceAll(/[{}\r\n]/g, " ")}}`;
    if (cornersRaDeg !== null && cornersDecDeg !== null)
      return [`polygon(${cornersRaDeg.flatMap((ra, corner) => [ra, cornersDecDeg[corner]!]).join(",")}) # ${text}`];
    return raDeg === null || decDeg === null ? [] : [`point(${raDeg},${decDeg}) # point=cross ${text}`];
  });
  return `${["# Region file format: DS9 version 4.1", "global color=green width=1", "icrs", ...lines].join("\n")}\n`;
}
