// Sizes and spectra of sources.
import type { Random } from "#base/array";

/** Steepness of the distribution of sizes, and median size in arcsec of a source of 1 mJy with how it grows (Windhorst et al. 1990). */
const SIZE_EXPONENT = 0.62;
const MEDIAN_SIZE_ARCSEC = 2;
const SIZE_GROWTH = 0.3;

/** Median angular size of sources of this flux density at 1.4 GHz. */
export function medianSizeArcsec(fluxAt1400Jy: number): number {
  return MEDIAN_SIZE_ARCSEC * (fluxAt1400Jy * 1000) ** SIZE_GROWTH;
}

/** An angular size: P(> size) = exp(-ln 2 (size / median)^0.62). */
export function sampleSizeArcsec(fluxAt1400Jy: number, random: Random): number {
  const depth = -Math.log(1 - random.uniform()) / Math.LN2;
  return medianSizeArcsec(fluxAt1400Jy) * depth ** (1 / SIZE_EXPONENT);
}

const STEEP = { mean: -0.7, spread: 0.25 };
const FLAT = { mean: -0.1, spread: 0.25 };
const FLAT_SHARE = 0.15;
const FLAT_FROM_JY = 1e-3;

/** A spectral index: -0.7 +- 0.25; of sources above 1 mJy 15 % are flat, -0.1 +- 0.25. */
export function sampleSpectralIndex(fluxJy: number, random: Random): number {
  const isFlat = random.chance(FLAT_SHARE) && fluxJy > FLAT_FROM_JY;
  const { mean, spread } = isFlat ? FLAT : STEEP;
  return mean + spread * random.normal();
}
