// One field to its crops: measured, tiled, freed of NaN, placed on the sky.
import { type FieldImage, wcsProblem } from "#sky/fits";
import { type Centre, type CentredPlace, centredPlaces } from "./centres.ts";
import { type CropRecord, type FieldRecord, UNKNOWN_CROP } from "./crop-set.ts";
import { cropSky } from "./crop-sky.ts";
import { type CropShape, cropCutter } from "./cut-crop.ts";
import type { FieldStatistics, PercentileRange } from "./field-statistics.ts";
import type { FieldCoverage, KeepShown, LedgerField, SourceLedger } from "./source-ledger.ts";
import { type CropPlace, cropPlaces, type Tiling } from "./tiling.ts";

/** How fields are cut. */
export interface CutSettings extends PercentileRange, CropShape {
  readonly tiling: Tiling;
  /** Cut round these instead of tiling. */
  readonly centres?: readonly Centre[];
}

/** Where crops and sources go. `append` takes what it needs of the pixels at once: they are written over. `firstCrop` is the index that the field's first crop has in the set. */
export interface CutSink {
  readonly append: (pixels: Float32Array) => void;
  readonly ledger: SourceLedger | undefined;
  /** Takes the sources that the field's crops show, where there is a ledger. */
  readonly keepShown: KeepShown;
  readonly firstCrop: number;
}

/** A crop's place, with the centre that it was cut round, if any. */
type CutPlace = CropPlace & Partial<CentredPlace>;

/** A field image whose bytes need not all be there. */
export type FieldToCut = Omit<FieldImage, "sha256">;

/** What is known of a field before its first pixel. */
export type FieldHeading = Omit<FieldImage, "pixels" | "sha256">;

/** A field image once its pixels are let go. */
export type FieldDescription = Omit<FieldImage, "pixels">;

/** The crops cut from a field. */
export interface Cuttings {
  readonly places: readonly CutPlace[];
  /** Crops left out for their NaN. */
  readonly rejected: number;
  /** Crops round a centre left out because they would leave the field. */
  readonly beyondEdge: number;
  /** Pixels without a value inside the kept crops, stored as 0. */
  readonly filledPixels: number;
  /** Undefined without a catalogue. */
  readonly coverage: FieldCoverage | undefined;
}

/**
 * Cuts a field and hands on each crop's stored square. A crop is cut when `rowsRead` resolves for the rows above its lower edge: by
 * default all are there. Rejects with an Error, naming the file, for crops larger than the field, and for a catalogue (a ledger, or
 * centres) without a WCS to place it by.
 */
export async function cutField(
  field: FieldToCut,
  settings: CutSettings,
  sink: CutSink,
  rowsRead: (numRows: number) => Promise<void> = async () => {},
): Promise<Cuttings> {
  const all = placesIn(field, settings);
  const places: CutPlace[] = [];
  let filledPixels = 0;
  const cut = cropCutter(settings);
  for (const place of all.places) {
    await rowsRead(Math.min(field.height, place.y0 + settings.cropSize + settings.margin));
    const crop = cut(field, place);
    if (crop === undefined) continue;
    sink.append(crop.pixels);
    places.push(place);
    filledPixels += crop.numFilled;
  }
  // Pixels are looked at again only where some crop holds one without a value.
  const pixels = filledPixels > 0 ? { pixels: field.pixels } : {};
  const coverage = sink.ledger?.addField({ ...ledgerField(field, places, sink.firstCrop), ...pixels }, sink.keepShown);
  return { places, rejected: all.places.length - places.length, beyondEdge: all.beyondEdge, filledPixels, coverage };
}

/** The cuttings of a field whose crops are written already, and whose sources `ledger` has not seen yet. */
export function cuttingsAgain(
  field: FieldDescription,
  cuttings: Omit<Cuttings, "coverage">,
  lookedAt: readonly number[] | undefined,
  { ledger, keepShown, firstCrop }: Omit<CutSink, "append">,
): Cuttings {
  const known = lookedAt === undefined ? {} : { lookedAt };
  return { ...cuttings, coverage: ledger?.addField({ ...ledgerField(field, cuttings.places, firstCrop), ...known }, keepShown) };
}

function placesIn(
  field: FieldToCut,
  settings: CutSettings,
): { readonly places: readonly CutPlace[]; readonly beyondEdge: number } {
  if (settings.centres === undefined) return { places: cropPlaces(field, settings, field.file), beyondEdge: 0 };
  return centredPlaces({ ...field, wcs: wcsNeeded(field) }, settings.centres, settings.cropSize);
}

function ledgerField(field: FieldHeading, places: readonly CutPlace[], firstCrop: number): LedgerField {
  const { name, height, width, beam } = field;
  return { name, height, width, wcs: wcsNeeded(field), places, firstCrop, ...(beam === undefined ? {} : { beam }) };
}

/** The records of a field's crops. Labels from a catalogue are null: a later field may own a source. */
export function recordsOfCrops(
  field: FieldDescription,
  { places, coverage }: Pick<Cuttings, "places" | "coverage">,
  statistics: FieldStatistics,
  cropSize: number,
): readonly CropRecord[] {
  return places.map((place, index) =>
    cropRecord(field, { place, cropSize, statistics, coverage: coverage?.perCrop[index] ?? null }),
  );
}

function wcsNeeded(field: FieldHeading) {
  if (field.wcs === undefined) {
    throw new Error(
      `${field.file}: the catalogue's positions cannot be placed: ${wcsProblem(field.header)}. Leave --catalogue and --centres out, or mend the header.`,
    );
  }
  return field.wcs;
}

/** What is recorded of a field that was cut and measured. */
export function fieldRecord(
  { name, file, height, width, pixelScaleDeg, beam, sha256 }: FieldDescription,
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
  readonly place: CutPlace;
  readonly cropSize: number;
  readonly statistics: FieldStatistics;
  readonly coverage: number | null;
}

function cropRecord(field: FieldDescription, { place, cropSize, statistics, coverage }: CropFacts): CropRecord {
  const { y0, x0, centre } = place;
  return {
    ...UNKNOWN_CROP,
    ...centre?.known,
    id: centre === undefined ? `${field.name}-y${y0}-x${x0}` : `${field.name}-${centre.name}`,
    field: field.name,
    y0,
    x0,
    ...cropSky(field.wcs, place, cropSize),
    ...statistics,
    catalogueCoverage: coverage,
  };
}
