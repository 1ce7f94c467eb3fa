// zscale: flux limits from a line through the sorted values of a few pixels, as IRAF and DS9 choose them (paper section 2.4).
import type { FluxLimits } from "./contrast-stretch.ts";

/** astropy's ZScaleInterval and its defaults (astropy.visualization 5.2), which are IRAF's. */
const NUM_SAMPLES = 1000;
const CONTRAST = 0.25;
const MOST_REJECTED = 0.5;
const LEAST_PIXELS = 5;
const REJECTION_SIGMA = 2.5;
const MOST_ROUNDS = 5;
/** Pixels beside a rejected one go too: this share of all. */
const GROWTH = 0.01;

/** The limits of astropy's ZScaleInterval; NaN and infinities are left out. Throws RangeError where nothing else is given. */
export function zscaleLimits(values: Float32Array): FluxLimits {
  const samples = sortedSamples(values);
  if (samples.length === 0) throw new RangeError(`zscale: expected at least one finite value, got none among ${values.length}.`);
  const [lowest, highest] = [samples[0]!, samples.at(-1)!];
  const slope = robustSlope(samples);
  if (slope === undefined) return { lowFlux: lowest, highFlux: highest };
  const center = (samples.length - 1) >> 1;
  const median = medianOf(samples);
  return {
    lowFlux: Math.max(lowest, median - ((center - 1) * slope) / CONTRAST),
    highFlux: Math.min(highest, median + ((samples.length - center) * slope) / CONTRAST),
  };
}

/** Every n-th of the finite values, at most a thousand, in ascending order. */
function sortedSamples(values: Float32Array): Float32Array {
  let numFinite = 0;
  for (let index = 0; index < values.length; index++) if (Number.isFinite(values[index])) numFinite++;
  const stride = Math.floor(Math.max(1, numFinite / NUM_SAMPLES));
  const samples: number[] = [];
  for (let index = 0, rank = 0; index < values.length && samples.length < NUM_SAMPLES; index++) {
    if (!Number.isFinite(values[index])) continue;
    if (rank % stride === 0) samples.push(values[index]!);
    rank++;
  }
  return Float32Array.from(samples).sort();
}

/** In float32, as numpy takes the median of float32 numbers. */
function medianOf(sorted: Float32Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : Math.fround(Math.fround(sorted[half - 1]! + sorted[half]!) / 2);
}

/** Rise of a sample to the next, of a line from which outliers are rejected round by round; undefined where too many go. */
function robustSlope(samples: Float32Array): number | undefined {
  const leastGood = Math.max(LEAST_PIXELS, Math.floor(samples.length * MOST_REJECTED));
  let isBad: Uint8Array = new Uint8Array(samples.length);
  let numGood = samples.length;
  let lastGood = numGood + 1;
  let slope: number | undefined;
  for (let round = 0; round < MOST_ROUNDS && numGood < lastGood && numGood >= leastGood; round++) {
    const line = fitLine(samples, isBad);
    slope = line.slope;
    isBad = grown(rejected(samples, isBad, line));
    lastGood = numGood;
    numGood = isBad.reduce((count, bad) => count + 1 - bad, 0);
  }
  return numGood >= leastGood ? slope : undefined;
}

interface Line {
  readonly slope: number;
  readonly offset: number;
}

/** Least squares over the samples that are not bad. */
function fitLine(samples: Float32Array, isBad: Uint8Array): Line {
  const good = [...samples.keys()].filter((index) => isBad[index] === 0);
  const meanX = good.reduce((sum, index) => sum + index, 0) / good.length;
  const meanY = good.reduce((sum, index) => sum + samples[index]!, 0) / good.length;
  const covariance = good.reduce((sum, index) => sum + (index - meanX) * (samples[index]! - meanY), 0);
  const variance = good.reduce((sum, index) => sum + (index - meanX) ** 2, 0);
  const slope = variance === 0 ? 0 : covariance / variance;
  return { slope, offset: meanY - slope * meanX };
}

/** The bad samples, and all that lie too far from the line by the spread of the good ones. */
function rejected(samples: Float32Array, isBad: Uint8Array, { slope, offset }: Line): Uint8Array {
  const residuals = Float64Array.from(samples, (value, index) => value - (slope * index + offset));
  const good = residuals.filter((_, index) => isBad[index] === 0);
  const mean = good.reduce((sum, value) => sum + value, 0) / good.length;
  const deviation = Math.sqrt(good.reduce((sum, value) => sum + (value - mean) ** 2, 0) / good.length);
  const threshold = REJECTION_SIGMA * deviation;
  return isBad.map((bad, index) => (bad === 1 || Math.abs(residuals[index]!) > threshold ? 1 : 0));
}

/** Bad samples take their neighbours along. An even reach goes one further up than down, as numpy's convolution does. */
function grown(isBad: Uint8Array): Uint8Array {
  const reach = Math.max(1, Math.floor(isBad.length * GROWTH));
  const up = reach - 1 - ((reach - 1) >> 1);
  const down = (reach - 1) >> 1;
  const out = new Uint8Array(isBad.length);
  isBad.forEach((bad, index) => {
    if (bad === 1) out.fill(1, Math.max(0, index - down), Math.min(out.length, index + up + 1));
  });
  return out;
}
