// Tile-compressed images: the rows of their table, the tiles in its heap, and pixels from them (FITS standard 4.0, section 10).
import type { Hash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { FileFacts, Reading } from "../byte-reading.ts";
import { type Inflate, TileMemory, tileKernels } from "../compression/index.ts";
import { FitsError } from "../fits-error.ts";
import { type NumberStorage, storageOf } from "../image-layout.ts";
import { decodeNumbers, decodePairs, type PixelArray, scaleInPlace } from "../pixels.ts";
import { HeapWindow, wholeBytes } from "../table/heap-window.ts";
import { decodeTile, type StoredTile, type TileNumbers } from "../tiles/decode-tile.ts";
import { type TileCoding, tileCoding } from "../tiles/tile-coding.ts";
import {
  firstPixelOf,
  product,
  type TileGrid,
  type TilePlace,
  tileGrid,
  tileRows,
  tileSpan,
  tilesOfRun,
} from "../tiles/tile-grid.ts";
import { type TileRecord, type TileTable, tileRecord, tileTable } from "../tiles/tile-table.ts";
import type { FitsUnit } from "../unit.ts";
import type { OnFilled } from "./plain-pixels.ts";

/** Images of this many pixels are made whatever their file's size; larger ones must have at least a byte for every MOST_PIXELS_PER_BYTE. */
const ROOM_PIXELS = 2 ** 26;
const MOST_PIXELS_PER_BYTE = 4096;
/** No method makes tiles so much longer than their pixels. */
const GREATEST_GROWTH = 4;
const SMALL_TILE = 4096;

const inflate: Inflate = (bytes, mostBytes) => gunzipSync(bytes, { maxOutputLength: Math.max(1, mostBytes) });

/** A compressed image, and what its pixels are read by. */
interface TiledImage {
  readonly path: string;
  readonly unit: FitsUnit;
  readonly grid: TileGrid;
  readonly coding: TileCoding;
  readonly storage: NumberStorage;
  readonly table: TileTable;
  readonly hash: Hash;
}

/**
 * How the pixels of a compressed image, from number `firstPixel` on, are read. Only the tiles that hold them are read, and hashed: their
 * rows, then their data. Throws FitsError for a table that is no compressed image.
 */
export function tiledImage(file: FileFacts, unit: FitsUnit, firstPixel: number, hash: Hash) {
  const { path } = file;
  const grid = tileGrid(unit.header, unit.imageHeader, path);
  const table = tileTable(unit, path);
  if (table.layout.numRows !== grid.numTiles) {
    throw new FitsError(
      `${path}: NAXIS2: expected ${grid.numTiles} rows, one for each tile of [${grid.tileSizes}] in [${grid.axes}], got ${table.layout.numRows}.`,
      { file: path },
    );
  }
  // The largest tile: it may reach beyond the plane that is asked for.
  requireRoom(path, product(grid.tileSizes), unit.dataLength);
  const storage = integerBlank(storageOf(unit.imageHeader, path), unit);
  const image: TiledImage = { path, unit, grid, coding: tileCoding(unit.header, unit.imageHeader, path), storage, table, hash };
  return {
    requireRoom: (numPixels: number) => requireRoom(path, numPixels, unit.dataLength),
    fill: (pixels: PixelArray, onFilled: OnFilled = () => {}) => tiledPixels(image, firstPixel, pixels, onFilled),
  };
}

/** Integer images may have ZBLANK for BLANK. */
function integerBlank(storage: NumberStorage, { header }: FitsUnit): NumberStorage {
  const blank = header.get("ZBLANK");
  if (storage.bitpix < 0 || storage.blank !== undefined || typeof blank !== "number" || !Number.isInteger(blank)) return storage;
  return { ...storage, blank: BigInt(blank) };
}

function requireRoom(path: string, numPixels: number, numBytes: number): void {
  if (numPixels <= Math.max(ROOM_PIXELS, MOST_PIXELS_PER_BYTE * numBytes)) return;
  throw new FitsError(
    `${path}: ${numPixels} pixels cannot come from ${numBytes} bytes of compressed data. The file is damaged.`,
    {
      file: path,
    },
  );
}

function* tiledPixels(image: TiledImage, firstPixel: number, pixels: PixelArray, onFilled: OnFilled): Reading<void> {
  const { path, unit, grid, table, hash, coding } = image;
  const { rowLength, heapStart } = table.layout;
  const { start: first, end } = tileSpan(grid, firstPixel, pixels.length);
  const rows = yield* wholeBytes(path, unit.dataStart + first * rowLength, (end - first) * rowLength);
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  const heap = new HeapWindow(path, unit.dataStart + heapStart, table.layout.heapLength);
  const memory = new TileMemory(tileKernels());
  const places = tilesOfRun(grid, firstPixel, pixels.length);
  for (let place = places.next().value; place !== undefined; ) {
    const where = `${path}: tile ${place.index + 1} of ${grid.numTiles}`;
    const rowStart = (place.index - first) * rowLength;
    hash.update(rows.subarray(rowStart, rowStart + rowLength));
    const record = tileRecord(table, view, rowStart, where);
    requireTileLength(record, place, where);
    const stored = yield* storedTile(heap, record);
    for (const bytes of [stored.compressed, stored.gzipped, stored.uncompressed, stored.mask]) {
      if (bytes.length > 0) hash.update(bytes);
    }
    const start = firstPixelOf(grid, place) - firstPixel;
    const floats =
      isOneRow(place) && pixels instanceof Float32Array ? pixels.subarray(start, start + place.numPixels) : undefined;
    const numbers = decodeTile(stored, { place, coding, where, inflate, memory, floats });
    if (numbers === floats) scaleInPlace(floats, image.storage);
    else putTile(image, place, numbers, firstPixel, pixels);
    // Tiles are in the order of their first pixels: all pixels before the next tile's are there.
    const next = places.next().value;
    onFilled(next === undefined ? pixels.length : Math.max(0, firstPixelOf(grid, next) - firstPixel));
    place = next;
  }
}

function requireTileLength({ spans }: TileRecord, { numPixels }: TilePlace, where: string): void {
  for (const span of Object.values(spans)) {
    if (span === undefined || span.byteLength <= GREATEST_GROWTH * 8 * numPixels + SMALL_TILE) continue;
    throw new FitsError(`${where}: ${span.byteLength} bytes are too many for ${numPixels} pixels. The file is damaged.`);
  }
}

function* storedTile(heap: HeapWindow, { spans, scale, zero, blank }: TileRecord): Reading<StoredTile> {
  return {
    compressed: yield* heap.bytes(spans.compressed),
    gzipped: yield* heap.bytes(spans.gzipped),
    uncompressed: yield* heap.bytes(spans.uncompressed),
    mask: yield* heap.bytes(spans.mask),
    scale,
    zero,
    blank,
  };
}

/** Rows are what tiles are by default. Their pixels can be decoded to where they belong. */
const isOneRow = ({ numPixels, sizes }: TilePlace) => numPixels === sizes[0];

/** Copies the rows of a tile that belong to the run of pixels, scaled. */
function putTile({ grid, storage }: TiledImage, place: TilePlace, numbers: TileNumbers, firstPixel: number, pixels: PixelArray) {
  const width = place.sizes[0]!;
  // 64-bit integers come as pairs of halves.
  const perPixel = numbers.length / place.numPixels;
  const put = perPixel === 2 ? decodePairs : decodeNumbers;
  for (const { inTile, inImage } of tileRows(grid, place)) {
    const start = inImage - firstPixel;
    if (start < 0 || start + width > pixels.length) continue;
    put(numbers.subarray(inTile * perPixel, (inTile + width) * perPixel), storage, pixels, start);
  }
}
