// The image's Fourier transform put together: what was cleaned under the restoring beam, the rest under the dirty beam, errors and noise.
import type { ComplexGrid } from "#base/image";
import { mirrorOf, type UvGrid, type UvValues } from "#sky/instrument";
import { areaOf, type Covariance } from "./gaussian-shape.ts";
import { WIDENING } from "./paint.ts";

/** All that turns a painted sky into an image. */
export interface ImagingSpectra {
  readonly grid: UvGrid;
  /** Covariance of the restoring beam, in square pixels. */
  readonly beam: Covariance;
  /** The dirty beam's transform at the grid's cells. */
  readonly dirty: Float64Array;
  /** Transform of the error beam that the whole sky is convolved with as well: of the grid's size, at every cell. */
  readonly errors: ComplexGrid;
  /** Added as it is: noise and ripples. */
  readonly added: UvValues;
}

/**
 * Replaces `sky` - the transform of cleaned + i residual sky - by that of the image. Where `spectral` (the transform of another real
 * sky) is given, it comes out under the restoring beam as the imaginary part. All three are Hermitian, so two real skies share one
 * transform and come apart by their symmetry.
 */
export function composeSpectrumInPlace(sky: ComplexGrid, spectra: ImagingSpectra, spectral: ComplexGrid | undefined): void {
  const { grid } = spectra;
  const { size } = grid;
  const half = size / 2;
  const transfer = transferOf(spectra.beam, size);
  const cell: CellSum = { re: 0, im: 0 };
  for (let row = 0; row <= half; row++) {
    for (let column = 0; column < size; column++) {
      const place = row * size + column;
      const mirror = mirrorOf(place, size);
      if (mirror < place) continue;
      const restored = transfer.restored(column, row);
      const slot = row < half ? grid.slotOfCell[place]! : -1;
      const sharpened = transfer.sharpened(column, row);
      addCell(cell, sky, { place, mirror, restored });
      addErrors(cell, sky, { place, mirror, sharpened }, spectra.errors);
      if (slot >= 0) addMeasured(cell, sky, { place, mirror, slot, sharpened }, spectra);
      const spectralRe = spectral ? spectral.re[place]! * restored : 0;
      const spectralIm = spectral ? spectral.im[place]! * restored : 0;
      sky.re[place] = cell.re - spectralIm;
      sky.im[place] = cell.im + spectralRe;
      if (mirror === place) continue;
      sky.re[mirror] = cell.re + spectralIm;
      sky.im[mirror] = spectralRe - cell.im;
    }
  }
}

interface CellSum {
  re: number;
  im: number;
}

interface CellPlace {
  readonly place: number;
  readonly mirror: number;
}

/** The cleaned sky is half the sum of a cell and its mirror's conjugate. */
function addCell(
  cell: CellSum,
  { re, im }: ComplexGrid,
  { place, mirror, restored }: CellPlace & { readonly restored: number },
): void {
  cell.re = 0.5 * (re[place]! + re[mirror]!) * restored;
  cell.im = 0.5 * (im[place]! - im[mirror]!) * restored;
}

/** The error beam on all of the sky: cleaned (half the sum) and residual (half the difference, over i). */
function addErrors(
  cell: CellSum,
  { re, im }: ComplexGrid,
  { place, mirror, sharpened }: CellPlace & { readonly sharpened: number },
  errors: ComplexGrid,
): void {
  const allRe = 0.5 * (re[place]! + re[mirror]! + im[place]! + im[mirror]!) * sharpened;
  const allIm = 0.5 * (im[place]! - im[mirror]! + re[mirror]! - re[place]!) * sharpened;
  cell.re += allRe * errors.re[place]! - allIm * errors.im[place]!;
  cell.im += allRe * errors.im[place]! + allIm * errors.re[place]!;
}

/** Where something was measured: the residual sky under the dirty beam, and what is added. */
function addMeasured(
  cell: CellSum,
  { re, im }: ComplexGrid,
  { place, mirror, slot, sharpened }: CellPlace & { readonly slot: number; readonly sharpened: number },
  { dirty, added }: ImagingSpectra,
): void {
  const weight = 0.5 * dirty[slot]! * sharpened;
  cell.re += (im[place]! + im[mirror]!) * weight + added.re[slot]!;
  cell.im += (re[mirror]! - re[place]!) * weight + added.im[slot]!;
}

/** exp(-50) is nothing. */
const DEEPEST = 50;

/** What painted Gaussians are multiplied by: `sharpened` takes the widening off again, `restored` puts the restoring beam on as well. */
function transferOf(beam: Covariance, size: number) {
  const area = areaOf(beam);
  const scale = (2 * Math.PI ** 2) / size ** 2;
  const half = size / 2;
  const signed = (column: number) => (column < half ? column : column - size);
  return {
    restored: (column: number, row: number) => {
      const x = signed(column);
      const depth = scale * ((beam.xx - WIDENING.xx) * x * x + 2 * beam.xy * x * row + (beam.yy - WIDENING.yy) * row * row);
      return depth > DEEPEST ? 0 : area * Math.exp(-depth);
    },
    sharpened: (column: number, row: number) => {
      const x = signed(column);
      return Math.exp(scale * (WIDENING.xx * x * x + WIDENING.yy * row * row));
    },
  };
}
