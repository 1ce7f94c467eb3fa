// The tiles of a compressed image, found by a plain reading of its binary table, so that the codecs are tested on real bytes alone.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type FitsHeader, parseHeader } from "#sky/fits";
import {
  bigEndianIntegers,
  type DitherMethod,
  decodeHcompress,
  decodePlio,
  decodeRice,
  gunzipTile,
  type Inflate,
  undither,
} from "../../../src/sky/fits/compression/index.ts";

/** Node's gunzip, bounded. */
export const inflate: Inflate = (bytes, mostBytes) => gunzipSync(bytes, { maxOutputLength: Math.max(1, mostBytes) });

const COLUMN_BYTES: Readonly<Record<string, number>> = { "1PB": 8, "1PI": 8, "1PJ": 8, "1QB": 16, "1D": 8, "1J": 4 };

/** A row of the table: byte strings and numbers by column. */
interface TileRow {
  readonly bytes: (column: string) => Uint8Array;
  readonly number: (column: string) => number | undefined;
}

interface CompressedImage {
  readonly header: FitsHeader;
  readonly rows: readonly TileRow[];
}

/** The first tile-compressed image of a file. */
export function compressedImage(path: string): CompressedImage {
  const file = readFileSync(path);
  for (let start = 0; start < file.length; ) {
    const header = parseHeader(file.subarray(start), path, start);
    const data = start + header.byteLength;
    if (header.get("ZIMAGE") === true) return { header, rows: rowsOf(file.subarray(data), header) };
    const axes = Array.from({ length: header.number("NAXIS")! }, (_, index) => header.number(`NAXIS${index + 1}`)!);
    const size =
      axes.length === 0 ? 0 : axes.reduce((product, length) => product * length, Math.abs(header.number("BITPIX")!) / 8);
    start = data + Math.ceil((size + (header.number("PCOUNT") ?? 0)) / 2880) * 2880;
  }
  throw new Error(`${path}: no compressed image`);
}

function rowsOf(data: Buffer, header: FitsHeader): readonly TileRow[] {
  const rowLength = header.number("NAXIS1")!;
  const numRows = header.number("NAXIS2")!;
  const heap = header.number("THEAP") ?? rowLength * numRows;
  const columns = new Map<string, { readonly at: number; readonly elementBytes: number }>();
  let at = 0;
  for (let index = 1; index <= header.number("TFIELDS")!; index++) {
    const form = header.string(`TFORM${index}`)!.replace(/\(.*/, "").trim();
    columns.set(header.string(`TTYPE${index}`)!, { at, elementBytes: { B: 1, I: 2, J: 4 }[form.at(-1)!] ?? 8 });
    const size = COLUMN_BYTES[form];
    if (size === undefined) throw new Error(`TFORM${index} ${form} is not in the table of this reader`);
    at += size;
  }
  return Array.from({ length: numRows }, (_, row) => ({
    bytes: (name) => {
      const column = columns.get(name);
      if (!column) return new Uint8Array(0);
      const descriptor = row * rowLength + column.at;
      const place = heap + data.readInt32BE(descriptor + 4);
      return data.subarray(place, place + data.readInt32BE(descriptor) * column.elementBytes);
    },
    number: (name) => {
      const column = columns.get(name);
      if (!column) return undefined;
      const place = row * rowLength + column.at;
      return column.elementBytes === 4 ? data.readInt32BE(place) : data.readDoubleBE(place);
    },
  }));
}

/** A whole 2-D image [height, width], by the codecs alone: stored values, without BSCALE and BZERO. */
export function decodeImage({ header, rows }: CompressedImage): {
  readonly height: number;
  readonly width: number;
  readonly pixels: Float64Array;
} {
  const [width, height] = [header.number("ZNAXIS1")!, header.number("ZNAXIS2") ?? 1];
  const [tileWidth, tileHeight] = [header.number("ZTILE1") ?? width, header.number("ZTILE2") ?? 1];
  const across = Math.ceil(width / tileWidth);
  const pixels = new Float64Array(height * width);
  rows.forEach((row, tile) => {
    const [y0, x0] = [Math.floor(tile / across) * tileHeight, (tile % across) * tileWidth];
    const shape = { height: Math.min(tileHeight, height - y0), width: Math.min(tileWidth, width - x0) };
    const values = decodeTile(header, row, tile, shape);
    values.forEach((value, index) => {
      pixels[(y0 + Math.floor(index / shape.width)) * width + x0 + (index % shape.width)] = value;
    });
  });
  return { height, width, pixels };
}

interface Shape {
  readonly height: number;
  readonly width: number;
}

function decodeTile(header: FitsHeader, row: TileRow, tile: number, shape: Shape): Int32Array | Float32Array | Float64Array {
  const numPixels = shape.height * shape.width;
  const bitpix = header.number("ZBITPIX")!;
  const fallback = row.bytes("GZIP_COMPRESSED_DATA");
  const method = header.string("ZCMPTYPE")!.trim();
  const scale = row.number("ZSCALE");
  const isQuantised = bitpix < 0 && scale !== undefined && fallback.length === 0;
  if (fallback.length > 0 || (bitpix < 0 && !isQuantised)) {
    const bytes = fallback.length > 0 ? fallback : row.bytes("COMPRESSED_DATA");
    const form = { method: method === "GZIP_2" && fallback.length === 0 ? ("GZIP_2" as const) : ("GZIP_1" as const), numPixels };
    return floatsOf(gunzipTile(bytes, { ...form, bytesPerPixel: Math.abs(bitpix) / 8 }, inflate, "tile"), bitpix);
  }
  const stored = integersOf(header, row.bytes("COMPRESSED_DATA"), shape, isQuantised ? 32 : bitpix);
  if (!isQuantised) return stored;
  return undither(stored, {
    method: (header.string("ZQUANTIZ")?.trim() ?? "NO_DITHER") as DitherMethod, // what the standard allows
    scale,
    zero: row.number("ZZERO")!,
    blank: row.number("ZBLANK") ?? header.number("ZBLANK"),
    ditherSeed: header.number("ZDITHER0") ?? 1,
    tile,
  });
}

function integersOf(header: FitsHeader, bytes: Uint8Array, shape: Shape, bits: number): Int32Array {
  const numPixels = shape.height * shape.width;
  const bytesPerPixel = (bits / 8) as 1 | 2 | 4; // 8, 16 and 32 are the integers that these files hold
  const method = header.string("ZCMPTYPE")!.trim();
  if (method === "RICE_1") {
    const parameter = (name: string) => [1, 2, 3].find((index) => header.string(`ZNAME${index}`)?.trim() === name);
    const blockSize = header.number(`ZVAL${parameter("BLOCKSIZE")}`) ?? 32;
    const riceBytes = (header.number(`ZVAL${parameter("BYTEPIX")}`) ?? 4) as 1 | 2 | 4; // what RICE_1 allows
    return decodeRice(bytes, numPixels, { bytesPerPixel: riceBytes, blockSize }, "tile");
  }
  if (method === "HCOMPRESS_1") return decodeHcompress(bytes, shape, "tile");
  if (method === "PLIO_1") return decodePlio(bytes, numPixels, "tile");
  return bigEndianIntegers(
    gunzipTile(bytes, { method: method as "GZIP_1" | "GZIP_2", numPixels, bytesPerPixel }, inflate, "tile"),
    bytesPerPixel,
  );
}

function floatsOf(bytes: Uint8Array, bitpix: number): Float32Array | Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bitpix === -64) return Float64Array.from({ length: bytes.length / 8 }, (_, index) => view.getFloat64(8 * index));
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(4 * index));
}
