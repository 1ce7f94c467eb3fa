// Writing FITS images, atomically.
import { writeFileAtomically } from "#base/files/disk";
import type { Card } from "../card.ts";
import { FitsError } from "../fits-error.ts";
import { BLOCK_LENGTH, formatHeader } from "../header.ts";

/** An image to write: pixels [height, width] row-major with FITS's first row first, and the header's other cards. */
export interface ImageToWrite {
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
  /** All but the cards that describe the data: SIMPLE, BITPIX, NAXIS, NAXIS1 and NAXIS2 are written from the sizes. */
  readonly cards: readonly Card[];
}

const WRITTEN_FROM_SIZES = /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|EXTEND|BSCALE|BZERO|BLANK|END)$/;

/**
 * Write a 2-D float32 FITS image, atomically. Throws FitsError where the number of pixels is not height x width, or a card says
 * how the data are stored.
 */
export function writeFieldImage(path: string, image: ImageToWrite): void {
  const { pixels, height, width } = image;
  if (pixels.length !== height * width) {
    throw new FitsError(`${path}: expected ${height * width} pixels for ${height} x ${width}, got ${pixels.length}.`, {
      file: path,
    });
  }
  const own = image.cards.find((card) => WRITTEN_FROM_SIZES.test(card.keyword));
  if (own)
    throw new FitsError(`${path}: the card ${own.keyword} is written from the image's size. Leave it out.`, { file: path });
  const structure: readonly Card[] = [
    { keyword: "SIMPLE", value: true, comment: "conforms to the FITS standard" },
    { keyword: "BITPIX", value: -32, comment: "32-bit floating point" },
    { keyword: "NAXIS", value: 2 },
    { keyword: "NAXIS1", value: width },
    { keyword: "NAXIS2", value: height },
  ];
  writeFileAtomically(path, [formatHeader([...structure, ...image.cards]), ...dataBlocks(pixels)]);
}

/** Big-endian pixels and the padding to a whole block. */
function dataBlocks(pixels: Float32Array): readonly Uint8Array[] {
  const data = Buffer.from(pixels.slice().buffer).swap32();
  const padding = new Uint8Array((BLOCK_LENGTH - (data.length % BLOCK_LENGTH)) % BLOCK_LENGTH);
  return [data, padding];
}
