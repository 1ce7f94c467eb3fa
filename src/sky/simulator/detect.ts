// What a source finder would catalogue in a simple sky: point sources that stand out of the noise at their place.
import type { TrueSource } from "./simple-sources.ts";

/** A catalogued source, in pixels. */
export interface DetectedSource {
  readonly x: number;
  readonly y: number;
  /** Measured: the true flux, that of blended neighbours, and the noise at the source's pixel. */
  readonly peakFluxJyPerBeam: number;
  readonly truth: TrueSource;
}

/** What the finder knows of the field. */
export interface DetectionField {
  readonly width: number;
  readonly height: number;
  /** Noise of the corrected image, [height, width], and its expected rms at a pixel, in Jy/beam. */
  readonly noise: Float32Array;
  rmsAt(x: number, y: number): number;
  /** FWHM of the beam's major axis, in pixels. */
  readonly beamPixels: number;
  readonly threshold: number;
}

/** Sources closer than this fraction of the beam are seen as one (the brighter's position, the sum of fluxes). */
const BLEND_BEAMS = 0.7;

/** Point sources of the field whose measured peak is at least `threshold` times the noise there, brightest first. Doubles are left out, as MGCLS's compact catalogue does. */
export function detectSources(sources: readonly TrueSource[], field: DetectionField): readonly DetectedSource[] {
  const points = sources.filter(({ kind }) => kind === "point");
  return blend(points, BLEND_BEAMS * field.beamPixels).flatMap(({ truth, fluxJy }) => {
    const x = Math.round(truth.x);
    const y = Math.round(truth.y);
    if (x < 0 || y < 0 || x >= field.width || y >= field.height) return [];
    const peak = fluxJy + field.noise[y * field.width + x]!;
    return peak >= field.threshold * field.rmsAt(x, y) ? [{ x: truth.x, y: truth.y, peakFluxJyPerBeam: peak, truth }] : [];
  });
}

/** Joins every source to the brightest one within `reach` pixels that is not itself joined to another. */
function blend(points: readonly TrueSource[], reach: number): readonly { readonly truth: TrueSource; readonly fluxJy: number }[] {
  const kept: { truth: TrueSource; fluxJy: number }[] = [];
  const cells = new Map<string, number[]>();
  const cellOf = (value: number) => Math.floor(value / reach);
  for (const truth of points.toSorted((a, b) => b.fluxJy - a.fluxJy)) {
    const near = neighbours(cells, cellOf(truth.x), cellOf(truth.y)).find((index) => distance(kept[index]!.truth, truth) < reach);
    if (near !== undefined) {
      kept[near]!.fluxJy += truth.fluxJy;
      continue;
    }
    const key = `${cellOf(truth.x)},${cellOf(truth.y)}`;
    cells.set(key, [...(cells.get(key) ?? []), kept.length]);
    kept.push({ truth, fluxJy: truth.fluxJy });
  }
  return kept;
}

/** Indices in the nine cells about one, brightest first. */
function neighbours(cells: ReadonlyMap<string, readonly number[]>, column: number, row: number): readonly number[] {
  const found: number[] = [];
  for (let dy = -1; dy <= 1; dy++)
    for (let dx = -1; dx <= 1; dx++) found.push(...(cells.get(`${column + dx},${row + dy}`) ?? []));
  return found.sort((a, b) => a - b);
}

function distance(a: TrueSource, b: TrueSource): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
