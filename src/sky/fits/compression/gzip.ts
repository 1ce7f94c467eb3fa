// GZIP_1 and GZIP_2 tiles: numbers deflated as they stand, or with their bytes sorted by significance (FITS standard 4.0, section 10.4.2).
import { FitsError } from "../fits-error.ts";

/** Bytes of a whole gzip stream in, its content out; content longer than `mostBytes` is an error, so that no bomb goes off. */
export type Inflate = (bytes: Uint8Array, mostBytes: number) => Uint8Array;

/** What a gzip tile holds. */
export interface GzipForm {
  readonly method: "GZIP_1" | "GZIP_2";
  readonly numPixels: number;
  /** Bytes of a stored number: those of BITPIX, 4 for quantised floats. */
  readonly bytesPerPixel: number;
}

/** The big-endian numbers of a tile, as an uncompressed FITS image holds them. Throws FitsError where they are too few or too many. */
export function gunzipTile(bytes: Uint8Array, form: GzipForm, inflate: Inflate, where: string): Uint8Array {
  const { method, numPixels, bytesPerPixel } = form;
  const wanted = numPixels * bytesPerPixel;
  const content = inflated(bytes, wanted, method, inflate, where);
  if (content.length !== wanted) {
    throw new FitsError(
      `${where}: ${method}: expected ${wanted} bytes (${numPixels} pixels of ${bytesPerPixel}), got ${content.length}. The file is damaged.`,
    );
  }
  return method === "GZIP_2" ? unshuffle(content, bytesPerPixel) : content;
}

function inflated(bytes: Uint8Array, wanted: number, method: string, inflate: Inflate, where: string): Uint8Array {
  try {
    return inflate(bytes, wanted);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FitsError(
      `${where}: ${method}: the gzip stream cannot be unpacked to ${wanted} bytes: ${reason}. The file is damaged.`,
      {
        cause: error,
      },
    );
  }
}

/** Numbers again from all their highest bytes, then all their second ones, and so on. */
export function unshuffle(bytes: Uint8Array, bytesPerPixel: number): Uint8Array {
  const numPixels = bytes.length / bytesPerPixel;
  const out = new Uint8Array(bytes.length);
  for (let rank = 0; rank < bytesPerPixel; rank++) {
    const start = rank * numPixels;
    for (let index = 0, place = rank; index < numPixels; index++, place += bytesPerPixel) out[place] = bytes[start + index]!;
  }
  return out;
}

/** The inverse of `unshuffle`. */
export function shuffle(bytes: Uint8Array, bytesPerPixel: number): Uint8Array {
  const numPixels = bytes.length / bytesPerPixel;
  const out = new Uint8Array(bytes.length);
  for (let rank = 0; rank < bytesPerPixel; rank++) {
    const start = rank * numPixels;
    for (let index = 0, place = rank; index < numPixels; index++, place += bytesPerPixel) out[start + index] = bytes[place]!;
  }
  return out;
}

/** Big-endian integers of 1 (unsigned), 2 or 4 bytes (signed). */
export function bigEndianIntegers(bytes: Uint8Array, bytesPerPixel: 1 | 2 | 4): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = {
    1: (byte: number) => view.getUint8(byte),
    2: (byte: number) => view.getInt16(byte),
    4: (byte: number) => view.getInt32(byte),
  };
  const readNumber = read[bytesPerPixel];
  return Int32Array.from({ length: Math.floor(bytes.length / bytesPerPixel) }, (_, index) => readNumber(index * bytesPerPixel));
}
