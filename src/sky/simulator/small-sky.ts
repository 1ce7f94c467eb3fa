// A sky for demonstrations and tests: small fields with everything in them that a large one has.
import { MGCLS_SKY, type SkyConfig } from "./field-config.ts";

const SMALL_FIELD_SIZE = 448;
const SMALL_PIXEL_DEG = 2 / 3600;

/**
 * Fields of 15' with two-arcsecond pixels, so that a 64-pixel crop holds from none to some forty catalogued sources. Source density
 * is spread from 0.4 to 3 times the counts, and noise from 2 to 5 uJy/beam, so that fields differ. The primary beam is 0.93 field
 * sides wide, as MeerKAT's 67' is to MGCLS's 72' fields: in angle it is smaller than any MeerKAT dish's. No clusters and no bright
 * sources, which would fill a field so small.
 */
export const SMALL_SKY: SkyConfig = {
  ...MGCLS_SKY,
  numFields: 8,
  fieldSize: SMALL_FIELD_SIZE,
  pixelScaleDeg: SMALL_PIXEL_DEG,
  primaryBeamFwhmDeg: 0.93 * SMALL_FIELD_SIZE * SMALL_PIXEL_DEG,
  robust: 0,
  noiseJyPerBeam: [2e-6, 5e-6],
  dataQualityFlag: 0,
  maxFluxJy: 0.02,
  densityFactor: [0.4, 3],
  clusterProbability: 0,
};
