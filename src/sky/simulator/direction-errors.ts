// Error patterns about single bright sources, whose direction has gain errors of its own (beam errors, the ionosphere).
import { randomFor } from "#base/array";
import { type GainErrors, sampleErrorBeam, type UvGrid, type UvValues, uvZeros } from "#sky/instrument";
import { apparentComponents, apparentFluxJy } from "./apparent-sky.ts";
import { DATA_QUALITIES, DIRECTION_LEAST_JY } from "./data-quality.ts";
import { addPatternInPlace, type ErrorPlane, errorPatternOf } from "./error-plane.ts";
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

/** Adds the patterns of all these directions, each with a fresh error beam, to the square [gridSize, gridSize] that holds the field. */
export function addDirectionErrorsInPlace(
  pixels: Float32Array,
  directions: readonly DirectionError[],
  { errorPlane, geometry }: { readonly errorPlane: ErrorPlane; readonly geometry: FieldGeometry },
  { seed, fieldIndex }: FieldFacts,
): void {
  const { grid, weights } = errorPlane;
  for (const [direction, { object, gainErrors }] of directions.entries()) {
    const kernel = sampleErrorBeam(grid, weights, gainErrors, randomFor(seed, "direction error beam", fieldIndex, direction));
    const centre = { x: Math.round(object.x) + geometry.padding, y: Math.round(object.y) + geometry.padding };
    const pattern = errorPatternOf(errorPlane, productOf(sourceValues(object, { grid, geometry, centre }), kernel));
    addPatternInPlace(pixels, geometry.gridSize, pattern, { ...centre, edges: "open" });
  }
}

function productOf(a: UvValues, b: UvValues): UvValues {
  return {
    re: a.re.map((value, slot) => value * b.re[slot]! - a.im[slot]! * b.im[slot]!),
    im: a.re.map((value, slot) => value * b.im[slot]! + a.im[slot]! * b.re[slot]!),
  };
}

interface SourceFrame {
  readonly grid: UvGrid;
  readonly geometry: FieldGeometry;
  /** The pixel of the square about which the transform is taken. */
  readonly centre: { readonly x: number; readonly y: number };
}

/** The Fourier transform of an object at the grid's cells, from its Gaussians' formulae. */
function sourceValues(object: SkyObject, { grid, geometry, centre }: SourceFrame): UvValues {
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
      const phase = (-2 * Math.PI * (column * (x - centre.x) + row * (y - centre.y))) / size;
      values.re[slot]! += amplitude * Math.cos(phase);
      values.im[slot]! += amplitude * Math.sin(phase);
    }
  }
  return values;
}
