// Which crop owns each catalogued source, and which crops show it: the ground of every label from a catalogue (paper section 2.3).
import type { Source } from "#sky/catalogue";
import type { Beam, Wcs } from "#sky/fits";
import { type CatalogueZones, coverageOf, isInZone, NO_ZONES, zoneMask } from "./catalogue-zones.ts";
import { placesByPixel } from "./places-by-pixel.ts";
import { boxReachIn } from "./source-box.ts";
import { candidatesByField } from "./source-candidates.ts";
import type { CropPlace } from "./tiling.ts";

/** A field with the crops cut from it. `firstCrop` is the index in the set of its first crop. */
export interface LedgerField {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly wcs: Wcs;
  readonly beam?: Beam;
  readonly places: readonly CropPlace[];
  readonly firstCrop: number;
  /** Given where some crop holds pixels without a value: these are not covered. */
  readonly pixels?: Float32Array;
  /** As FieldCoverage has it, where it is known already. */
  readonly lookedAt?: readonly number[];
}

/** What the ledger found in one field. */
export interface FieldCoverage {
  /** Whether the catalogue speaks of this field: it names it, or has a source inside it. */
  readonly isCovered: boolean;
  readonly sourcesInside: number;
  /** Fraction of each crop that the catalogue covers, in the order of the places: of a field that is covered, `lookedAt`; else zero. */
  readonly perCrop: readonly number[];
  /** Fraction of each crop that lies inside the footprint, in no exclusion zone, and has values. */
  readonly lookedAt: readonly number[];
}

/** A source in a crop that holds its pixel. Pixels of the crop without its margin; (0, 0) is the centre of its first pixel. */
export interface ShownSource {
  /** Index among the crops of its field. */
  readonly crop: number;
  /** Index in the catalogue. */
  readonly source: number;
  readonly x: number;
  readonly y: number;
  /** The box of its ellipse reaches this far from (x, y), also beyond the crop. */
  readonly reachX: number;
  readonly reachY: number;
  readonly isOwner: boolean;
}

/** Sums over the whole catalogue. */
export interface LedgerTotals {
  /** Sources that lie inside some field and in no exclusion zone. */
  readonly inside: number;
  /** Of those, the ones that a crop owns. */
  readonly owned: number;
  /** Sources inside some field that a zone excludes. */
  readonly excluded: number;
}

/** Takes what a field's crops show, to be asked for again when all fields have been added. */
export type KeepShown = (shown: ShownNumbers) => void;

/** [n, 6]: crop (of the field), source, x, y, reachX, reachY of ShownSource; crop by crop, in each in the catalogue's order. */
export type ShownNumbers = Float64Array;

/** Numbers of a row of ShownNumbers. */
const SHOWN_NUMBERS = 6;

/** Collects the owners of a catalogue's sources, field by field. What the crops show is the caller's to keep: a survey has millions. */
export interface SourceLedger {
  addField(field: LedgerField, keepShown?: KeepShown): FieldCoverage;
  /** Owned sources per crop, of `numCrops`. */
  countsPerCrop(numCrops: number): Uint32Array;
  /** What was kept of the field whose first crop is `firstCrop`, with owners: all fields must have been added. */
  shownSources(shown: ShownNumbers, firstCrop: number): readonly ShownSource[];
  totals(): LedgerTotals;
  /** Whether a source of the catalogue lies inside some field, in an exclusion zone or not. */
  liesInside(source: number): boolean;
}

type ShownRow = Float64Array & readonly [number, number, number, number, number, number];

const NOBODY = -1;

/**
 * A source belongs to the crop with the nearest centre (in pixels; the first of equals) among all crops, of all fields, that hold
 * the pixel it falls on: so overlaps count once. Where the catalogue names fields, in any spelling that `fieldFinder` knows, a named
 * source belongs to its field alone; names that are none of `fieldNames` at all are left aside, and positions decide.
 */
export function sourceLedger(
  sources: readonly Source[],
  cropSize: number,
  fieldNames: readonly string[],
  zones: CatalogueZones = NO_ZONES,
): SourceLedger {
  const candidates = candidatesByField(sources, fieldNames);
  const owner = new Int32Array(sources.length).fill(NOBODY);
  const nearest = new Float64Array(sources.length).fill(Infinity);
  const isInside = new Uint8Array(sources.length);
  const isExcluded = new Uint8Array(sources.length);

  const addField = (field: LedgerField, keepShown: KeepShown = () => {}): FieldCoverage => {
    const named = candidates.byField.get(field.name) ?? [];
    const here = named.concat(candidates.unnamed);
    const { x, y } = field.wcs.skyToPixels(
      here.map((index) => sources[index]!.raDeg),
      here.map((index) => sources[index]!.decDeg),
    );
    const mask = zoneMask(field, zones);
    const reachOf = boxReachIn(field);
    const cropsHolding = placesByPixel(field.places, cropSize);
    let sourcesInside = 0;
    const shown: number[][] = [];
    for (const [position, index] of here.entries()) {
      const place = { x: x[position]!, y: y[position]! };
      if (!isInField(place, field)) continue;
      if (!isInZone(mask, place.x, place.y)) {
        isExcluded[index] = 1;
        continue;
      }
      sourcesInside += 1;
      isInside[index] = 1;
      const holding = cropsHolding(place.x, place.y);
      if (holding.length === 0) continue;
      const reach = reachOf(sources[index]!);
      for (const { crop, distance } of holding) {
        const { y0, x0 } = field.places[crop]!;
        shown.push([crop, index, place.x - x0, place.y - y0, reach.x, reach.y]);
        if (distance >= nearest[index]!) continue;
        nearest[index] = distance;
        owner[index] = field.firstCrop + crop;
      }
    }
    keepShown(Float64Array.from(shown.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!).flat()));
    const isCovered = sourcesInside > 0 || named.length > 0;
    const pixels = field.pixels && { width: field.width, pixels: field.pixels };
    const lookedAt = field.lookedAt ?? coverageOf(mask, field.places, cropSize, pixels);
    return { isCovered, sourcesInside, lookedAt, perCrop: isCovered ? lookedAt : lookedAt.map(() => 0) };
  };
  const countsPerCrop = (numCrops: number) => {
    const counts = new Uint32Array(numCrops);
    for (const crop of owner) if (crop !== NOBODY) counts[crop]! += 1;
    return counts;
  };
  const sumOf = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0);
  return {
    addField,
    countsPerCrop,
    shownSources: (shown, firstCrop) =>
      Array.from({ length: shown.length / SHOWN_NUMBERS }, (_, row) => {
        const [crop, source, x, y, reachX, reachY] = shown.subarray(SHOWN_NUMBERS * row, SHOWN_NUMBERS * (row + 1)) as ShownRow;
        return { crop, source, x, y, reachX, reachY, isOwner: owner[source] === firstCrop + crop };
      }),
    liesInside: (source) => isInside[source] === 1 || isExcluded[source] === 1,
    totals: () => ({
      inside: sumOf(isInside),
      owned: owner.reduce((sum, crop) => sum + (crop === NOBODY ? 0 : 1), 0),
      excluded: isExcluded.reduce((sum, flag, index) => sum + (flag === 1 && isInside[index] === 0 ? 1 : 0), 0),
    }),
  };
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Pixels reach half a pixel around their centres. NaN is nowhere. */
function isInField({ x, y }: Place, { height, width }: { readonly height: number; readonly width: number }): boolean {
  return x >= -0.5 && x < width - 0.5 && y >= -0.5 && y < height - 0.5;
}
