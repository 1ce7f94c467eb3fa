// The sources of a simple sky: points with a power law of fluxes, and a few doubles.
import { type Random, randomFor } from "#base/array";
import type { SimpleSkyConfig } from "./simple-sky-config.ts";

/** One source of the truth. Pixels: 0-based, centres of pixels at whole numbers. */
export interface TrueSource {
  readonly id: string;
  readonly kind: "point" | "double";
  readonly x: number;
  readonly y: number;
  /** Flux density, before the primary beam. */
  readonly fluxJy: number;
  /** Of a double: distance of its two lobes, FWHM of each, and the angle of the line through them, north through east. */
  readonly separationDeg: number | null;
  readonly lobeDeg: number | null;
  readonly positionAngleDeg: number | null;
}

/** Sources this far outside the image still shine into it, in pixels. */
const MARGIN = 24;

/**
 * All sources whose light reaches the field; `isInside` tells which lie in it.
 * `density` is the field's number of point sources per square degree above the least flux.
 */
export function sampleSources(config: SimpleSkyConfig, density: number, seed: number, fieldIndex: number): readonly TrueSource[] {
  const side = config.fieldSize + 2 * MARGIN;
  const areaSqDeg = (side * config.pixelScaleDeg) ** 2;
  const points = randomFor(seed, "simple-sky points", fieldIndex);
  const doubles = randomFor(seed, "simple-sky doubles", fieldIndex);
  const place = (random: Random) => ({
    x: random.uniformBetween(-MARGIN, side - MARGIN) - 0.5,
    y: random.uniformBetween(-MARGIN, side - MARGIN) - 0.5,
  });
  const numPoints = poisson(density * areaSqDeg, points);
  const numDoubles = poisson(config.doublesPerField, doubles);
  return [
    ...Array.from({ length: numPoints }, (_, index): TrueSource => {
      const fluxJy = powerLaw(points.uniform(), config);
      return {
        id: `P${index}`,
        kind: "point",
        ...place(points),
        fluxJy,
        separationDeg: null,
        lobeDeg: null,
        positionAngleDeg: null,
      };
    }),
    ...Array.from({ length: numDoubles }, (_, index): TrueSource => {
      const fluxJy = logUniform([1e-3, 1e-2], doubles);
      const separationDeg = logUniform([15 / 3600, 45 / 3600], doubles);
      const lobeDeg = separationDeg * doubles.uniformBetween(0.25, 0.45);
      const positionAngleDeg = doubles.uniformBetween(0, 180);
      return { id: `D${index}`, kind: "double", ...place(doubles), fluxJy, separationDeg, lobeDeg, positionAngleDeg };
    }),
  ];
}

/** The flux above which a fraction 1 - u of the sources lies: the inverse of the cumulative of S^-slope between the limits. */
function powerLaw(u: number, { minFluxJy, maxFluxJy, countsSlope }: SimpleSkyConfig): number {
  const power = 1 - countsSlope;
  const atMin = minFluxJy ** power;
  const atMax = maxFluxJy ** power;
  return (atMin + u * (atMax - atMin)) ** (1 / power);
}

/** Uniform in the logarithm. */
export function logUniform([low, high]: readonly [number, number], random: Random): number {
  return low * (high / low) ** random.uniform();
}

/** A Poisson number: how many exponential waiting times fit into `mean`. */
function poisson(mean: number, random: Random): number {
  let count = -1;
  for (let time = 0; time <= mean; count++) time -= Math.log(1 - random.uniform());
  return count;
}

/** Whether a position falls on one of the image's pixels. */
export function isInside({ x, y }: { readonly x: number; readonly y: number }, fieldSize: number): boolean {
  return x >= -0.5 && y >= -0.5 && x < fieldSize - 0.5 && y < fieldSize - 0.5;
}
