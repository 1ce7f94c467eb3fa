// Paints sources into an image of Jy/beam: each is a Gaussian, evaluated at pixel centres about its exact position.
import { beamArea, boxOf, convolvedForm, type GaussianForm, gaussianAt, gaussianForm } from "#sky/instrument";
import type { TrueSource } from "./simple-sources.ts";

/** An image of `height` rows and `width` columns, row 0 the first (southern) row. Filled in place by `paintSource`. */
export interface Canvas {
  readonly height: number;
  readonly width: number;
  readonly pixels: Float32Array;
}

/** A Gaussian of the image: its centre in pixels, its peak in Jy/beam, its form. */
interface Spot {
  readonly x: number;
  readonly y: number;
  readonly peak: number;
  readonly form: GaussianForm;
}

/** Spots end where they fall below this fraction of their peak. */
const SPOT_LEVEL = 1e-6;

/** Adds one source, convolved with the beam, to the canvas. A point source's peak is its flux density; sums are kept, peaks of doubles are lower. */
export function paintSource(canvas: Canvas, source: TrueSource, beam: GaussianForm, pixelScaleDeg: number): void {
  for (const spot of spotsOf(source, beam, pixelScaleDeg)) paintSpot(canvas, spot);
}

function spotsOf(source: TrueSource, beam: GaussianForm, pixelScaleDeg: number): readonly Spot[] {
  const { x, y, fluxJy, separationDeg, lobeDeg, positionAngleDeg } = source;
  if (separationDeg === null || lobeDeg === null || positionAngleDeg === null) return [{ x, y, peak: fluxJy, form: beam }];
  const lobe = gaussianForm({ majorDeg: lobeDeg, minorDeg: lobeDeg, positionAngleDeg: 0 }, pixelScaleDeg);
  const form = convolvedForm(beam, lobe);
  const peak = ((fluxJy / 2) * beamArea(beam)) / beamArea(form);
  const angle = (positionAngleDeg * Math.PI) / 180;
  const reach = separationDeg / pixelScaleDeg / 2;
  // East is -x.
  return [1, -1].map((side) => ({ x: x - side * reach * Math.sin(angle), y: y + side * reach * Math.cos(angle), peak, form }));
}

function paintSpot({ height, width, pixels }: Canvas, { x, y, peak, form }: Spot): void {
  const { halfWidth, halfHeight } = boxOf(form, SPOT_LEVEL);
  const lastRow = Math.min(height - 1, Math.floor(y + halfHeight));
  const lastColumn = Math.min(width - 1, Math.floor(x + halfWidth));
  for (let row = Math.max(0, Math.ceil(y - halfHeight)); row <= lastRow; row++) {
    for (let column = Math.max(0, Math.ceil(x - halfWidth)); column <= lastColumn; column++) {
      const place = row * width + column;
      pixels[place] = pixels[place]! + peak * gaussianAt(form, column - x, row - y);
    }
  }
}
