// Paints Gaussians into a grid, each about its exact place, widened by a small Gaussian that is taken off again in the uv plane.
import { type Covariance, covarianceOf } from "./gaussian-shape.ts";

/** A square grid, row-major, which `paintGaussian` adds to. */
export interface Canvas {
  readonly size: number;
  readonly pixels: Float32Array;
}

/** A Gaussian to paint: its centre in pixels of the grid, the sum of its pixels, its covariance. */
export interface PaintedGaussian {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
  readonly shape: Covariance;
}

/**
 * FWHM in pixels of what every Gaussian is widened by, so that pixels sample it: at half a cycle per pixel it has fallen to 3e-4,
 * while at the longest baselines (a quarter of a cycle for pixels of 1.25 arcsec) it is still 0.13.
 */
const WIDENING_FWHM_PIXELS = 3;

/** Covariance that painting adds to every shape. */
export const WIDENING: Covariance = covarianceOf(WIDENING_FWHM_PIXELS, WIDENING_FWHM_PIXELS, 0);

/** How many standard deviations are painted: to 1.6e-5 of the peak, of bright ones to 4e-9. */
const REACH = 4.7;
const BRIGHT_REACH = 6.2;
const BRIGHT_JY = 1e-3;

/** Adds a Gaussian; what falls outside the grid is left out. */
export function paintGaussian({ size, pixels }: Canvas, { x, y, flux, shape }: PaintedGaussian): void {
  const xx = shape.xx + WIDENING.xx;
  const yy = shape.yy + WIDENING.yy;
  const determinant = xx * yy - shape.xy * shape.xy;
  const peak = flux / (2 * Math.PI * Math.sqrt(determinant));
  // exp(-(a dx^2 + 2 b dx dy + c dy^2))
  const a = yy / (2 * determinant);
  const b = -shape.xy / (2 * determinant);
  const c = xx / (2 * determinant);
  const reach = Math.abs(flux) > BRIGHT_JY ? BRIGHT_REACH : REACH;
  const firstColumn = Math.max(0, Math.ceil(x - reach * Math.sqrt(xx)));
  const lastColumn = Math.min(size - 1, Math.floor(x + reach * Math.sqrt(xx)));
  const firstRow = Math.max(0, Math.ceil(y - reach * Math.sqrt(yy)));
  const lastRow = Math.min(size - 1, Math.floor(y + reach * Math.sqrt(yy)));
  // Along a row the ratio of neighbours is itself a geometric row: two products a pixel in place of an exponential.
  const ratioStep = Math.exp(-2 * a);
  const dx = firstColumn - x;
  for (let row = firstRow; row <= lastRow; row++) {
    const dy = row - y;
    let value = peak * Math.exp(-(a * dx * dx + 2 * b * dx * dy + c * dy * dy));
    let ratio = Math.exp(-(a * (2 * dx + 1) + 2 * b * dy));
    const end = row * size + lastColumn;
    for (let place = row * size + firstColumn; place <= end; place++) {
      pixels[place]! += value;
      value *= ratio;
      ratio *= ratioStep;
    }
  }
}
