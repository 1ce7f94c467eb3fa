// Which pictures show the same piece of sky, told from their pixels alone: shared islands propose a shift, correlation judges it.
import type { Image } from "#base/image";
import type { Island } from "./islands.ts";

/** Pixel (y, x) of the first picture shows the sky of pixel (y + dy, x + dx) of the second. */
export interface Shift {
  readonly dy: number;
  readonly dx: number;
}

/** Two pictures laid over each other. */
export interface Overlap extends Shift {
  /** Pearson correlation of log(1 + value) over the pixels that both show. */
  readonly correlation: number;
  /** Share of the first picture's area that the second shows too. */
  readonly sharedArea: number;
}

/** A shift that brings `sharedIslands` islands of two pictures together, and how far that is beyond chance (in sigma). */
export interface ProposedShift extends Shift {
  readonly sharedIslands: number;
  readonly significance: number;
}

/** Among the proposed shifts of RadioGalaxyNET unrelated pictures reach 0.23 and overlapping ones start at 0.61: between the two. */
export const OVERLAP_CORRELATION = 0.4;

/** Fainter islands are left out: they may lie below the other picture's noise. */
const MAX_ISLANDS = 150;
/** Side of a cell of the vote, in pixels. Two by two cells are counted together, so islands may be a cell apart. */
const CELL = 3;
export const MIN_SHARED_ISLANDS = 5;
/** Three unrelated pairs in forty pass, most of them with one crowded picture; they are then judged by their pixels. */
const MIN_SIGNIFICANCE = 6;
/** The proposed shift is the mean of several islands' shifts: it is right to within this many pixels. */
const SEARCH_RADIUS = 2;

/** Shifts of every island of one picture to every island of the other, counted by cells: a shared sky piles them up. */
export function shiftProposer(
  height: number,
  width: number,
): (first: readonly Island[], second: readonly Island[]) => ProposedShift | undefined {
  const rows = Math.ceil((2 * height) / CELL) + 1;
  const columns = Math.ceil((2 * width) / CELL) + 1;
  const votes = new Uint16Array(rows * columns);
  const chance = chancePerVote(rows, columns, { height, width });

  const rowStart = Int32Array.from({ length: 2 * height }, (_, index) => Math.floor(index / CELL) * columns);
  const columnOf = Int32Array.from({ length: 2 * width }, (_, index) => Math.floor(index / CELL));

  return (first, second) => {
    const ours = brightest(first);
    const theirs = brightest(second);
    votes.fill(0);
    // Tens of thousands of votes a pair: the inner loop reads plain numbers.
    const theirRows = Int32Array.from(theirs, ({ y }) => y + height);
    const theirColumns = Int32Array.from(theirs, ({ x }) => x + width);
    for (const { y, x } of ours) {
      for (let index = 0; index < theirRows.length; index++) {
        votes[rowStart[theirRows[index]! - y]! + columnOf[theirColumns[index]! - x]!]! += 1;
      }
    }
    const best = bestCell(votes, columns, (cell) => chance[cell]! * ours.length * theirs.length);
    if (best.count < MIN_SHARED_ISLANDS || best.significance < MIN_SIGNIFICANCE) return undefined;
    const firstRow = Math.floor(best.cell / columns) * CELL - height;
    const firstColumn = (best.cell % columns) * CELL - width;
    return { ...meanShift(ours, theirs, firstRow, firstColumn), sharedIslands: best.count, significance: best.significance };
  };
}

function brightest(islands: readonly Island[]): readonly Island[] {
  return islands.length <= MAX_ISLANDS ? islands : islands.toSorted((a, b) => b.peak - a.peak).slice(0, MAX_ISLANDS);
}

/** Share of the votes that two unrelated pictures give to the 2 x 2 cells from each cell on: in proportion to the area they share. */
function chancePerVote(
  rows: number,
  columns: number,
  { height, width }: { readonly height: number; readonly width: number },
): Float64Array {
  const share = (index: number, length: number) =>
    Math.max(0, 1 - Math.abs((index + 1) * CELL - length) / length) * ((2 * CELL) / length);
  return Float64Array.from(
    { length: rows * columns },
    (_, cell) => share(Math.floor(cell / columns), height) * share(cell % columns, width),
  );
}

function bestCell(votes: Uint16Array, columns: number, expectedAt: (cell: number) => number) {
  let best = { cell: 0, count: 0, significance: -Infinity };
  const consider = (cell: number) => {
    const count = votes[cell]! + votes[cell + 1]! + votes[cell + columns]! + votes[cell + columns + 1]!;
    if (count < MIN_SHARED_ISLANDS) return;
    const expected = expectedAt(cell);
    // One is added to the variance, so that a few votes at the far edge, where next to none are expected, do not win.
    const significance = (count - expected) / Math.sqrt(expected + 1);
    if (significance > best.significance) best = { cell, count, significance };
  };
  for (let cell = columns + 1; cell + columns + 1 < votes.length; cell++) {
    // Five votes in four cells: one of the four has two.
    if (votes[cell]! < 2) continue;
    for (const start of [cell - columns - 1, cell - columns, cell - 1, cell]) consider(start);
  }
  return best;
}

/** Mean of the shifts that fall in the 2 x 2 cells which start here, in whole pixels. */
function meanShift(ours: readonly Island[], theirs: readonly Island[], firstRow: number, firstColumn: number): Shift {
  let [sumY, sumX, count] = [0, 0, 0];
  for (const a of ours) {
    for (const b of theirs) {
      const [dy, dx] = [b.y - a.y, b.x - a.x];
      if (dy < firstRow || dy >= firstRow + 2 * CELL || dx < firstColumn || dx >= firstColumn + 2 * CELL) continue;
      sumY += dy;
      sumX += dx;
      count += 1;
    }
  }
  return { dy: Math.round(sumY / count), dx: Math.round(sumX / count) };
}

/** The non-zero pixels of a picture as log(1 + value): a few per cent of all, where the noise is set to zero. */
export interface LitPixels {
  readonly height: number;
  readonly width: number;
  readonly y: Uint16Array;
  readonly x: Uint16Array;
  readonly values: Float32Array;
}

/** The non-zero pixels of a picture. */
export function litPixels({ height, width, pixels }: Image): LitPixels {
  const places: number[] = [];
  for (let index = 0; index < pixels.length; index++) if (pixels[index] !== 0) places.push(index);
  return {
    height,
    width,
    y: Uint16Array.from(places, (index) => Math.floor(index / width)),
    x: Uint16Array.from(places, (index) => index % width),
    values: Float32Array.from(places, (index) => Math.log1p(pixels[index]!)),
  };
}

/** Lays other pictures over `first`: the best correlation within two pixels of a shift. Pictures of one size. */
export function overlapJudge(first: LitPixels): (second: LitPixels, near: Shift) => Overlap {
  const dense = new Float32Array(first.height * first.width);
  for (let index = 0; index < first.values.length; index++)
    dense[first.y[index]! * first.width + first.x[index]!] = first.values[index]!;

  return (second, near) => {
    let best: Overlap = { ...near, correlation: -Infinity, sharedArea: 0 };
    for (let dy = near.dy - SEARCH_RADIUS; dy <= near.dy + SEARCH_RADIUS; dy++) {
      for (let dx = near.dx - SEARCH_RADIUS; dx <= near.dx + SEARCH_RADIUS; dx++) {
        const overlap = overlapAt(first, dense, second, { dy, dx });
        if (overlap.correlation > best.correlation) best = overlap;
      }
    }
    return best;
  };
}

/** Pearson's correlation over the shared rectangle; the zeros of both pictures count in it, but need no visit. */
function overlapAt(first: LitPixels, dense: Float32Array, second: LitPixels, { dy, dx }: Shift): Overlap {
  const { height, width } = first;
  const numShared = Math.max(0, height - Math.abs(dy)) * Math.max(0, width - Math.abs(dx));
  let [sumA, sumAA, sumB, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let index = 0; index < first.values.length; index++) {
    const [y, x] = [first.y[index]! + dy, first.x[index]! + dx];
    if (y < 0 || y >= height || x < 0 || x >= width) continue;
    const value = first.values[index]!;
    sumA += value;
    sumAA += value * value;
  }
  for (let index = 0; index < second.values.length; index++) {
    const [y, x] = [second.y[index]! - dy, second.x[index]! - dx];
    if (y < 0 || y >= height || x < 0 || x >= width) continue;
    const value = second.values[index]!;
    sumB += value;
    sumBB += value * value;
    sumAB += value * dense[y * width + x]!;
  }
  const spread = Math.sqrt((numShared * sumAA - sumA * sumA) * (numShared * sumBB - sumB * sumB));
  const correlation = spread > 0 ? (numShared * sumAB - sumA * sumB) / spread : 0;
  return { dy, dx, correlation, sharedArea: numShared / (height * width) };
}
