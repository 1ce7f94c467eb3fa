// What is drawn once for each field: where it stands, how noisy and how well calibrated it is.
import { randomFor } from "#base/array";
import { type DataQualityFlag, sampleDataQualityFlag } from "./data-quality.ts";
import { logNormal, logUniform } from "./draws.ts";
import type { SkyConfig } from "./field-config.ts";

/** One field of a sky. */
export interface FieldFacts {
  readonly name: string;
  readonly seed: number;
  readonly fieldIndex: number;
  readonly centre: { readonly raDeg: number; readonly decDeg: number };
  readonly dataQualityFlag: DataQualityFlag;
  readonly noiseJyPerBeam: number;
  readonly densityFactor: number;
}

const NOISE = { medianJy: 2.4e-6, spread: 0.13 * Math.LN10, lowJy: 1.4e-6, highJy: 6e-6 };

/** The facts of a field: the same for the same configuration, seed and index. */
export function sampleFieldFacts(config: SkyConfig, seed: number, fieldIndex: number): FieldFacts {
  const random = randomFor(seed, "field facts", fieldIndex);
  const drawnFlag = sampleDataQualityFlag(random);
  const drawnNoise = logNormal(NOISE.medianJy, NOISE.spread, random);
  return {
    name: `SIM_${seed}_${String(fieldIndex).padStart(2, "0")}`,
    seed,
    fieldIndex,
    // Neighbours in this order lie 17 or 33 degrees apart in declination; equal declinations come back 150 degrees on.
    centre: { raDeg: (3 * fieldIndex) % 360, decDeg: -15 - ((17 * fieldIndex + 25) % 50) },
    dataQualityFlag: config.dataQualityFlag ?? drawnFlag,
    noiseJyPerBeam: config.noiseJyPerBeam
      ? logUniform(config.noiseJyPerBeam, random)
      : Math.min(Math.max(drawnNoise, NOISE.lowJy), NOISE.highJy),
    densityFactor: logUniform(config.densityFactor, random),
  };
}
