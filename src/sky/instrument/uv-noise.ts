// Thermal noise as it comes out of a uv plane: every visibility is equally noisy, and a cell's sum is weighted.
import type { Random } from "#base/array";
import type { UvWeights } from "./briggs-weights.ts";
import type { UvGrid } from "./uv-grid.ts";
import type { UvValues } from "./uv-values.ts";

/**
 * Values whose image is noise of expected rms `rms`. A cell of n visibilities of weight w has variance n w^2, so the noise is
 * correlated as the Fourier transform of n w^2: negatively at one beam's distance, unlike noise convolved with the restoring beam.
 */
export function uvNoise({ counts, size }: UvGrid, { perVisibility }: UvWeights, rms: number, random: Random): UvValues {
  const widths = counts.map((count, slot) => Math.sqrt(count) * perVisibility[slot]!);
  const power = widths.reduce((sum, width) => sum + width * width, 0);
  // Both parts of a cell and of its mirror: four squares for each width.
  const scale = (rms * size ** 2) / Math.sqrt(4 * power);
  const re = new Float64Array(counts.length);
  const im = new Float64Array(counts.length);
  for (const [slot, width] of widths.entries()) {
    re[slot] = scale * width * random.normal();
    im[slot] = scale * width * random.normal();
  }
  return { re, im };
}

/** Expected autocorrelation of `uvNoise` at an offset in pixels (x to the west, y to the north): 1 at no offset. */
export function uvNoiseCorrelation(
  { counts, cells, size }: UvGrid,
  { perVisibility }: UvWeights,
  offset: { readonly x: number; readonly y: number },
): number {
  let [sum, power] = [0, 0];
  for (const [slot, count] of counts.entries()) {
    const weight = count * perVisibility[slot]! ** 2;
    const cell = cells[slot]!;
    const row = Math.floor(cell / size);
    const column = cell - row * size;
    // Offsets may be parts of a pixel, so that frequencies need their sign.
    const frequency = row * offset.y + (column < size / 2 ? column : column - size) * offset.x;
    sum += weight * Math.cos((2 * Math.PI * frequency) / size);
    power += weight;
  }
  return sum / power;
}
