// Which crop owns each catalogued source: the ground of every source count (paper section 2.3).
import type { Source } from "#sky/catalogue";
import type { Wcs } from "#sky/fits";
import type { CropPlace } from "./tiling.ts";

/** A field with the crops cut from it. `firstCrop` is the index in the set of its first crop. */
export interface LedgerField {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly wcs: Wcs;
  readonly places: readonly CropPlace[];
  readonly firstCrop: number;
}

/** What the ledger found in one field. */
export interface FieldCoverage {
  /** Whether the catalogue speaks of this field: it names it, or has a source inside it. */
  readonly isCovered: boolean;
  readonly sourcesInside: number;
}

/** Collects the owners of a catalogue's sources, field by field. */
export interface SourceLedger {
  addField(field: LedgerField): FieldCoverage;
  /** Owned sources per crop, of `numCrops`. */
  countsPerCrop(numCrops: number): Uint32Array;
  /** Sources that lie inside some field, and those of them that a crop owns. */
  totals(): { readonly inside: number; readonly owned: number };
}

const NOBODY = -1;

/**
 * A source belongs to the crop with the nearest centre (in pixels; the first of equals) among all crops, of all fields, that hold
 * the pixel it falls on: so overlaps count once. Where the catalogue names fields, a named source belongs to its field alone;
 * names that are none of `fieldNames` at all are left aside, and positions decide.
 */
export function sourceLedger(sources: readonly Source[], cropSize: number, fieldNames: readonly string[]): SourceLedger {
  const raDeg = Float64Array.from(sources, (source) => source.raDeg);
  const decDeg = Float64Array.from(sources, (source) => source.decDeg);
  const named = namedFields(sources, fieldNames);
  const owner = new Int32Array(sources.length).fill(NOBODY);
  const nearest = new Float64Array(sources.length).fill(Infinity);
  const isInside = new Uint8Array(sources.length);

  const addField = (field: LedgerField): FieldCoverage => {
    const { x, y } = field.wcs.skyToPixels(raDeg, decDeg);
    let sourcesInside = 0;
    for (let index = 0; index < sources.length; index++) {
      const place = { x: x[index]!, y: y[index]! };
      if ((named[index] ?? field.name) !== field.name || !isInField(place, field)) continue;
      sourcesInside += 1;
      isInside[index] = 1;
      const found = nearestCrop(place, field.places, cropSize);
      if (found.distance >= nearest[index]!) continue;
      nearest[index] = found.distance;
      owner[index] = field.firstCrop + found.crop;
    }
    return { isCovered: sourcesInside > 0 || named.includes(field.name), sourcesInside };
  };
  const countsPerCrop = (numCrops: number) => {
    const counts = new Uint32Array(numCrops);
    for (const crop of owner) if (crop !== NOBODY) counts[crop]! += 1;
    return counts;
  };
  const totals = () => ({
    inside: isInside.reduce((sum, flag) => sum + flag, 0),
    owned: owner.reduce((sum, crop) => sum + (crop === NOBODY ? 0 : 1), 0),
  });
  return { addField, countsPerCrop, totals };
}

/** Per source the field it is tied to, or null where its position decides. */
function namedFields(sources: readonly Source[], fieldNames: readonly string[]): readonly (string | null)[] {
  const known = new Set(fieldNames);
  const usesNames = sources.some(({ field }) => field !== null && known.has(field));
  return sources.map(({ field }) => (usesNames ? field : null));
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Pixels reach half a pixel around their centres. NaN is nowhere. */
function isInField({ x, y }: Place, { height, width }: { readonly height: number; readonly width: number }): boolean {
  return x >= -0.5 && x < width - 0.5 && y >= -0.5 && y < height - 0.5;
}

/** Index of the crop, or NOBODY, and the distance of its centre. Plain loop: sources times crops run through it. */
function nearestCrop({ x, y }: Place, places: readonly CropPlace[], cropSize: number): { crop: number; distance: number } {
  const half = cropSize / 2;
  let crop = NOBODY;
  let distance = Infinity;
  for (let index = 0; index < places.length; index++) {
    const dy = y - (places[index]!.y0 - 0.5 + half);
    if (dy < -half || dy >= half) continue;
    const dx = x - (places[index]!.x0 - 0.5 + half);
    if (dx < -half || dx >= half) continue;
    const own = Math.hypot(dx, dy);
    if (own < distance) [crop, distance] = [index, own];
  }
  return { crop, distance };
}
