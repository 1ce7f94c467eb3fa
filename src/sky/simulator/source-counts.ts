// How many sources the radio sky has at each flux density, near 1.4 GHz.

/**
 * log10 of S (Jy) and S^2.5 dN/dS (Jy^1.5 / sr) at 1.4 GHz: Matthews et al. 2021 up to 10 uJy, Hopkins et al. 2003 from 0.1 to 100
 * mJy, joined so that DEEP2's 1.6e4 sources per square degree above 10 uJy come out (Mauch et al. 2020); NVSS above 0.3 Jy
 * (Condon et al. 1998). Surveys differ by 20-30 % between 20 and 100 uJy.
 */
const COUNTS: readonly (readonly [logFlux: number, euclidean: number])[] = [
  [-7, 0.019],
  [-6.5, 0.06],
  [-6, 0.188],
  [-5.5, 0.573],
  [-5, 1.652],
  [-4.75, 2.42],
  [-4.5, 3.05],
  [-4.25, 3.6],
  [-4, 4.05],
  [-3.75, 4.45],
  [-3.5, 4.95],
  [-3, 7.1],
  [-2.5, 15.6],
  [-2, 41.5],
  [-1.5, 105],
  [-1, 222],
  [-0.5, 300],
  [0, 290],
  [0.5, 200],
  [1, 110],
  [1.5, 60],
];

const SQUARE_DEGREES_PER_SR = (180 / Math.PI) ** 2;
const TABLE_FREQUENCY_HZ = 1.4e9;
const MEAN_SPECTRAL_INDEX = -0.7;

/** S^2.5 dN/dS at 1.4 GHz, Jy^1.5 / sr; between the table's rows straight in both logarithms, beyond its ends along the last piece. */
export function euclideanCounts(fluxJy: number): number {
  const logFlux = Math.log10(fluxJy);
  const above = COUNTS.findIndex(([tabled]) => tabled >= logFlux);
  const upper = above === -1 ? COUNTS.length - 1 : Math.max(above, 1);
  const [lowFlux, low] = COUNTS[upper - 1]!;
  const [highFlux, high] = COUNTS[upper]!;
  const part = (logFlux - lowFlux) / (highFlux - lowFlux);
  return low * (high / low) ** part;
}

/** Flux density at `frequencyHz` of a source of average spectrum that has 1 Jy at 1.4 GHz. */
export function fluxRatioTo(frequencyHz: number): number {
  return (frequencyHz / TABLE_FREQUENCY_HZ) ** MEAN_SPECTRAL_INDEX;
}

/** The sources between two flux densities at one frequency. */
export interface SourceCounts {
  readonly minFluxJy: number;
  readonly maxFluxJy: number;
  /** Sources per square degree between the two limits. */
  readonly perSqDeg: number;
  /** Sources per square degree brighter than this, up to the upper limit. */
  brighterPerSqDeg(fluxJy: number): number;
  /** The flux density that a fraction `u` of the sources between the limits exceed: `u` uniform in [0, 1) samples the counts. */
  fluxAt(u: number): number;
}

const STEPS_PER_DECADE = 400;

/** The counts at a frequency between two limits, for sources of average spectrum. Throws RangeError where 0 < min < max does not hold. */
export function sourceCounts(frequencyHz: number, minFluxJy: number, maxFluxJy: number): SourceCounts {
  if (!(minFluxJy > 0 && maxFluxJy > minFluxJy)) {
    throw new RangeError(`source counts: expected limits with 0 < min < max, got ${minFluxJy} and ${maxFluxJy} Jy.`);
  }
  const ratio = fluxRatioTo(frequencyHz);
  const span = Math.log(maxFluxJy / minFluxJy);
  const numSteps = Math.ceil((span / Math.LN10) * STEPS_PER_DECADE);
  const step = span / numSteps;
  // S dN/dS, by which ln S is integrated.
  const densityAt = (index: number) => {
    const atTable = (minFluxJy * Math.exp(index * step)) / ratio;
    return (euclideanCounts(atTable) * atTable ** -1.5) / SQUARE_DEGREES_PER_SR;
  };
  // brighter[i]: sources above step i.
  const brighter = new Float64Array(numSteps + 1);
  for (let index = numSteps - 1; index >= 0; index--) {
    brighter[index] = brighter[index + 1]! + (step * (densityAt(index) + 4 * densityAt(index + 0.5) + densityAt(index + 1))) / 6;
  }
  const perSqDeg = brighter[0]!;
  return {
    minFluxJy,
    maxFluxJy,
    perSqDeg,
    brighterPerSqDeg: (fluxJy) => {
      const place = Math.min(Math.max(Math.log(fluxJy / minFluxJy) / step, 0), numSteps);
      const index = Math.min(Math.floor(place), numSteps - 1);
      return brighter[index]! + (place - index) * (brighter[index + 1]! - brighter[index]!);
    },
    fluxAt: (u) => {
      const wanted = u * perSqDeg;
      const index = lastAbove(brighter, wanted);
      const part = (brighter[index]! - wanted) / (brighter[index]! - brighter[index + 1]!);
      return minFluxJy * Math.exp((index + part) * step);
    },
  };
}

/** The last index but one, or before, whose value is at least `wanted`, in a falling row. */
function lastAbove(falling: Float64Array, wanted: number): number {
  let low = 0;
  let high = falling.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (falling[middle]! >= wanted) low = middle;
    else high = middle;
  }
  return low;
}

const BOLTZMANN = 1.380649e-23;
const LIGHT = 299_792_458;
const JANSKY = 1e-26;

/** Brightness temperature in kelvin of all sources of the table at 1.4 GHz: c^2 / (2 k nu^2) times the integral of S dN/dS. */
export function skyTemperature(): number {
  const numSteps = 8500;
  const [lowest, highest] = [COUNTS[0]![0] * Math.LN10, COUNTS.at(-1)![0] * Math.LN10];
  const step = (highest - lowest) / numSteps;
  let jyPerSr = 0;
  for (let index = 0; index < numSteps; index++) {
    const flux = Math.exp(lowest + (index + 0.5) * step);
    jyPerSr += euclideanCounts(flux) * flux ** -0.5 * step;
  }
  return (LIGHT ** 2 / (2 * BOLTZMANN * TABLE_FREQUENCY_HZ ** 2)) * jyPerSr * JANSKY;
}
