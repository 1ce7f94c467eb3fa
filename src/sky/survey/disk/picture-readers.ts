// A picture's bytes to an image, whatever file it is.
import { parsePng } from "#base/files";
import { sha256Of } from "#base/files/disk";
import type { Image } from "#base/image";
import { type ReadOptions, readFieldImage } from "#sky/fits/disk";
import { MIRABEST_SIZE, miraBestPicture } from "../mirabest.ts";
import type { ReadPicture } from "./take-picture.ts";

/** Rec. 601's weights of red, green and blue: what PIL's grey is. */
const LUMA = [0.299, 0.587, 0.114] as const;

/** A PNG as an image; of colours their brightness, without alpha. Throws FileFormatError, naming `file`. */
export function pngPicture(bytes: Uint8Array, file: string): ReadPicture {
  const { height, width, channels, data } = parsePng(bytes, file);
  const pixels = channels === 1 ? Float32Array.from(data) : brightness(data, channels);
  return { image: { height, width, pixels }, sha256: sha256Of(bytes), whiteValue: data instanceof Uint16Array ? 65535 : 255 };
}

/** Of [pixels, channels]: the first channel of grey and alpha, the weighted sum of red, green and blue. */
function brightness(data: Uint8Array | Uint16Array, channels: number): Float32Array {
  const [red, green, blue] = LUMA;
  return Float32Array.from({ length: data.length / channels }, (_, pixel) => {
    const first = pixel * channels;
    return channels < 3 ? data[first]! : red * data[first]! + green * data[first + 1]! + blue * data[first + 2]!;
  });
}

/** Which plane of which unit of a FITS file. */
export type FitsChoice = Pick<ReadOptions, "plane" | "hdu">;

/** One plane of a FITS image, in its unit, with its beam and its place on the sky. Throws FitsError. */
export function fitsPicture(path: string, choice: FitsChoice): ReadPicture {
  const { height, width, pixels, sha256, wcs, beam, pixelScaleDeg, fluxUnit } = readFieldImage(path, choice);
  return {
    ...{ image: { height, width, pixels }, sha256, fluxUnit },
    ...(wcs === undefined ? {} : { wcs }),
    field: {
      pixelScaleDeg: pixelScaleDeg ?? null,
      beamMajorDeg: beam?.majorDeg ?? null,
      beamMinorDeg: beam?.minorDeg ?? null,
      beamPositionAngleDeg: beam?.positionAngleDeg ?? null,
    },
  };
}

/**
 * The picture that MiraBest would make of a FITS picture, in the middle of an image as large as before, so that its place on the sky
 * stays what it was. Throws Error, naming `file`, where `miraBestPicture` throws.
 */
export function asMiraBest({ fluxUnit: _, ...read }: ReadPicture, file: string): ReadPicture {
  const { height, width } = read.image;
  const pixels = new Float32Array(height * width);
  const [top, left] = [(height - MIRABEST_SIZE) / 2, (width - MIRABEST_SIZE) / 2];
  const picture = miraBestOf(read.image, file);
  for (let row = 0; row < MIRABEST_SIZE; row++) {
    pixels.set(picture.subarray(row * MIRABEST_SIZE, (row + 1) * MIRABEST_SIZE), (top + row) * width + left);
  }
  return { ...read, image: { height, width, pixels }, whiteValue: 255 };
}

function miraBestOf(image: Image, file: string): Uint8Array {
  try {
    return miraBestPicture(image);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Error(`${file}: ${error.message}`, { cause: error });
  }
}
