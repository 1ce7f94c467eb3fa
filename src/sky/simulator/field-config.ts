// Settings of a simulated field: the sky, the telescope and the imaging.
import type { DataQualityFlag } from "./data-quality.ts";

/** A value drawn anew for each field: uniform in its logarithm from low to high. */
export type FieldRange = readonly [low: number, high: number];

/** A sky of fields. null: drawn for each field. */
export interface SkyConfig {
  readonly numFields: number;
  /** Side of the square field image, in pixels. The sky and the uv plane go on to the next power of two. */
  readonly fieldSize: number;
  readonly pixelScaleDeg: number;
  readonly frequencyHz: number;
  /** Briggs' robustness, from -2 (uniform) to 2 (natural). */
  readonly robust: number;
  /** Flux per beam down to which the image is cleaned: fainter emission keeps the dirty beam. */
  readonly cleanLimitJyPerBeam: number;
  /** FWHM of the primary beam. */
  readonly primaryBeamFwhmDeg: number;
  /** Where the dishes point, from the image's centre: to the west and to the north. */
  readonly pointingOffsetDeg: readonly [west: number, north: number];
  /** Thermal noise on the pointing centre; null: lognormal about 2.4 uJy/beam, 1.4 to 6. */
  readonly noiseJyPerBeam: FieldRange | null;
  readonly dataQualityFlag: DataQualityFlag | null;
  readonly minFluxJy: number;
  readonly maxFluxJy: number;
  /** How many times the table's counts a field has. */
  readonly densityFactor: FieldRange;
  /** Rms of the logarithm of the source density on scales of 5'. */
  readonly clusteringRms: number;
  /** Share of fields that have a cluster of galaxies with a diffuse source at their centre. */
  readonly clusterProbability: number;
  /** Fainter sources shine, but are not listed in the truth. */
  readonly truthMinFluxJy: number;
  /** A source enters the catalogue where its peak is this many times the local rms. */
  readonly detectionThreshold: number;
  /** 1: brightness alone; 5: also spectral index, both errors and chi squared. */
  readonly numPlanes: 1 | 5;
}

const ARCSEC = 1 / 3600;

/** Fields like MGCLS's: 1.2 degrees of 1.25 arcsec pixels at 1.28 GHz, a beam of some 8.2 x 7.6 arcsec, cleaned to 50 uJy/beam. */
export const MGCLS_SKY: SkyConfig = {
  numFields: 1,
  fieldSize: 3457,
  pixelScaleDeg: 1.25 * ARCSEC,
  frequencyHz: 1.28e9,
  robust: 0,
  cleanLimitJyPerBeam: 5e-5,
  primaryBeamFwhmDeg: (57.5 / 60) * (1.5 / 1.28),
  pointingOffsetDeg: [0, 0],
  noiseJyPerBeam: null,
  dataQualityFlag: null,
  minFluxJy: 1e-6,
  maxFluxJy: 10,
  densityFactor: [1, 1],
  clusteringRms: 0.1,
  clusterProbability: 0.54,
  truthMinFluxJy: 5e-6,
  detectionThreshold: 5,
  numPlanes: 1,
};

/** Fields stand at least a degree and a half apart up to this many. */
export const MOST_FIELDS = 600;

/** Baselines reach this many wavelengths at 1.67 GHz; pixels must show them. */
const LONGEST_BASELINE_WAVELENGTHS = 43e3;

/** Throws RangeError, naming the setting, where a sky cannot be made from these settings. */
export function checkSky(config: SkyConfig): void {
  const expect = (isRight: boolean, name: keyof SkyConfig, wanted: string): void => {
    if (!isRight) throw new RangeError(`simulator: ${name}: expected ${wanted}, got ${JSON.stringify(config[name])}.`);
  };
  const isRange = ([low, high]: FieldRange) => low > 0 && low <= high;
  const isWhole = (value: number, most: number) => Number.isInteger(value) && value > 0 && value <= most;
  const coarsest = (0.47 / LONGEST_BASELINE_WAVELENGTHS) * (180 / Math.PI);
  expect(isWhole(config.numFields, MOST_FIELDS), "numFields", `a whole number from 1 to ${MOST_FIELDS}`);
  expect(isWhole(config.fieldSize, 8192) && config.fieldSize >= 64, "fieldSize", "a whole number of pixels from 64 to 8192");
  expect(
    config.pixelScaleDeg > 0 && config.pixelScaleDeg < coarsest,
    "pixelScaleDeg",
    `degrees from 0 to ${coarsest.toPrecision(3)}, which shows the longest baselines`,
  );
  expect(config.frequencyHz > 0, "frequencyHz", "a frequency above 0 Hz");
  expect(config.robust >= -2 && config.robust <= 2, "robust", "-2 to 2");
  expect(config.cleanLimitJyPerBeam >= 0, "cleanLimitJyPerBeam", "0 Jy/beam or more");
  expect(config.primaryBeamFwhmDeg > 0, "primaryBeamFwhmDeg", "degrees above 0");
  expect(
    config.noiseJyPerBeam === null || isRange(config.noiseJyPerBeam),
    "noiseJyPerBeam",
    "null or [low, high] with 0 < low <= high",
  );
  expect(
    config.dataQualityFlag === null || [0, 1, 2, 3].includes(config.dataQualityFlag),
    "dataQualityFlag",
    "null, 0, 1, 2 or 3",
  );
  expect(config.minFluxJy > 0, "minFluxJy", "a flux density above 0 Jy");
  expect(config.maxFluxJy > config.minFluxJy, "maxFluxJy", `more than minFluxJy (${config.minFluxJy})`);
  expect(isRange(config.densityFactor), "densityFactor", "[low, high] with 0 < low <= high");
  expect(config.clusteringRms >= 0, "clusteringRms", "0 or more");
  expect(config.clusterProbability >= 0 && config.clusterProbability <= 1, "clusterProbability", "0 to 1");
  expect(config.numPlanes === 1 || config.numPlanes === 5, "numPlanes", "1 or 5");
}
