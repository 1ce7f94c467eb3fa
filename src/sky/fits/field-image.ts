// One plane of a field image with what its header says of it.
import { type Beam, beamOf, fluxUnitOf } from "./beam.ts";
import type { FitsHeader } from "./header.ts";
import { pixelScaleDegOf, type Wcs, wcsOf } from "./wcs.ts";

/** One plane [height, width] of a field image, in physical values (BSCALE and BZERO applied), NaN where the file has none. */
export interface FieldImage {
  /** The file's name without folder and ending. */
  readonly name: string;
  readonly file: string;
  /** Row-major; row 0 is FITS's first row. */
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
  /** Which plane of how many, counted from 0 over all axes above the image's two. */
  readonly plane: number;
  readonly numPlanes: number;
  /** The unit of the file that the image is in, counted from 0. */
  readonly hdu: number;
  /** Undefined where the header has none that is understood; `wcsProblem(header)` says why. */
  readonly wcs?: Wcs;
  readonly beam?: Beam;
  readonly pixelScaleDeg?: number;
  /** "Jy/beam" in one spelling, "arbitrary" where the header has no BUNIT. */
  readonly fluxUnit: string;
  readonly header: FitsHeader;
  /** SHA-256 (hex) of the bytes read: the image's header with its padding, then the plane as stored (compressed tiles as such); a file's gzip compression does not show. */
  readonly sha256: string;
  /** What was not as the standard says and was read all the same. */
  readonly warnings: readonly string[];
}

/** What a header says of an image, ready to be spread into a FieldImage. */
export function describedBy(header: FitsHeader): Pick<FieldImage, "wcs" | "beam" | "pixelScaleDeg" | "fluxUnit" | "header"> {
  const wcs = wcsOf(header);
  const beam = beamOf(header);
  const pixelScaleDeg = pixelScaleDegOf(header);
  return {
    header,
    fluxUnit: fluxUnitOf(header),
    ...(wcs ? { wcs } : {}),
    ...(beam ? { beam } : {}),
    ...(pixelScaleDeg === undefined ? {} : { pixelScaleDeg }),
  };
}

/** A field's name from its file: no folder, no .fits, .fit, .fts, .gz, .fz ending. */
export function fieldNameOf(path: string): string {
  const base = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return base.replace(/\.(gz|fz)$/i, "").replace(/\.(fits?|fts)$/i, "");
}
