// Spatial blocks inside a field: neighbouring crops share beam, noise and artefacts, and may share pixels.

import type { CropRecord } from "#sky/survey";
import { groupBy } from "./group-by.ts";

/** Where a crop lies in its field, in pixels. */
interface Place {
  readonly row: number;
  readonly field: string;
  readonly y0: number;
  readonly x0: number;
}

/**
 * Cuts every field into `numBlocks` blocks of neighbouring crops, as equal in number as can be: rows of the table per block,
 * block k of every field together. Each cut runs across the longer side. Throws RangeError for a crop without a place.
 */
export function fieldBlocks(records: readonly CropRecord[], rows: readonly number[], numBlocks: number): number[][] {
  const blocks: number[][] = Array.from({ length: numBlocks }, () => []);
  const byField = groupBy(
    rows.map((row) => placeOf(records, row)),
    ({ field }) => field,
  );
  for (const places of byField.values()) {
    for (const [index, block] of bisected(places, numBlocks).entries())
      blocks[index] = blocks[index]!.concat(block.map(({ row }) => row));
  }
  return blocks;
}

function bisected(places: readonly Place[], numBlocks: number): Place[][] {
  if (numBlocks === 1) return [[...places]];
  const extent = (axis: "y0" | "x0") =>
    places.reduce((most, place) => Math.max(most, place[axis]), -Infinity) -
    places.reduce((least, place) => Math.min(least, place[axis]), Infinity);
  const [major, minor] = extent("y0") >= extent("x0") ? (["y0", "x0"] as const) : (["x0", "y0"] as const);
  const sorted = places.toSorted((a, b) => a[major] - b[major] || a[minor] - b[minor]);
  const numFirst = Math.floor(numBlocks / 2);
  const end = Math.round((sorted.length * numFirst) / numBlocks);
  return [...bisected(sorted.slice(0, end), numFirst), ...bisected(sorted.slice(end), numBlocks - numFirst)];
}

/** The rows among `candidates` that share at least one pixel of a field with a row of `others`. */
export function rowsSharingPixels(
  records: readonly CropRecord[],
  cropSize: number,
  { candidates, others }: { readonly candidates: readonly number[]; readonly others: readonly number[] },
): number[] {
  const hasPlace = (row: number) => records[row]!.y0 !== null && records[row]!.x0 !== null;
  // Cells of a crop's side: who shares pixels stands in the same one or beside it. A mosaic has more crops than all pairs allow.
  const cellOf = (place: number) => Math.floor(place / cropSize);
  const byCell = groupBy(
    others.filter(hasPlace).map((row) => placeOf(records, row)),
    ({ field, y0, x0 }) => `${cellOf(y0)} ${cellOf(x0)} ${field}`,
  );
  return candidates.filter(hasPlace).filter((row) => {
    const { field, y0, x0 } = placeOf(records, row);
    return NEIGHBOURS.some(([dy, dx]) =>
      byCell
        .get(`${cellOf(y0) + dy} ${cellOf(x0) + dx} ${field}`)
        ?.some((other) => Math.abs(other.y0 - y0) < cropSize && Math.abs(other.x0 - x0) < cropSize),
    );
  });
}

const STEPS = [-1, 0, 1];
const NEIGHBOURS = STEPS.flatMap((dy) => STEPS.map((dx) => [dy, dx] as const));

function placeOf(records: readonly CropRecord[], row: number): Place {
  const { id, field, y0, x0 } = records[row]!; // rows of the table
  if (y0 === null || x0 === null) {
    throw new RangeError(
      `--split blocks: expected every crop to have a place in its field, got none for crop "${id}". Use --split field or crop.`,
    );
  }
  return { row, field, y0, x0 };
}
