// MGCLS's data-quality flags as causes: how well gains are known, which bright sources shine in, and whether there is interference.
import type { Random } from "#base/array";
import type { GainErrors, RippleRange } from "#sky/instrument";
import { chosen } from "./draws.ts";

/** 0: good dynamic range; 1: some artefacts about bright sources; 2: many; 3: ripples across the image (paper section 2.1). */
export type DataQualityFlag = 0 | 1 | 2 | 3;

/** What a flag means for a field. Ranges are drawn from. */
export interface DataQuality {
  /** Share of fields. */
  readonly share: number;
  readonly gainErrors: GainErrors;
  /** Directions that have errors of their own, and those errors' phases. */
  readonly numDirections: readonly [number, number];
  readonly directionPhaseDeg: readonly [number, number];
  readonly directionAmplitude: number;
  /** The field's brightest source as the primary beam lets it through: planted where the lower limit is above 0. */
  readonly brightestJy: readonly [number, number];
  /** Rms of ripples, in units of the thermal noise. */
  readonly rippleNoises: readonly [number, number];
}

const COHERENCE_HOURS = 1;

function gains(phaseDeg: number, amplitude: number): GainErrors {
  return { phaseDeg, amplitude, coherenceHours: COHERENCE_HOURS };
}

/** Chosen so that dynamic ranges come near those that MeerKAT's observers report; not fitted to images. */
export const DATA_QUALITIES: Readonly<Record<DataQualityFlag, DataQuality>> = {
  0: {
    share: 0.55,
    gainErrors: gains(0.3, 0.003),
    numDirections: [0, 0],
    directionPhaseDeg: [0, 0],
    directionAmplitude: 0,
    brightestJy: [0, 0.1],
    rippleNoises: [0, 0],
  },
  1: {
    share: 0.25,
    gainErrors: gains(0.5, 0.005),
    numDirections: [1, 2],
    directionPhaseDeg: [2, 2],
    directionAmplitude: 0.01,
    brightestJy: [0.05, 0.3],
    rippleNoises: [0, 0],
  },
  2: {
    share: 0.12,
    gainErrors: gains(1, 0.01),
    numDirections: [2, 4],
    directionPhaseDeg: [5, 8],
    directionAmplitude: 0.04,
    brightestJy: [0.3, 3],
    rippleNoises: [0, 0],
  },
  3: {
    share: 0.08,
    gainErrors: gains(1, 0.01),
    numDirections: [1, 3],
    directionPhaseDeg: [5, 5],
    directionAmplitude: 0.03,
    brightestJy: [0.1, 1],
    rippleNoises: [1, 3],
  },
};

/** Sources fainter than this, as the primary beam lets them through, have no direction-dependent errors. */
export const DIRECTION_LEAST_JY = 5e-3;

const RIPPLE_HOURS = 2;

/** A flag, by the shares of the table. */
export function sampleDataQualityFlag(random: Random): DataQualityFlag {
  const shares = {
    "0": DATA_QUALITIES[0].share,
    "1": DATA_QUALITIES[1].share,
    "2": DATA_QUALITIES[2].share,
    "3": DATA_QUALITIES[3].share,
  };
  return Number(chosen(shares, random)) as DataQualityFlag; // the keys above
}

/** Interference of one kind: 8 to 20 baselines of 60 to 1500 m for two hours. */
export function sampleRippleRange(random: Random): RippleRange {
  const isShort = random.chance(0.5);
  const [shortestMetres, longestMetres] = isShort ? [60, 600] : [600, 1500];
  return { numBaselines: 8 + random.integer(13), shortestMetres, longestMetres, hours: RIPPLE_HOURS };
}
