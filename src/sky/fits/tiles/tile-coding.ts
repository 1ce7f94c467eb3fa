// How a tile-compressed image is coded: ZCMPTYPE, ZNAMEn, ZVALn, ZQUANTIZ, ZDITHER0 (FITS standard 4.0, section 10.1 and 10.2).
import type { DitherMethod } from "../compression/index.ts";
import { FitsError } from "../fits-error.ts";
import type { FitsHeader } from "../header.ts";
import { type Bitpix, bitpixOf, wholeNumber } from "../image-layout.ts";

/** The methods of ZCMPTYPE. */
export type CompressionMethod = "RICE_1" | "GZIP_1" | "GZIP_2" | "HCOMPRESS_1" | "PLIO_1" | "NOCOMPRESS";

/** All that a tile is decoded by, the same for all tiles of an image. */
export interface TileCoding {
  readonly method: CompressionMethod;
  /** Of the image. */
  readonly bitpix: Bitpix;
  /** RICE_1: bytes of its integers, and how many share a split. */
  readonly bytesPerPixel: number;
  readonly blockSize: number;
  /** Floats as integers; undefined for integer images, and for floats that are kept as they are. */
  readonly quantisation: DitherMethod | undefined;
  readonly ditherSeed: number;
  /** ZMASKCMP: how the masks of pixels without a value are packed. */
  readonly maskMethod: CompressionMethod | undefined;
}

const METHODS: Readonly<Record<string, CompressionMethod>> = {
  RICE_1: "RICE_1",
  RICE_ONE: "RICE_1", // an older name (cfitsio)
  GZIP_1: "GZIP_1",
  GZIP_2: "GZIP_2",
  HCOMPRESS_1: "HCOMPRESS_1",
  PLIO_1: "PLIO_1",
  NOCOMPRESS: "NOCOMPRESS",
};

const QUANTISATIONS: Readonly<Record<string, DitherMethod | "NONE">> = {
  NO_DITHER: "NO_DITHER",
  SUBTRACTIVE_DITHER_1: "SUBTRACTIVE_DITHER_1",
  SUBTRACTIVE_DITHER_2: "SUBTRACTIVE_DITHER_2",
  NONE: "NONE",
};

/** The coding of an image; `header` is the table's. Throws FitsError, beginning with `where`, for a method that the standard does not have, and a dither seed that is no whole number. */
export function tileCoding(header: FitsHeader, imageHeader: FitsHeader, where: string): TileCoding {
  const bitpix = bitpixOf(imageHeader, where);
  const quantisation = header.get("ZQUANTIZ") === undefined ? "NO_DITHER" : known(header, "ZQUANTIZ", QUANTISATIONS, where);
  return {
    method: known(header, "ZCMPTYPE", METHODS, where),
    bitpix,
    bytesPerPixel: parameter(header, "BYTEPIX") ?? 4,
    blockSize: parameter(header, "BLOCKSIZE") ?? 32,
    quantisation: bitpix > 0 || quantisation === "NONE" ? undefined : quantisation,
    ditherSeed: header.get("ZDITHER0") === undefined ? 1 : wholeNumber(header, "ZDITHER0", where),
    maskMethod: header.get("ZMASKCMP") === undefined ? undefined : known(header, "ZMASKCMP", METHODS, where),
  };
}

/** HCOMPRESS_1 may ask that the decoded image be smoothed; that is not done. */
export function codingWarnings(header: FitsHeader): readonly string[] {
  return parameter(header, "SMOOTH") ? ["HCOMPRESS_1 asks for smoothing (SMOOTH), which is not done."] : [];
}

function known<Name extends string>(
  header: FitsHeader,
  keyword: string,
  names: Readonly<Record<string, Name>>,
  where: string,
): Name {
  const value = header.get(keyword);
  const word = typeof value === "string" ? value.trim() : undefined;
  if (word !== undefined && Object.hasOwn(names, word)) return names[word]!;
  const got = value === undefined ? "no such card" : JSON.stringify(word ?? String(value));
  throw new FitsError(`${where}: ${keyword}: expected one of ${Object.keys(names).join(", ")}, got ${got}.`, { file: where });
}

/** The value that belongs to a ZNAMEn. */
function parameter(header: FitsHeader, name: string): number | undefined {
  const found = header.cards.find((card) => /^ZNAME\d+$/.test(card.keyword) && String(card.value).trim() === name);
  return found && header.number(found.keyword.replace("ZNAME", "ZVAL"));
}
