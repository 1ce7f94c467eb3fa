// One field to its crops: measured, tiled, freed of NaN, placed on the sky.
import { type FieldImage, wcsProblem } from "#sky/fits";
import { type CropRecord, type FieldRecord, UNKNOWN_CROP } from "./crop-set.ts";
import { cropSky } from "./crop-sky.ts";
import { type CropShape, cropCutter } from "./cut-crop.ts";
import type { FieldStatistics, PercentileRange } from "./field-statistics.ts";
import type { FieldCoverage, SourceLedger } from "./source-ledger.ts";
import { type CropPlace, cropPlaces, type Tiling } from "./tiling.ts";

/** How fields are cut. */
export interface CutSettings extends PercentileRange, CropShape {
  readonly tiling: Tiling;
}

/** Where crops and sources go. `append` takes what it needs of the pixels at once: they are written over. `firstCrop` is the index that the field's first crop has in the set. */
export interface CutSink {
  readonly append: (pixels: Float32Array) => void;
  readonly ledger: SourceLedger | undefined;
  readonly firstCrop: number;
}

/** The crops cut from a field. */
export interface Cuttings {
  readonly places: readonly CropPlace[];
  /** Crops left out for their NaN. */
  readonly rejected: number;
  /** Pixels without a value inside the kept crops, stored as 0. */
  readonly filledPixels: number;
  /** Undefined without a catalogue. */
  readonly coverage: FieldCoverage | undefined;
}

/**
 * Cuts a field and hands on each crop's stored square. Throws Error, naming the file, for crops larger than the field, and for a
 * catalogue (a ledger) without a WCS to place it by.
 */
export function cutField(field: FieldImage, settings: CutSettings, sink: CutSink): Cuttings {
  const all = cropPlaces(field, settings, field.file);
  const places: CropPlace[] = [];
  let filledPixels = 0;
  const cut = cropCutter(settings);
  for (const place of all) {
    const crop = cut(field, place);
    if (crop === undefined) continue;
    sink.append(crop.pixels);
    places.push(place);
    filledPixels += crop.numFilled;
  }
  const coverage = sink.ledger?.addField({ ...field, wcs: wcsNeeded(field), places, firstCrop: sink.firstCrop });
  return { places, rejected: all.length - places.length, filledPixels, coverage };
}

/** What is recorded of a field, and of each of its crops. */
export interface FieldRecords {
  readonly field: FieldRecord;
  /** Source counts are null: a later field may own a source. */
  readonly crops: readonly CropRecord[];
}

/** The records of a field that was cut and measured. */
export function fieldRecords(
  field: FieldImage,
  { places, coverage }: Cuttings,
  statistics: FieldStatistics,
  cropSize: number,
): FieldRecords {
  return {
    field: fieldRecord(field, statistics),
    crops: places.map((place) => cropRecord(field, { place, cropSize, statistics, coverage })),
  };
}

function wcsNeeded(field: FieldImage) {
  if (field.wcs === undefined) {
    throw new Error(
      `${field.file}: the catalogue's positions cannot be placed: ${wcsProblem(field.header)}. Leave --catalogue out, or mend the header.`,
    );
  }
  return field.wcs;
}

function fieldRecord(
  { name, file, height, width, pixelScaleDeg, beam, sha256 }: FieldImage,
  limits: FieldStatistics,
): FieldRecord {
  return {
    name,
    file: file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1),
    height,
    width,
    lowFlux: limits.lowFlux,
    highFlux: limits.highFlux,
    pixelScaleDeg: pixelScaleDeg ?? null,
    beamMajorDeg: beam?.majorDeg ?? null,
    beamMinorDeg: beam?.minorDeg ?? null,
    beamPositionAngleDeg: beam?.positionAngleDeg ?? null,
    sha256,
  };
}

interface CropFacts {
  readonly place: CropPlace;
  readonly cropSize: number;
  readonly statistics: FieldStatistics;
  readonly coverage: FieldCoverage | undefined;
}

function cropRecord(field: FieldImage, { place, cropSize, statistics, coverage }: CropFacts): CropRecord {
  return {
    id: `${field.name}-y${place.y0}-x${place.x0}`,
    field: field.name,
    ...UNKNOWN_CROP,
    ...place,
    ...cropSky(field.wcs, place, cropSize),
    ...statistics,
    // All of a covered field counts as covered: a catalogue does not say where it looked and found nothing.
    catalogueCoverage: coverage === undefined ? null : coverage.isCovered ? 1 : 0,
  };
}
