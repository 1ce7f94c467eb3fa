// Where the field image lies in the uv plane's larger square, and how much the primary beam lets through at each pixel.
import { powerOfTwoFrom } from "#base/image";
import { primaryBeamPower } from "#sky/instrument";
import type { SkyConfig } from "./field-config.ts";

/** Pixels of the sky around the image, at least: sources there shine into it. */
const LEAST_PADDING = 32;

/** A field image within the square that is transformed. */
export interface FieldGeometry {
  readonly fieldSize: number;
  readonly pixelScaleDeg: number;
  /** Side of the square, a power of two. */
  readonly gridSize: number;
  /** Pixel [0, 0] of the image is pixel [padding, padding] of the square. */
  readonly padding: number;
  /** Power of the primary beam at a pixel of the image, or beyond it. */
  powerAt(x: number, y: number): number;
}

/** The geometry of a sky's fields; the same for all. */
export function fieldGeometryOf(config: SkyConfig): FieldGeometry {
  const { fieldSize, pixelScaleDeg, primaryBeamFwhmDeg, pointingOffsetDeg } = config;
  const gridSize = powerOfTwoFrom(fieldSize + 2 * LEAST_PADDING);
  const centre = (fieldSize - 1) / 2;
  const [pointingX, pointingY] = pointingOffsetDeg.map((offset) => centre + offset / pixelScaleDeg) as [number, number]; // two axes in, two out
  return {
    fieldSize,
    pixelScaleDeg,
    gridSize,
    padding: Math.floor((gridSize - fieldSize) / 2),
    powerAt: (x, y) => primaryBeamPower(Math.hypot(x - pointingX, y - pointingY) * pixelScaleDeg, primaryBeamFwhmDeg),
  };
}

/** Whether a position falls on one of the image's pixels. */
export function isInside({ x, y }: { readonly x: number; readonly y: number }, fieldSize: number): boolean {
  return x >= -0.5 && y >= -0.5 && x < fieldSize - 0.5 && y < fieldSize - 0.5;
}
