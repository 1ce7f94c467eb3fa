// A crop as the views take it: linear flux and its limits, checked once and stretched once for all its views.
import { contrastStretch, type Image } from "#base/image";

/** One crop of a crop set. */
export interface CropPixels {
  /** Unique in its set; named in errors. */
  readonly id: string;
  /** Row in the crop set: the key of the crop's random draws. */
  readonly index: number;
  /** [size, size] linear flux, the crop in the middle and its margin around it. */
  readonly pixels: Float32Array;
  /** Side of the stored square, margin included. */
  readonly size: number;
  /** Side of the crop without its margin. */
  readonly cropSize: number;
  readonly lowFlux: number;
  readonly highFlux: number;
}

/** A crop after the contrast stretch: values in [0, 1]. */
export interface StretchedCrop {
  /** With the margin, which a rotation turns in. */
  readonly stored: Image;
  /** Without the margin: what views are drawn from. */
  readonly inner: Image;
  /** Row and column of the inner image in the stored one. */
  readonly margin: number;
}

/**
 * Contrast-stretches a crop. The stretch comes before all geometry: it clips the bright sources, whose bicubic rings in linear
 * flux would be many times the noise. Throws RangeError that names the crop where its pixels, sizes, limits do not fit or are NaN.
 */
export function stretchCrop(crop: CropPixels): StretchedCrop {
  checkCrop(crop);
  const { size, cropSize, lowFlux, highFlux } = crop;
  const stored = contrastStretch({ height: size, width: size, pixels: crop.pixels }, { lowFlux, highFlux });
  const margin = Math.floor((size - cropSize) / 2);
  return { stored, margin, inner: size === cropSize ? stored : centralSquare(stored, margin, cropSize) };
}

function checkCrop({ id, pixels, size, cropSize, lowFlux, highFlux }: CropPixels): void {
  const where = `views: crop "${id}"`;
  if (pixels.length !== size * size) {
    throw new RangeError(`${where}: expected ${size * size} pixels for ${size} x ${size}, got ${pixels.length}.`);
  }
  if (!(Number.isInteger(cropSize) && cropSize > 0 && cropSize <= size)) {
    throw new RangeError(`${where}: expected a crop size of 1 to ${size} whole pixels, got ${cropSize}.`);
  }
  if (!(Number.isFinite(lowFlux) && Number.isFinite(highFlux) && lowFlux < highFlux)) {
    throw new RangeError(
      `${where}: expected lowFlux below highFlux, got ${lowFlux} and ${highFlux}. Prepare the set again with wider percentiles.`,
    );
  }
  const numNaN = countNaN(pixels);
  if (numNaN > 0) throw new RangeError(`${where}: expected no NaN, got ${numNaN} NaN pixels. Prepare the set again without it.`);
}

function countNaN(values: Float32Array): number {
  let count = 0;
  for (let index = 0; index < values.length; index++) if (Number.isNaN(values[index])) count++;
  return count;
}

function centralSquare(image: Image, margin: number, size: number): Image {
  const pixels = new Float32Array(size * size);
  for (let row = 0; row < size; row++) {
    const start = (margin + row) * image.width + margin;
    pixels.set(image.pixels.subarray(start, start + size), row * size);
  }
  return { height: size, width: size, pixels };
}
