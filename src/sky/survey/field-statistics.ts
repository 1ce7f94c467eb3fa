// What is measured once on a whole field: flux limits and noise (paper section 2.4).
import { countedPercentiles, Float32Counts } from "#base/image";

/** Which percentiles of the pixels become black and white. */
export interface PercentileRange {
  readonly lowPercentile: number;
  readonly highPercentile: number;
}

/** Flux limits of the contrast stretch, and the robust noise, in the image's own unit. */
export interface FieldStatistics {
  readonly lowFlux: number;
  readonly highFlux: number;
  /**
   * 0.7413 times the distance of the quartiles: the standard deviation of Gaussian noise, whatever the sources add to its bright
   * end. For symmetric noise it is 1.4826 times the median absolute deviation.
   */
  readonly rms: number;
}

/** Interquartile range to standard deviation of a Gaussian: 1 / (2 sqrt(2) erfinv(1/2)). */
const GAUSSIAN_PER_QUARTILES = 0.741301109252801;

/**
 * Measures a whole field: per-crop limits would blow up the noise at the beam's edge. NaN is left out. `counts` has taken in all pixels
 * already, as they were read; by default they are counted here.
 * Throws Error, naming `where`, where nothing but NaN is given, and where the two limits are one number or infinite.
 */
export function fieldStatistics(
  pixels: Float32Array,
  range: PercentileRange,
  where: string,
  counts: Float32Counts = countsOf(pixels),
): FieldStatistics {
  if (pixels.every(Number.isNaN)) {
    throw new Error(`${where}: all of its ${pixels.length} pixels are NaN. Leave it out, or choose another --plane.`);
  }
  const { lowPercentile, highPercentile } = range;
  const wanted = [lowPercentile, highPercentile, 25, 75];
  const [lowFlux, highFlux, lowerQuartile, upperQuartile] = countedPercentiles(pixels, counts, wanted) as FourNumbers;
  if (!(lowFlux < highFlux && Number.isFinite(lowFlux) && Number.isFinite(highFlux))) {
    throw new Error(
      `${where}: flux limits: expected the ${lowPercentile} % percentile below the ${highPercentile} % one, got ${lowFlux} and ${highFlux}. Choose other --low and --high.`,
    );
  }
  return { lowFlux, highFlux, rms: GAUSSIAN_PER_QUARTILES * (upperQuartile - lowerQuartile) };
}

/** One for each percentile asked for. */
type FourNumbers = [number, number, number, number];

function countsOf(pixels: Float32Array): Float32Counts {
  const counts = new Float32Counts();
  counts.add(pixels);
  return counts;
}
