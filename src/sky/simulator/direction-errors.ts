// Error patterns about single bright sources, whose direction has gain errors of its own (beam errors, the ionosphere).
import { randomFor } from "#base/array";
import { type GainErrors, sampleErrorBeam, type UvGrid, type UvValues, type UvWeights, uvZeros } from "#sky/instrument";
import { apparentComponents, apparentFluxJy } from "./apparent-sky.ts";
import { DATA_QUALITIES, DIRECTION_LEAST_JY } from "./data-quality.ts";
import type { FieldFacts } from "./field-facts.ts";
import type { FieldGeometry } from "./field-geometry.ts";
import type { SkyObject } from "./sky-object.ts";

/** A bright source with an error beam of its own. */
export interface DirectionError {
  readonly object: SkyObject;
  readonly apparentFluxJy: number;
  readonly gainErrors: GainErrors;
}

/** The brightest sources as the primary beam lets them through, as many as the field's flag asks for. */
export function sampleDirectionErrors(
  objects: readonly SkyObject[],
  { seed, fieldIndex, dataQualityFlag }: FieldFacts,
  geometry: FieldGeometry,
): readonly DirectionError[] {
  const random = randomFor(seed, "direction errors", fieldIndex);
  const { numDirections, directionPhaseDeg, directionAmplitude, gainErrors } = DATA_QUALITIES[dataQualityFlag];
  const [fewest, most] = numDirections;
  const number = fewest + random.integer(most - fewest + 1);
  if (number === 0) return [];
  return objects
    .filter(({ fluxJy }) => fluxJy > DIRECTION_LEAST_JY)
    .map((object) => ({ object, apparentFluxJy: apparentFluxJy(object, geometry) }))
    .filter((bright) => bright.apparentFluxJy > DIRECTION_LEAST_JY)
    .toSorted((a, b) => b.apparentFluxJy - a.apparentFluxJy)
    .slice(0, number)
    .map((bright) => ({
      ...bright,
      gainErrors: { ...gainErrors, phaseDeg: random.uniformBetween(...directionPhaseDeg), amplitude: directionAmplitude },
    }));
}

/** The patterns of all these directions, each with a fresh error beam. */
export function directionErrorValues(
  directions: readonly DirectionError[],
  { grid, weights, geometry }: { readonly grid: UvGrid; readonly weights: UvWeights; readonly geometry: FieldGeometry },
  { seed, fieldIndex }: FieldFacts,
): UvValues {
  const values = uvZeros(grid);
  for (const [direction, { object, gainErrors }] of directions.entries()) {
    const kernel = sampleErrorBeam(grid, weights, gainErrors, randomFor(seed, "direction error beam", fieldIndex, direction));
    const source = sourceValues(object, grid, geometry);
    for (let slot = 0; slot < values.re.length; slot++) {
      values.re[slot]! += source.re[slot]! * kernel.re[slot]! - source.im[slot]! * kernel.im[slot]!;
      values.im[slot]! += source.re[slot]! * kernel.im[slot]! + source.im[slot]! * kernel.re[slot]!;
    }
  }
  return values;
}

/** The Fourier transform of an object at the grid's cells, from its Gaussians' formulae. */
function sourceValues(object: SkyObject, grid: UvGrid, geometry: FieldGeometry): UvValues {
  const { size, cells } = grid;
  const values = uvZeros(grid);
  const scale = (2 * Math.PI ** 2) / size ** 2;
  for (const { x, y, flux, shape } of apparentComponents(object, geometry)) {
    for (const [slot, cell] of cells.entries()) {
      const row = Math.floor(cell / size);
      const unsigned = cell - row * size;
      const column = unsigned < size / 2 ? unsigned : unsigned - size;
      const depth = scale * (shape.xx * column * column + 2 * shape.xy * column * row + shape.yy * row * row);
      const amplitude = flux * Math.exp(-depth);
      const phase = (-2 * Math.PI * (column * x + row * y)) / size;
      values.re[slot]! += amplitude * Math.cos(phase);
      values.im[slot]! += amplitude * Math.sin(phase);
    }
  }
  return values;
}
