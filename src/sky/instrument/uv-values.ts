// Complex values at the filled cells of a uv plane: the Fourier transform of a real image that only those cells make up.
import { complexGrid, fourierTransformInPlace } from "#base/image";
import type { UvGrid } from "./uv-grid.ts";

/** One value for each of the grid's cells; the mirror cell holds its conjugate. */
export interface UvValues {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Zeros. */
export function uvZeros({ cells }: UvGrid): UvValues {
  return { re: new Float64Array(cells.length), im: new Float64Array(cells.length) };
}

/** Rms over all pixels of the image that these values make up (Parseval). */
export function imageRmsOf({ size }: UvGrid, { re, im }: UvValues): number {
  let power = 0;
  for (const [slot, value] of re.entries()) power += value * value + im[slot]! * im[slot]!;
  return Math.sqrt(2 * power) / size ** 2;
}

/** The image [size, size] that these values make up; a pattern about a point has its centre at pixel [0, 0]. */
export function imageOfUvValues({ size, cells, mirrors }: UvGrid, { re, im }: UvValues): Float32Array {
  const plane = complexGrid(size, size);
  for (const [slot, value] of re.entries()) {
    plane.re[cells[slot]!] = value;
    plane.im[cells[slot]!] = im[slot]!;
    plane.re[mirrors[slot]!] = value;
    plane.im[mirrors[slot]!] = -im[slot]!;
  }
  fourierTransformInPlace(plane, "inverse");
  return plane.re;
}
