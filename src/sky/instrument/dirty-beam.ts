// The dirty beam, what an observation sees of a point source of 1 Jy, and the Gaussian fitted to its main lobe.
import { complexGrid, fourierTransformInPlace } from "#base/image";
import type { UvWeights } from "./briggs-weights.ts";
import type { RestoringBeam } from "./restoring-beam.ts";
import type { UvGrid } from "./uv-grid.ts";

/** The beam's Fourier transform at each filled cell, so scaled that the beam is 1 at its centre. */
export function dirtyBeamSpectrum({ counts, size }: UvGrid, { perVisibility, sum }: UvWeights): Float64Array {
  return counts.map((count, slot) => (count * perVisibility[slot]! * size * size) / sum);
}

/** The whole dirty beam [size, size], its centre at pixel [0, 0], negative offsets at the far ends. */
export function dirtyBeam(grid: UvGrid, weights: UvWeights): Float32Array {
  const spectrum = dirtyBeamSpectrum(grid, weights);
  const plane = complexGrid(grid.size, grid.size);
  for (const [slot, value] of spectrum.entries()) {
    plane.re[grid.cells[slot]!] = value;
    plane.re[grid.mirrors[slot]!] = value;
  }
  fourierTransformInPlace(plane, "inverse");
  return plane.re;
}

/** The dirty beam's innermost [2 reach + 1, 2 reach + 1] pixels, its centre in the middle: sums over columns, then over rows. */
export function dirtyBeamCore(grid: UvGrid, weights: UvWeights, reach: number): Float64Array {
  const { size, cells } = grid;
  const side = 2 * reach + 1;
  const spectrum = dirtyBeamSpectrum(grid, weights);
  const core = new Float64Array(side * side);
  const rowRe = new Float64Array(side);
  const rowIm = new Float64Array(side);
  const addRow = (row: number) => {
    for (let y = -reach; y <= reach; y++) {
      const angle = (2 * Math.PI * row * y) / size;
      // A cell and its mirror add up to twice the real part.
      const cosine = (2 * Math.cos(angle)) / (size * size);
      const sine = (2 * Math.sin(angle)) / (size * size);
      for (let x = 0; x < side; x++) core[(y + reach) * side + x]! += cosine * rowRe[x]! - sine * rowIm[x]!;
    }
  };
  let row = Math.floor(cells[0]! / size);
  for (const [slot, cell] of cells.entries()) {
    const here = Math.floor(cell / size);
    if (here !== row) {
      addRow(row);
      rowRe.fill(0);
      rowIm.fill(0);
      row = here;
    }
    const step = (2 * Math.PI * (cell % size)) / size;
    for (let x = 0; x < side; x++) {
      rowRe[x]! += spectrum[slot]! * Math.cos(step * (x - reach));
      rowIm[x]! += spectrum[slot]! * Math.sin(step * (x - reach));
    }
  }
  addRow(row);
  return core;
}

/** Only the main lobe's upper part is a Gaussian. */
const LOBE_LEVEL = 0.4;
const LOBE_REACH_DEG = 12 / 3600;

/** The restoring beam: least squares of -ln B = a x^2 + b xy + c y^2 where the main lobe is above 0.4. */
export function fittedBeam(grid: UvGrid, weights: UvWeights): RestoringBeam {
  const reach = Math.max(4, Math.ceil(LOBE_REACH_DEG / grid.pixelScaleDeg));
  const core = dirtyBeamCore(grid, weights, reach);
  return gaussianOfLobe(core, reach, grid.pixelScaleDeg);
}

/** As `fittedBeam`, of a lobe [2 reach + 1, 2 reach + 1] whose middle is its peak of 1. Throws RangeError where it is no lobe. */
export function gaussianOfLobe(core: Float64Array, reach: number, pixelScaleDeg: number): RestoringBeam {
  const normal = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  const right = [0, 0, 0];
  const side = 2 * reach + 1;
  for (const [place, value] of core.entries()) {
    if (!(value > LOBE_LEVEL)) continue;
    const x = (place % side) - reach;
    const y = Math.floor(place / side) - reach;
    const terms = [x * x, x * y, y * y];
    for (let row = 0; row < 3; row++) {
      right[row]! += terms[row]! * -Math.log(value);
      for (let column = 0; column < 3; column++) normal[3 * row + column]! += terms[row]! * terms[column]!;
    }
  }
  const [a, b, c] = solved(normal, right);
  const [middle, spread] = [(a! + c!) / 2, Math.hypot((a! - c!) / 2, b! / 2)];
  if (!(middle - spread > 0)) {
    throw new RangeError(`dirty beam: expected a main lobe of several pixels, got none at ${pixelScaleDeg * 3600}" pixels.`);
  }
  const widthDeg = (curvature: number) => 2 * Math.sqrt(Math.LN2 / curvature) * pixelScaleDeg;
  // The wide axis is that of the least curvature; x points west, so an angle from north (y) through east is towards -x.
  const widest = 0.5 * Math.atan2(b!, a! - c!) + Math.PI / 2;
  const angle = (Math.atan2(-Math.cos(widest), Math.sin(widest)) * 180) / Math.PI;
  return { majorDeg: widthDeg(middle - spread), minorDeg: widthDeg(middle + spread), positionAngleDeg: (angle + 360) % 180 };
}

/** Three linear equations by Cramer's rule. */
function solved(matrix: readonly number[], right: readonly number[]): readonly number[] {
  const determinant = (m: readonly number[]) =>
    m[0]! * (m[4]! * m[8]! - m[5]! * m[7]!) - m[1]! * (m[3]! * m[8]! - m[5]! * m[6]!) + m[2]! * (m[3]! * m[7]! - m[4]! * m[6]!);
  return [0, 1, 2].map(
    (unknown) =>
      determinant(matrix.map((value, place) => (place % 3 === unknown ? right[Math.floor(place / 3)]! : value))) /
      determinant(matrix),
  );
}
