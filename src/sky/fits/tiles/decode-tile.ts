// One tile of a compressed image: the bytes that a row of the table holds or points at, to numbers.
import { reversedNumbers } from "../big-endian.ts";
import {
  decodeHcompress,
  decodePlio,
  decodeRice,
  gunzipTile,
  type Inflate,
  type RiceForm,
  TileMemory,
  type TileShape,
  undither,
} from "../compression/index.ts";
import { FitsError } from "../fits-error.ts";
import type { Bitpix } from "../image-layout.ts";
import { storedNumbers } from "../pixels.ts";
import type { CompressionMethod, TileCoding } from "./tile-coding.ts";
import type { TilePlace } from "./tile-grid.ts";

/** What a row of the table says of its tile. Bytes are empty where a column is missing or its array is. */
export interface StoredTile {
  /** COMPRESSED_DATA; GZIP_COMPRESSED_DATA; UNCOMPRESSED_DATA; NULL_PIXEL_MASK. */
  readonly compressed: Uint8Array;
  readonly gzipped: Uint8Array;
  readonly uncompressed: Uint8Array;
  readonly mask: Uint8Array;
  /** ZSCALE, ZZERO and ZBLANK, of columns or keywords. */
  readonly scale: number | undefined;
  readonly zero: number | undefined;
  readonly blank: number | undefined;
}

/** Numbers of a tile, and whether they are those of the image's BITPIX or floats that were quantised. 64-bit integers are pairs of halves, the low one first. */
export type TileNumbers = Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** What tiles are decoded with. */
export interface TileTools {
  readonly inflate: Inflate;
  /** May hold the numbers of the tile decoded last. */
  readonly memory: TileMemory;
}

/**
 * The numbers of a tile, in the order of its pixels, before BSCALE, BZERO and BLANK; quantised floats are put into `floats`, where given,
 * which is then what is returned, unless there is a mask. Throws FitsError, beginning with `where`, where the
 * bytes are not what the header says.
 */
export function decodeTile(stored: StoredTile, task: TileTask & { readonly floats?: Float32Array | undefined }): TileNumbers {
  const numbers = tileNumbers(stored, task, task.floats);
  const { maskMethod } = task.coding;
  if (stored.mask.length === 0 || maskMethod === undefined) return numbers;
  const apart = { ...task, memory: new TileMemory() };
  return masked(numbers, integersOf(maskMethod, stored.mask, apart, 8), task);
}

/** One tile. `where` begins the messages. */
export interface TileTask extends TileTools {
  readonly place: TilePlace;
  readonly coding: TileCoding;
  readonly where: string;
}

function tileNumbers(stored: StoredTile, task: TileTask, floats: Float32Array | undefined): TileNumbers {
  const { place, coding, where } = task;
  const { bitpix, method, quantisation } = coding;
  if (stored.compressed.length > 0) {
    if (quantisation === undefined || stored.scale === undefined) {
      if (bitpix > 0 || method.startsWith("GZIP") || method === "NOCOMPRESS") {
        return integersOf(method, stored.compressed, task, bitpix);
      }
      throw new FitsError(`${where}: ${method}: expected ZSCALE and ZZERO for its floats, got none. The file is damaged.`);
    }
    const integers = integersOf(method, stored.compressed, task, 32) as Int32Array; // what 32 asks for
    const { scale, zero = 0, blank } = stored;
    const { ditherSeed } = coding;
    const form = { method: quantisation, scale, zero, blank, ditherSeed, tile: place.index };
    return undither(integers, form, floats, task.memory.kernels);
  }
  if (stored.gzipped.length > 0) return integersOf("GZIP_1", stored.gzipped, task, bitpix);
  if (stored.uncompressed.length > 0) return integersOf("NOCOMPRESS", stored.uncompressed, task, bitpix);
  throw new FitsError(`${where}: expected the data of ${place.numPixels} pixels, got none. The file is damaged.`);
}

/** The numbers that a method packed; `bitpix` is theirs: for quantised floats 32. */
function integersOf(method: CompressionMethod, bytes: Uint8Array, task: TileTask, bitpix: Bitpix): TileNumbers {
  const { place, coding, inflate, memory, where } = task;
  const { numPixels } = place;
  if (method === "RICE_1") {
    // What RICE_1 does not know is refused by its decoder.
    const form = { bytesPerPixel: coding.bytesPerPixel as RiceForm["bytesPerPixel"], blockSize: coding.blockSize };
    return decodeRice(bytes, numPixels, form, where, memory);
  }
  if (method === "HCOMPRESS_1") return decodeHcompress(bytes, hcompressShape(place), where);
  if (method === "PLIO_1") return decodePlio(bytes, numPixels, where);
  const bytesPerPixel = Math.abs(bitpix) / 8;
  if (method === "NOCOMPRESS") return plainNumbers(bytes, numPixels, bitpix, where);
  const content = gunzipTile(bytes, { method, numPixels, bytesPerPixel }, inflate, where);
  return storedNumbers(reversedNumbers(content, bytesPerPixel), bitpix);
}

function plainNumbers(bytes: Uint8Array, numPixels: number, bitpix: Bitpix, where: string): TileNumbers {
  const wanted = (numPixels * Math.abs(bitpix)) / 8;
  if (bytes.length === wanted) return storedNumbers(reversedNumbers(bytes, Math.abs(bitpix) / 8), bitpix);
  throw new FitsError(
    `${where}: expected ${wanted} bytes for ${numPixels} pixels that are not compressed, got ${bytes.length}. The file is damaged.`,
  );
}

/** HCOMPRESS_1 packs pictures: axes of length 1 do not count, all others above the first are rows. */
function hcompressShape({ sizes, numPixels }: TilePlace): TileShape {
  const width = sizes.find((size) => size > 1) ?? 1;
  return { height: numPixels / width, width };
}

/** Pixels whose mask is not 0 have no value. */
function masked(numbers: TileNumbers, mask: TileNumbers, { coding: { bitpix }, where }: TileTask): TileNumbers {
  if (mask.length !== numbers.length) {
    throw new FitsError(
      `${where}: the mask of ${mask.length} pixels does not fit the tile of ${numbers.length}. The file is damaged.`,
    );
  }
  const values = bitpix === -64 ? Float64Array.from(numbers) : Float32Array.from(numbers);
  for (let index = 0; index < values.length; index++) if (mask[index] !== 0) values[index] = Number.NaN;
  return values;
}
