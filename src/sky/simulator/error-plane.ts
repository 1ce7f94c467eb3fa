// The patterns that gain errors leave about sources, as far as they reach: they fade within minutes of arc, as bandwidth and time smear them.
import type { Random } from "#base/array";
import {
  briggsWeights,
  FINE_SAMPLING,
  type GainErrors,
  imageOfUvValues,
  meerkatObservation,
  sampleErrorBeam,
  type UvGrid,
  type UvValues,
  type UvWeights,
  uvGrid,
} from "#sky/instrument";
import type { SkyConfig } from "./field-config.ts";
import type { FieldFacts } from "./field-facts.ts";
import type { FieldGeometry } from "./field-geometry.ts";

/** A smaller uv plane, in which the patterns about single sources are made. */
export interface ErrorPlane {
  readonly grid: UvGrid;
  readonly weights: UvWeights;
  /** Pixels from a source at which its pattern has faded out. */
  readonly reachPixels: number;
}

/** A pattern about a source, [2 reach + 1, 2 reach + 1], the source in its middle. */
export interface ErrorPattern {
  readonly reach: number;
  readonly pixels: Float32Array;
}

const ERROR_GRID_SIZE = 1024;
const REACH_DEG = 10 / 60;
/** Of the plane's side: its other half is the pattern's other side. */
const MOST_REACH = 0.47;

/**
 * The plane for a field's errors. Patterns reach 10' at most: continuous tracks with errors of 2 degrees and 2 % leave 7e-6 of a source
 * from 5' to 10' and less than 3e-6 beyond (`FINE_SAMPLING` 1.1e-5 and 1.6e-5, eight channels each 10 minutes 6.5e-5 at any distance).
 */
export function errorPlaneOf(config: SkyConfig, { centre }: FieldFacts, { gridSize }: FieldGeometry): ErrorPlane {
  const { pixelScaleDeg, robust } = config;
  const size = Math.min(ERROR_GRID_SIZE, gridSize);
  const grid = uvGrid(meerkatObservation(centre.decDeg, FINE_SAMPLING), { size, pixelScaleDeg });
  const reachPixels = Math.floor(Math.min(REACH_DEG / pixelScaleDeg, MOST_REACH * size));
  return { grid, weights: briggsWeights(grid, robust), reachPixels };
}

/** What gain errors leave about a point source of 1 Jy. */
export function sampleErrorPattern(plane: ErrorPlane, errors: GainErrors, random: Random): ErrorPattern {
  return errorPatternOf(plane, sampleErrorBeam(plane.grid, plane.weights, errors, random));
}

/** The image of an error plane's values, fading out from half of its reach. */
export function errorPatternOf({ grid, reachPixels: reach }: ErrorPlane, values: UvValues): ErrorPattern {
  const { size } = grid;
  const image = imageOfUvValues(grid, values);
  const side = 2 * reach + 1;
  const pixels = new Float32Array(side * side);
  for (let y = -reach; y <= reach; y++) {
    const row = ((y + size) % size) * size;
    for (let x = -reach; x <= reach; x++) {
      const value = image[row + ((x + size) % size)]!;
      pixels[(y + reach) * side + x + reach] = value * keptAt(Math.hypot(x, y) / reach);
    }
  }
  return { reach, pixels };
}

/** 1 to half of the reach, 0 from the reach on, half a cosine between. */
function keptAt(partOfReach: number): number {
  if (partOfReach <= 0.5) return 1;
  return partOfReach >= 1 ? 0 : Math.cos(Math.PI * (partOfReach - 0.5)) ** 2;
}

/** What becomes of the part of a pattern that lies beyond an edge: it comes in at the other side, or is left out. */
type Edges = "joined" | "open";

/** Adds a pattern about a pixel of a square [size, size]. */
export function addPatternInPlace(
  pixels: Float32Array,
  size: number,
  { reach, pixels: pattern }: ErrorPattern,
  { x, y, edges }: { readonly x: number; readonly y: number; readonly edges: Edges },
): void {
  const side = 2 * reach + 1;
  for (let line = 0; line < side; line++) {
    const row = placeOn(y - reach + line, size, edges);
    if (row === undefined) continue;
    for (let step = 0; step < side; step++) {
      const column = placeOn(x - reach + step, size, edges);
      if (column !== undefined) pixels[row * size + column]! += pattern[line * side + step]!;
    }
  }
}

function placeOn(index: number, size: number, edges: Edges): number | undefined {
  if (index >= 0 && index < size) return index;
  return edges === "joined" ? (index + size) % size : undefined;
}
