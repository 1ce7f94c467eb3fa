// One field to its crops: measured, tiled, freed of NaN, placed on the sky.
import { type FieldImage, wcsProblem } from "#sky/fits";
import type { CropRecord, FieldRecord } from "./crop-set.ts";
import { cropSky } from "./crop-sky.ts";
import { type CropShape, cropCutter } from "./cut-crop.ts";
import { type FieldStatistics, fieldStatistics, type PercentileRange } from "./field-statistics.ts";
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

/** A field after cutting. The crops' source counts are null until all fields are cut. */
export interface CutField {
  readonly record: FieldRecord;
  readonly fluxUnit: string;
  readonly rms: number;
  readonly crops: readonly CropRecord[];
  /** Crops left out for their NaN. */
  readonly rejected: number;
  /** Pixels without a value inside the kept crops, stored as 0. */
  readonly filledPixels: number;
  readonly coverage: FieldCoverage | undefined;
  readonly warnings: readonly string[];
}

/**
 * Cuts a field and hands on each crop's stored square. Throws Error, naming the file, for crops larger than the field, pixels that
 * are all NaN, limits that are one number, and a catalogue (a ledger) without a WCS to place it by.
 */
export function cutField(field: FieldImage, settings: CutSettings, sink: CutSink): CutField {
  const { cropSize } = settings;
  const places = cropPlaces(field, settings, field.file);
  const statistics = fieldStatistics(field.pixels, settings, field.file);
  const kept: CropPlace[] = [];
  let filledPixels = 0;
  const cut = cropCutter(settings);
  for (const place of places) {
    const crop = cut(field, place);
    if (crop === undefined) continue;
    sink.append(crop.pixels);
    kept.push(place);
    filledPixels += crop.numFilled;
  }
  const coverage = sink.ledger?.addField({ ...field, wcs: wcsNeeded(field), places: kept, firstCrop: sink.firstCrop });
  return {
    record: fieldRecord(field, statistics),
    fluxUnit: field.fluxUnit,
    rms: statistics.rms,
    crops: kept.map((place) => cropRecord(field, { place, cropSize, statistics, coverage })),
    rejected: places.length - kept.length,
    filledPixels,
    coverage,
    warnings: field.warnings,
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
    survey: null,
    ...place,
    ...cropSky(field.wcs, place, cropSize),
    ...statistics,
    dataQualityFlag: null,
    sourceCount: null,
    // All of a covered field counts as covered: a catalogue does not say where it looked and found nothing.
    catalogueCoverage: coverage === undefined ? null : coverage.isCovered ? 1 : 0,
    split: null,
    label: null,
    islandCount: null,
  };
}
