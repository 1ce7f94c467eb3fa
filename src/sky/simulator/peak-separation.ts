// How far apart a galaxy's two brightest peaks stand for its extent: what Fanaroff and Riley (1974) told the classes by.
import { localPeaks } from "./local-peaks.ts";
import type { SkyGaussian, SkyObject } from "./sky-object.ts";

/** Samples across a beam's width, and at most along a side: galaxies of many beams are sampled more coarsely. */
const SAMPLES_PER_BEAM = 3;
const MOST_SAMPLES = 96;

/** FWHM² = FWHM_PER_SIGMA² sigma². */
const FWHM_PER_SIGMA = Math.sqrt(8 * Math.LN2);

/**
 * Distance of the two brightest peaks over the largest angular size, of a radio galaxy under a round beam and without noise: 0 where
 * the beam leaves one peak, null for what has no arms.
 */
export function separationOverExtent(
  { components, coreFraction, largestSizeArcsec }: Pick<SkyObject, "components" | "coreFraction" | "largestSizeArcsec">,
  beamFwhmArcsec: number,
): number | null {
  if (coreFraction === null || !(largestSizeArcsec > 0)) return null;
  const reach = Math.max(...components.map(({ eastArcsec, northArcsec }) => Math.hypot(eastArcsec, northArcsec)));
  const half = reach + beamFwhmArcsec;
  const size = Math.max(3, Math.min(MOST_SAMPLES, Math.ceil((2 * half * SAMPLES_PER_BEAM) / beamFwhmArcsec)));
  const step = (2 * half) / (size - 1);
  const peaks = localPeaks(seenBy(components, beamFwhmArcsec, { half, size, step }), size, () => 0);
  const [first, second] = peaks.toSorted((a, b) => b.flux - a.flux);
  if (!first || !second) return 0;
  return (Math.hypot(first.x - second.x, first.y - second.y) * step) / largestSizeArcsec;
}

/** [size, size], brightness in any unit; a galaxy's Gaussians are round. */
function seenBy(
  components: readonly SkyGaussian[],
  beamFwhmArcsec: number,
  { half, size, step }: { readonly half: number; readonly size: number; readonly step: number },
): Float32Array {
  const image = new Float32Array(size * size);
  for (const { eastArcsec, northArcsec, fluxJy, majorArcsec } of components) {
    const variance = (majorArcsec ** 2 + beamFwhmArcsec ** 2) / FWHM_PER_SIGMA ** 2;
    const profile = (centre: number) =>
      Float64Array.from({ length: size }, (_, index) => Math.exp(-((index * step - half - centre) ** 2) / (2 * variance)));
    const [along, up] = [profile(eastArcsec), profile(northArcsec)];
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) image[y * size + x]! += (fluxJy / variance) * up[y]! * along[x]!;
  }
  return image;
}
