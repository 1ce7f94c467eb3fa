// What is measured once on a whole field: flux limits and noise (paper section 2.4).
import { percentiles } from "#base/image";

/** Which percentiles of the pixels become black and white. */
export interface PercentileRange {
  readonly lowPercentile: number;
  readonly highPercentile: number;
}

/** Flux limits of the contrast stretch, and the robust noise, in the image's own unit. */
export interface FieldStatistics {
  readonly lowFlux: number;
  readonly highFlux: number;
  /** 1.4826 times the median distance from the median: the standard deviation, were the pixels Gaussian. */
  readonly rms: number;
}

/** Median absolute deviation to standard deviation of a Gaussian: 1 / (sqrt(2) erfinv(1/2)). */
const GAUSSIAN_PER_MAD = 1.482602218505602;

/**
 * Measures a whole field: per-crop limits would blow up the noise at the beam's edge. NaN is left out.
 * Throws Error, naming `where`, where nothing but NaN is given or the two limits are one number.
 */
export function fieldStatistics(pixels: Float32Array, range: PercentileRange, where: string): FieldStatistics {
  if (pixels.every(Number.isNaN)) {
    throw new Error(`${where}: all of its ${pixels.length} pixels are NaN. Leave it out, or choose another --plane.`);
  }
  const { lowPercentile, highPercentile } = range;
  const [lowFlux, highFlux, median] = percentiles(pixels, [lowPercentile, highPercentile, 50]) as [number, number, number];
  if (!(lowFlux < highFlux)) {
    throw new Error(
      `${where}: flux limits: expected the ${lowPercentile} % percentile below the ${highPercentile} % one, got ${lowFlux} and ${highFlux}. Choose other --low and --high.`,
    );
  }
  return { lowFlux, highFlux, rms: GAUSSIAN_PER_MAD * medianDistance(pixels, median) };
}

function medianDistance(pixels: Float32Array, from: number): number {
  const distances = new Float32Array(pixels.length);
  for (let index = 0; index < pixels.length; index++) distances[index] = Math.abs(pixels[index]! - from);
  return percentiles(distances, [50])[0]!;
}
