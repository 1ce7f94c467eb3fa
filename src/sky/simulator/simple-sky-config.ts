// Settings of the simple simulator: point sources, a Gaussian beam, correlated noise and a primary beam; no uv plane, no CLEAN.

/** A value drawn anew for each field: uniform in its logarithm from low to high. */
export type FieldRange = readonly [low: number, high: number];

/** The simple simulator's sky and telescope. Ranges differ from field to field; everything else is shared. */
export interface SimpleSkyConfig {
  readonly numFields: number;
  /** Side of the square field image, in pixels. */
  readonly fieldSize: number;
  readonly pixelScaleDeg: number;
  /** FWHM of the restoring beam's major axis, and minor / major. */
  readonly beamMajorDeg: FieldRange;
  readonly beamAxisRatio: FieldRange;
  /** FWHM of the primary beam. */
  readonly primaryBeamFwhmDeg: number;
  /** Noise on the pointing centre, before it is divided by the primary beam. */
  readonly noiseJyPerBeam: FieldRange;
  /** Point sources brighter than `minFluxJy`. */
  readonly sourcesPerSqDeg: FieldRange;
  readonly minFluxJy: number;
  readonly maxFluxJy: number;
  /** gamma of dN/dS proportional to S^-gamma; not 1. */
  readonly countsSlope: number;
  /** Mean number of two-lobed extended sources in a field. */
  readonly doublesPerField: number;
  /** A source enters the catalogue where its measured peak is this many times the noise at its place. */
  readonly detectionThreshold: number;
}

const ARCSEC = 1 / 3600;

/**
 * Eight fields of 21' with two-arcsecond pixels, so that a 64-pixel crop holds from none to some forty catalogued sources. Beam 7-8.5"
 * and noise 2-5 uJy/beam are MGCLS's (paper section 2.1); DEEP2 has 1.67e4 sources per square degree above 10 uJy (Matthews et al.
 * 2021), spread here from 0.4 to 3 times that so that fields differ. The primary beam is 0.93 field sides wide, as MeerKAT's 67' is
 * to MGCLS's 72' fields: in angle it is smaller than any MeerKAT dish's.
 */
export const DEFAULT_SIMPLE_SKY: SimpleSkyConfig = {
  numFields: 8,
  fieldSize: 640,
  pixelScaleDeg: 2 * ARCSEC,
  beamMajorDeg: [7 * ARCSEC, 8.5 * ARCSEC],
  beamAxisRatio: [0.85, 1],
  primaryBeamFwhmDeg: 0.93 * 640 * 2 * ARCSEC,
  noiseJyPerBeam: [2e-6, 5e-6],
  sourcesPerSqDeg: [6.7e3, 5e4],
  minFluxJy: 1e-5,
  maxFluxJy: 0.02,
  countsSlope: 2.1,
  doublesPerField: 2,
  detectionThreshold: 5,
};

/** Throws RangeError, naming the setting, where a sky cannot be made from these settings. */
export function checkSimpleSky(config: SimpleSkyConfig): void {
  const expect = (isRight: boolean, name: keyof SimpleSkyConfig, wanted: string): void => {
    if (!isRight) throw new RangeError(`simulator: ${name}: expected ${wanted}, got ${JSON.stringify(config[name])}.`);
  };
  const isRange = ([low, high]: FieldRange) => low > 0 && low <= high;
  expect(Number.isInteger(config.numFields) && config.numFields > 0, "numFields", "a whole number above 0");
  expect(Number.isInteger(config.fieldSize) && config.fieldSize > 0, "fieldSize", "a whole number of pixels above 0");
  expect(config.pixelScaleDeg > 0, "pixelScaleDeg", "degrees above 0");
  expect(config.primaryBeamFwhmDeg > 0, "primaryBeamFwhmDeg", "degrees above 0");
  expect(config.minFluxJy > 0, "minFluxJy", "a flux density above 0 Jy");
  expect(config.maxFluxJy > config.minFluxJy, "maxFluxJy", `more than minFluxJy (${config.minFluxJy})`);
  expect(config.countsSlope !== 1, "countsSlope", "any number but 1");
  expect(config.doublesPerField >= 0, "doublesPerField", "0 or more");
  expect(isRange(config.beamAxisRatio) && config.beamAxisRatio[1] <= 1, "beamAxisRatio", "[low, high] in (0, 1]");
  for (const name of ["beamMajorDeg", "noiseJyPerBeam", "sourcesPerSqDeg"] as const) {
    expect(isRange(config[name]), name, "[low, high] with 0 < low <= high");
  }
}
