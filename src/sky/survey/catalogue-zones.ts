// Where a catalogue speaks: inside its footprint, outside the exclusion zones round bright sources, on pixels with a value.
import type { Source } from "#sky/catalogue";
import type { Wcs } from "#sky/fits";
import type { CropPlace } from "./tiling.ts";

/** A circle on the sky. */
export interface SkyCircle {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly radiusDeg: number;
}

/** What bounds a catalogue. */
export interface CatalogueZones {
  /** The catalogue looked inside these alone; none: everywhere. */
  readonly footprints: readonly SkyCircle[];
  /** It did not look inside these: neither their area nor their sources count. */
  readonly exclusions: readonly SkyCircle[];
}

export const NO_ZONES: CatalogueZones = { footprints: [], exclusions: [] };

/** Circles round the sources that are as bright as this or brighter (MGCLS: Knowles et al. 2022; paper section 2.3). */
export function exclusionsAround(
  sources: readonly Source[],
  { fluxJy, radiusArcmin }: { readonly fluxJy: number; readonly radiusArcmin: number },
): readonly SkyCircle[] {
  const bright = sources.filter((source) => source.fluxJy !== null && source.fluxJy >= fluxJy);
  return bright.map(({ raDeg, decDeg }) => ({ raDeg, decDeg, radiusDeg: radiusArcmin / 60 }));
}

/** A field's pixels: 1 where the catalogue speaks. */
export interface ZoneMask {
  readonly height: number;
  readonly width: number;
  readonly isInside: Uint8Array;
}

/**
 * The mask of a field; undefined where no zone cuts into it. Circles on the sky are taken for circles of pixels, which is true to a
 * thousandth of their radius within two degrees of a SIN or TAN field's centre.
 */
export function zoneMask(
  { height, width, wcs }: { readonly height: number; readonly width: number; readonly wcs: Wcs },
  { footprints, exclusions }: CatalogueZones,
): ZoneMask | undefined {
  const excluded = exclusions.flatMap((circle) => discOf(circle, wcs) ?? []).filter((disc) => reaches(disc, height, width));
  if (footprints.length === 0 && excluded.length === 0) return undefined;
  const mask = { height, width, isInside: new Uint8Array(height * width).fill(footprints.length === 0 ? 1 : 0) };
  for (const circle of footprints) {
    const disc = discOf(circle, wcs);
    if (disc) paint(mask, disc, 1);
  }
  for (const disc of excluded) paint(mask, disc, 0);
  return mask;
}

interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

function discOf({ raDeg, decDeg, radiusDeg }: SkyCircle, wcs: Wcs): Disc | undefined {
  const centre = wcs.skyToPixel(raDeg, decDeg);
  return centre && { ...centre, radius: radiusDeg / wcs.pixelScaleDeg };
}

function reaches({ x, y, radius }: Disc, height: number, width: number): boolean {
  return x + radius >= 0 && y + radius >= 0 && x - radius <= width - 1 && y - radius <= height - 1;
}

/** Sets the pixels whose centres lie in the disc. */
function paint({ height, width, isInside }: ZoneMask, { x, y, radius }: Disc, value: 0 | 1): void {
  for (let row = Math.max(0, Math.ceil(y - radius)); row <= Math.min(height - 1, Math.floor(y + radius)); row++) {
    const half = Math.sqrt(Math.max(0, radius * radius - (row - y) ** 2));
    const from = Math.max(0, Math.ceil(x - half));
    const to = Math.min(width - 1, Math.floor(x + half));
    if (to >= from) isInside.fill(value, row * width + from, row * width + to + 1);
  }
}

/** Whether a position, in pixels, lies on a pixel of the mask that is inside. */
export function isInZone(mask: ZoneMask | undefined, x: number, y: number): boolean {
  return mask === undefined || mask.isInside[Math.round(y) * mask.width + Math.round(x)] === 1;
}

/** Fraction of each crop that the mask has inside and that has a value; `pixels` are looked at where some crop has NaN. */
export function coverageOf(
  mask: ZoneMask | undefined,
  places: readonly CropPlace[],
  cropSize: number,
  pixels: { readonly width: number; readonly pixels: Float32Array } | undefined,
): readonly number[] {
  if (mask === undefined && pixels === undefined) return places.map(() => 1);
  const width = (mask ?? pixels)!.width;
  return places.map(({ y0, x0 }) => {
    let count = 0;
    for (let row = y0; row < y0 + cropSize; row++) {
      for (let index = row * width + x0; index < row * width + x0 + cropSize; index++) {
        if (mask?.isInside[index] === 0 || (pixels && !Number.isFinite(pixels.pixels[index]))) continue;
        count += 1;
      }
    }
    return count / (cropSize * cropSize);
  });
}
