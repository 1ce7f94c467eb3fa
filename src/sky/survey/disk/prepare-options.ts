// What `prepareCropSet` is asked to do, and what it tells afterwards.
import type { Durability } from "#base/files/disk";
import type { ColumnChoice } from "#sky/catalogue";
import type { UnitChoice } from "#sky/fits";
import type { SkyCircle } from "../catalogue-zones.ts";
import type { CutSettings } from "../cut-field.ts";

/** What `prepareCropSet` is asked to do. What is left out is as PREPARE_DEFAULTS. */
export interface PrepareOptions extends Partial<Omit<CutSettings, "centres">> {
  /** FITS files, or folders of them. */
  readonly inputs: readonly string[];
  readonly out: string;
  readonly cropSize: number;
  /** A catalogue's file, or the lists of several fields and folders of such: crops get labels from their sources. */
  readonly catalogue?: string | readonly string[];
  /** A catalogue's file: crops are cut round its positions, not tiled. */
  readonly centres?: string;
  /** Which columns of the catalogue, or of the centres where there is no catalogue, are what. */
  readonly columns?: ColumnChoice;
  /** "single-gaussian": those of PyBDSF's S_Code S alone, as MGCLS's compact catalogue. Default "all". */
  readonly keepSources?: "all" | "single-gaussian";
  /** Exclusion zones round sources of this flux or more, in which the catalogue does not count. */
  readonly excludeAround?: { readonly fluxJy: number; readonly radiusArcmin: number };
  /** The catalogue speaks inside these alone. Default: everywhere in the fields that it covers. */
  readonly footprints?: readonly SkyCircle[];
  /** Crops that the catalogue covers by less than this fraction have null for their labels. */
  readonly minCoverage?: number;
  /** A survey's table of its fields: quality flags, noise, redshifts. */
  readonly fieldTable?: string;
  /** The survey that all fields are of. Default: what their files' names tell, see `namedField`. */
  readonly survey?: string;
  /** See CropSetInfo. */
  readonly collection?: string;
  /** Which unit of each file holds the image. Default: the first image. */
  readonly hdu?: UnitChoice;
  /** Plane of cubes, counted from 0. */
  readonly plane?: number;
  /** Fields to set aside: their crops' split becomes "test", that of all other crops "train". Left out, nothing is fixed. */
  readonly testFields?: readonly string[];
  readonly existing?: "refuse" | "replace";
  /** "rename" leaves the moment of writing to the system: for benchmarks. */
  readonly durability?: Durability;
}

export const PREPARE_DEFAULTS = {
  tiling: "cover",
  margin: 0,
  lowPercentile: 2,
  highPercentile: 98,
  maxNanFraction: 0,
  minCoverage: 0.5,
  keepSources: "all",
  plane: 0,
  existing: "refuse",
  durability: "fsync",
} as const satisfies Partial<PrepareOptions>;

/** Options with their defaults; what has none may be left out still. */
export type PrepareSettings = PrepareOptions & Required<Pick<PrepareOptions, keyof typeof PREPARE_DEFAULTS>>;

/** Throws Error, naming the flag, for a value outside its range. */
export function checkPrepareSettings(settings: PrepareSettings): void {
  const { margin, cropSize, maxNanFraction, lowPercentile, highPercentile, minCoverage, excludeAround, footprints } = settings;
  if (!(Number.isInteger(margin) && margin >= 0))
    throw new Error(`--margin: expected a whole number of pixels from 0, got ${margin}.`);
  if (!(Number.isInteger(cropSize) && cropSize > 0))
    throw new Error(`--size: expected a whole number of pixels from 1, got ${cropSize}.`);
  if (!(maxNanFraction >= 0 && maxNanFraction < 1)) {
    throw new Error(`--max-nan-fraction: expected 0 or more and less than 1, got ${maxNanFraction}.`);
  }
  if (!(lowPercentile >= 0 && lowPercentile < highPercentile && highPercentile <= 100)) {
    throw new Error(`--low and --high: expected 0 <= low < high <= 100, got ${lowPercentile} and ${highPercentile}.`);
  }
  if (!(minCoverage >= 0 && minCoverage <= 1)) throw new Error(`--min-coverage: expected 0 to 1, got ${minCoverage}.`);
  if (excludeAround && !(excludeAround.fluxJy > 0 && excludeAround.radiusArcmin > 0)) {
    const { fluxJy, radiusArcmin } = excludeAround;
    throw new Error(`--exclude-around: expected a flux in Jy and a radius in arcminutes above 0, got ${fluxJy},${radiusArcmin}.`);
  }
  for (const { raDeg, decDeg, radiusDeg } of footprints ?? []) {
    if (!(raDeg >= -180 && raDeg <= 360 && Math.abs(decDeg) <= 90 && radiusDeg > 0))
      throw new Error(`--footprint: expected RA, Dec and a radius above 0 in degrees, got ${raDeg},${decDeg},${radiusDeg}.`);
  }
  checkCatalogueOptions(settings);
}

function checkCatalogueOptions(settings: PrepareSettings): void {
  const { catalogue, centres, keepSources, excludeAround, footprints, columns } = settings;
  if (catalogue !== undefined) return;
  const needing = [
    keepSources === "all" ? "" : "--single-gaussian",
    excludeAround === undefined ? "" : "--exclude-around",
    footprints === undefined || footprints.length === 0 ? "" : "--footprint",
    columns === undefined || centres !== undefined ? "" : "--columns",
  ].find((flag) => flag !== "");
  if (needing !== undefined) throw new Error(`${needing}: expected --catalogue beside it, got none.`);
}

/** What became of one field. */
export interface PreparedField {
  readonly name: string;
  readonly file: string;
  readonly height: number;
  readonly width: number;
  readonly crops: number;
  /** Crops left out for their NaN. */
  readonly rejected: number;
  /** Crops round a centre left out because they would leave the field. */
  readonly beyondEdge: number;
  /** Pixels without a value inside the kept crops, stored as 0. */
  readonly filledPixels: number;
  readonly lowFlux: number;
  readonly highFlux: number;
  readonly rms: number;
  /** Catalogued sources inside the field; null without a catalogue, or where it does not cover the field. */
  readonly sourcesInside: number | null;
  readonly warnings: readonly string[];
}

/** What `prepare --json` prints. Numbers of sources are null without a catalogue, of centres without centres. */
export interface PrepareSummary {
  readonly out: string;
  readonly crops: number;
  readonly rejected: number;
  readonly beyondEdge: number;
  /** In the catalogue, those left aside by `keepSources` not counted. */
  readonly sources: number | null;
  /** Inside some field, and in no exclusion zone. */
  readonly sourcesInside: number | null;
  /** Inside some field and in an exclusion zone, or outside the footprint. */
  readonly sourcesExcluded: number | null;
  /** Owned by a crop: the sum of all source counts, also of crops whose labels are null for want of coverage. */
  readonly ownedSources: number | null;
  readonly centres: number | null;
  /** Fields that an earlier process, which was killed, had cut already. */
  readonly resumedFields: number;
  readonly fields: readonly PreparedField[];
  readonly warnings: readonly string[];
}

/** How far the work is: `done` of `total` fields, the last of them `field`; an earlier process, which was killed, may have cut it. */
export type PrepareProgress = (progress: {
  readonly field: string;
  readonly done: number;
  readonly total: number;
  readonly isResumed: boolean;
}) => void;
