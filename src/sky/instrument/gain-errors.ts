// What badly known dish gains leave about bright sources, and what interference on a few baselines leaves everywhere.
import type { Random } from "#base/array";
import type { UvWeights } from "./briggs-weights.ts";
import { cellOf, type UvGrid, visitBaselines } from "./uv-grid.ts";
import { imageRmsOf, type UvValues, uvZeros } from "./uv-values.ts";

/** Spread of the gain errors that are left after calibration. */
export interface GainErrors {
  /** Standard deviation of phases. */
  readonly phaseDeg: number;
  /** Standard deviation of amplitudes, as a fraction of 1. */
  readonly amplitude: number;
  /** How long a dish keeps its error. */
  readonly coherenceHours: number;
}

/**
 * The error beam of a uv grid: what remains about a source of 1 Jy when its model is taken off visibilities whose gains are
 * g_i = (1 + a_i) e^(i phi_i), the same over all channels. Each visibility adds w (g_i g_j* - 1). Phase errors make the pattern odd,
 * amplitude errors even (Perley 1999, ASPC 180, 275).
 */
export function sampleErrorBeam(grid: UvGrid, weights: UvWeights, errors: GainErrors, random: Random): UvValues {
  const { observation, tracks, size, slotOfCell } = grid;
  const { hourAngles, integrationHours, dishes } = observation;
  const numSpans = Math.ceil((hourAngles.length * integrationHours) / errors.coherenceHours - 1e-9);
  const gains = Array.from({ length: numSpans * dishes.length }, () => {
    const gain = 1 + errors.amplitude * random.normal();
    const phase = ((errors.phaseDeg * Math.PI) / 180) * random.normal();
    return [gain * Math.cos(phase), gain * Math.sin(phase)] as const;
  });
  const { re, im } = uvZeros(grid);
  const { sum, perVisibility } = weights;
  const scale = size ** 2 / sum;
  visitBaselines(observation, tracks, grid, (codes, integration, pair) => {
    const first = Math.floor((integration * integrationHours) / errors.coherenceHours + 1e-9) * dishes.length;
    const [i, j] = tracks.pairs[pair]!;
    const [ar, ai] = gains[first + i]!;
    const [br, bi] = gains[first + j]!;
    // The same in all channels.
    const errorRe = ar * br + ai * bi - 1;
    const errorIm = ai * br - ar * bi;
    for (const code of codes) {
      if (code === 0) continue;
      const slot = slotOfCell[cellOf(code)]!;
      const weight = scale * perVisibility[slot]!;
      re[slot]! += weight * errorRe;
      im[slot]! += (code < 0 ? -1 : 1) * weight * errorIm;
    }
  });
  return { re, im };
}

/** Interference on short baselines, for a part of the observation. */
export interface RippleRange {
  readonly numBaselines: number;
  readonly shortestMetres: number;
  readonly longestMetres: number;
  readonly hours: number;
}

/**
 * Broad stripes of given rms: a constant complex flux on a few baselines over one span of time (A&A 673, A71
 * shows real ones). Throws RangeError where no baseline has such a length.
 */
export function sampleRipple(
  grid: UvGrid,
  weights: UvWeights,
  { range, rms }: { readonly range: RippleRange; readonly rms: number },
  random: Random,
): UvValues {
  const { observation, tracks, slotOfCell } = grid;
  const phases = badBaselines(grid, range, random);
  const span = Math.min(observation.hourAngles.length, Math.round(range.hours / observation.integrationHours));
  const first = random.integer(observation.hourAngles.length - span + 1);
  const values = uvZeros(grid);
  visitBaselines(observation, tracks, grid, (codes, integration, pair) => {
    const phase = phases.get(pair);
    if (phase === undefined || integration < first || integration >= first + span) return;
    for (const code of codes) {
      if (code === 0) continue;
      const slot = slotOfCell[cellOf(code)]!;
      values.re[slot]! += weights.perVisibility[slot]! * Math.cos(phase);
      values.im[slot]! += (code < 0 ? -1 : 1) * weights.perVisibility[slot]! * Math.sin(phase);
    }
  });
  const scale = rms / imageRmsOf(grid, values);
  return { re: values.re.map((value) => value * scale), im: values.im.map((value) => value * scale) };
}

/** Pair -> phase of its interference. */
function badBaselines({ observation, tracks }: UvGrid, range: RippleRange, random: Random): ReadonlyMap<number, number> {
  const { dishes } = observation;
  const fitting = tracks.pairs.flatMap(([first, second], pair) => {
    const length = Math.hypot(...dishes[first]!.map((value, axis) => value - dishes[second]![axis]!));
    return length >= range.shortestMetres && length <= range.longestMetres ? [pair] : [];
  });
  if (fitting.length === 0) {
    throw new RangeError(
      `ripple: expected baselines from ${range.shortestMetres} to ${range.longestMetres} m, got none of ${tracks.pairs.length}.`,
    );
  }
  const order = random.permutation(fitting.length);
  return new Map(
    [...order.subarray(0, range.numBaselines)].map((place) => [fitting[place]!, random.uniformBetween(0, 2 * Math.PI)]),
  );
}
