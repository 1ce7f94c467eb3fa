// How an image is divided into tiles, and where each tile's pixels lie (FITS standard 4.0, section 10.1).
import { FitsError } from "../fits-error.ts";
import type { FitsHeader } from "../header.ts";
import { axesOf, wholeNumber } from "../image-layout.ts";

/** Axes of an image and of its tiles, fastest first. The last tile of an axis may be shorter. */
export interface TileGrid {
  readonly axes: readonly number[];
  readonly tileSizes: readonly number[];
  readonly tilesPerAxis: readonly number[];
  readonly numTiles: number;
}

/** One tile: its first pixel and its sizes, fastest axis first. */
export interface TilePlace {
  readonly index: number;
  readonly origin: readonly number[];
  readonly sizes: readonly number[];
  readonly numPixels: number;
}

/**
 * The grid of a tile-compressed image; `header` is the table's, `imageHeader` the image's. Where no ZTILEn is given a tile is one row.
 * Throws FitsError, beginning with `where`, for a tile of no pixels.
 */
export function tileGrid(header: FitsHeader, imageHeader: FitsHeader, where: string): TileGrid {
  const axes = axesOf(imageHeader, where);
  const tileSizes = axes.map((size, index) => {
    const keyword = `ZTILE${index + 1}`;
    if (header.get(keyword) === undefined) return index === 0 ? size : 1;
    const tileSize = wholeNumber(header, keyword, where);
    if (tileSize > 0) return Math.min(tileSize, size);
    throw new FitsError(`${where}: ${keyword}: expected at least 1 pixel, got 0.`);
  });
  const tilesPerAxis = axes.map((size, index) => Math.ceil(size / tileSizes[index]!));
  return { axes, tileSizes, tilesPerAxis, numTiles: product(tilesPerAxis) };
}

export function product(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all * number, 1);
}

/** The tile of a number: tiles are counted as pixels are, along the fastest axis first. */
export function tilePlace({ axes, tileSizes, tilesPerAxis }: TileGrid, index: number): TilePlace {
  const origin: number[] = [];
  const sizes: number[] = [];
  let rest = index;
  axes.forEach((size, axis) => {
    const start = (rest % tilesPerAxis[axis]!) * tileSizes[axis]!;
    rest = Math.floor(rest / tilesPerAxis[axis]!);
    origin.push(start);
    sizes.push(Math.min(tileSizes[axis]!, size - start));
  });
  return { index, origin, sizes, numPixels: product(sizes) };
}

/** The place of a tile's first pixel among the image's. */
export function firstPixelOf(grid: TileGrid, { origin }: TilePlace): number {
  return pixelAt(grid, (axis) => origin[axis]!);
}

function pixelAt({ axes }: TileGrid, place: (axis: number) => number): number {
  return axes.reduceRight((slower, size, axis) => slower * size + place(axis), 0);
}

/** The tiles that hold pixels of a run of the image's pixels, in order, one at a time: an image may have millions. */
export function* tilesOfRun(grid: TileGrid, firstPixel: number, numPixels: number): Generator<TilePlace, void> {
  const { start, end } = tileSpan(grid, firstPixel, numPixels);
  const lastPixel = firstPixel + numPixels - 1;
  for (let index = start; index < end; index++) {
    const tile = tilePlace(grid, index);
    const last = pixelAt(grid, (axis) => tile.origin[axis]! + tile.sizes[axis]! - 1);
    if (last >= firstPixel && firstPixelOf(grid, tile) <= lastPixel) yield tile;
  }
}

/** Numbers of the tiles that may hold pixels of a run. */
export function tileSpan(
  grid: TileGrid,
  firstPixel: number,
  numPixels: number,
): { readonly start: number; readonly end: number } {
  // Along the slowest axis tiles are in the order of their pixels.
  const slowest = grid.axes.length - 1;
  const perStep = product(grid.tilesPerAxis.slice(0, slowest));
  const stepOf = (pixel: number) => Math.floor(pixel / product(grid.axes.slice(0, slowest)) / grid.tileSizes[slowest]!);
  return { start: stepOf(firstPixel) * perStep, end: (stepOf(firstPixel + numPixels - 1) + 1) * perStep };
}

/** A row of a tile along the fastest axis: its first pixel in the tile and in the image. */
export interface TileRow {
  readonly inTile: number;
  readonly inImage: number;
}

/** The rows of a tile, in order; each is `sizes[0]` pixels long. */
export function* tileRows({ axes }: TileGrid, { origin, sizes, numPixels }: TilePlace): Generator<TileRow> {
  const length = sizes[0]!;
  for (let inTile = 0; inTile < numPixels; inTile += length) {
    let rest = inTile / length;
    let inImage = origin[0]!;
    let stride = axes[0]!;
    for (let axis = 1; axis < axes.length; axis++) {
      inImage += stride * (origin[axis]! + (rest % sizes[axis]!));
      rest = Math.floor(rest / sizes[axis]!);
      stride *= axes[axis]!;
    }
    yield { inTile, inImage };
  }
}
