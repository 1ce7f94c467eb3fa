// Contrast stretch: flux between two limits becomes [0, 1] (paper section 2.4).
import type { Image } from "./image.ts";

/** Flux (in the image's own unit, Jy/beam or arbitrary) that becomes 0, and flux that becomes 1. */
export interface FluxLimits {
  readonly lowFlux: number;
  readonly highFlux: number;
}

/**
 * Maps [lowFlux, highFlux] linearly to [0, 1]; flux outside is clipped, NaN stays NaN.
 * Throws RangeError unless lowFlux < highFlux, both finite.
 */
export function contrastStretch(image: Image, limits: FluxLimits): Image {
  const { lowFlux, range } = checkedRange(limits);
  const pixels = new Float32Array(image.pixels.length);
  for (let index = 0; index < pixels.length; index++) {
    pixels[index] = Math.min(Math.max((image.pixels[index]! - lowFlux) / range, 0), 1);
  }
  return { height: image.height, width: image.width, pixels };
}

/** The inverse of `contrastStretch` inside its limits: [0, 1] back to [lowFlux, highFlux]. */
export function undoContrastStretch(image: Image, limits: FluxLimits): Image {
  const { lowFlux, range } = checkedRange(limits);
  return { height: image.height, width: image.width, pixels: image.pixels.map((value) => lowFlux + value * range) };
}

function checkedRange({ lowFlux, highFlux }: FluxLimits): { readonly lowFlux: number; readonly range: number } {
  if (!(Number.isFinite(lowFlux) && Number.isFinite(highFlux) && lowFlux < highFlux)) {
    throw new RangeError(
      `contrastStretch: expected lowFlux below highFlux, got ${lowFlux} and ${highFlux}. An image that is mostly one value needs wider percentiles.`,
    );
  }
  return { lowFlux, range: highFlux - lowFlux };
}
