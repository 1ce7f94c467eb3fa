// How far a projection's neighbours are neighbours in truth (Venna & Kaski 2001, equation 1).
import type { Trustworthiness } from "../projection.ts";
import { blocksOf, type RowBlocks } from "../row-blocks.ts";
import type { MatrixProducts } from "./matrix-products.ts";

export interface TrustworthinessOptions {
  /** Neighbours on the plane that are looked at. */
  readonly numNeighbours: number;
  /** More rows than this are measured on that many of them, spread evenly. */
  readonly maxMeasured: number;
}

/**
 * 1 less the mean excess rank of neighbours on the plane [N, 2] among the distances of rows [N, D], scaled to lie in [0, 1]. Goes twice
 * through the rows, a block at a time. Throws RangeError where there are fewer than twice as many rows as neighbours.
 */
export async function trustworthiness(
  rows: RowBlocks,
  coordinates: Float64Array,
  { numNeighbours: k, maxMeasured }: TrustworthinessOptions,
  products: MatrixProducts,
): Promise<Trustworthiness> {
  const N = rows.numRows;
  // As in scikit-learn: else the sum cannot be scaled.
  if (!(k >= 1 && 2 * k < N))
    throw new RangeError(`trustworthiness: expected more than ${2 * k} rows for ${k} neighbours, got ${N}.`);
  const numMeasured = Math.min(N, maxMeasured);
  const measured = Int32Array.from({ length: numMeasured }, (_, index) => Math.floor((index * N) / numMeasured));
  const near = Array.from(measured, (row) => nearestOnPlane(coordinates, row, k));
  const asked = await rowsAt(rows, measured);
  // How far the neighbours lie is found by the same products as how far all others do: a row that equals one is not before it.
  const limits = near.map((others) => new Float64Array(others.length));
  for await (const block of scoredBlocks(rows, asked, products)) {
    for (const [place, others] of near.entries())
      for (const [index, other] of others.entries())
        if (other >= block.start && other < block.start + block.count)
          limits[place]![index] = scoreOf(block, place, other - block.start);
  }
  const ranks = near.map((others) => new Int32Array(others.length).fill(1));
  for await (const block of scoredBlocks(rows, asked, products))
    for (const [place, row] of measured.entries()) countNearer(block, { place, row, limit: limits[place]!, rank: ranks[place]! });
  const excess = ranks.reduce((sum, rank) => sum + rank.reduce((all, one) => all + Math.max(0, one - k), 0), 0);
  const value = 1 - (2 * excess) / (numMeasured * k * (2 * N - 3 * k - 1));
  return { value, numNeighbours: k, numMeasured };
}

/** Some rows, [rows.length, D], which ascend. */
async function rowsAt(rows: RowBlocks, wanted: Int32Array): Promise<Float32Array> {
  const D = rows.numColumns;
  const out = new Float32Array(wanted.length * D);
  let place = 0;
  for await (const { start, count, data } of blocksOf(rows)) {
    for (; place < wanted.length && wanted[place]! < start + count; place++) {
      const at = (wanted[place]! - start) * D;
      out.set(data.subarray(at, at + D), place * D);
    }
  }
  return out;
}

/** A block of rows beside the rows asked for. */
interface ScoredBlock {
  readonly start: number;
  readonly count: number;
  /** Half the squared length of each row. */
  readonly halfSquares: Float64Array;
  /** [asked, count] */
  readonly inner: Float32Array;
}

/** Half the squared distance of a row of the block to a row asked for, less what is the same for all rows of the block. */
function scoreOf({ count, halfSquares, inner }: ScoredBlock, place: number, row: number): number {
  return halfSquares[row]! - inner[place * count + row]!;
}

/** Adds to `rank` how many rows of the block lie nearer to the row asked for than each limit. */
function countNearer(
  block: ScoredBlock,
  asked: { readonly place: number; readonly row: number; readonly limit: Float64Array; readonly rank: Int32Array },
): void {
  const { place, row, limit, rank } = asked;
  const farthest = limit.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  for (let other = 0; other < block.count; other++) {
    const score = scoreOf(block, place, other);
    if (!(score < farthest) || block.start + other === row) continue;
    for (let index = 0; index < limit.length; index++) if (score < limit[index]!) rank[index]! += 1;
  }
}

async function* scoredBlocks(rows: RowBlocks, asked: Float32Array, products: MatrixProducts): AsyncGenerator<ScoredBlock> {
  const D = rows.numColumns;
  const left = { numRows: asked.length / D, numColumns: D, data: asked };
  for await (const { start, count, data } of blocksOf(rows)) {
    const { data: inner } = await products.timesTransposed(left, { numRows: count, numColumns: D, data });
    yield { start, count, halfSquares: halfSquaredLengths(data, D), inner };
  }
}

function halfSquaredLengths(data: Float32Array, D: number): Float64Array {
  const out = new Float64Array(data.length / D);
  for (let row = 0, index = 0; row < out.length; row++)
    for (let column = 0; column < D; column++) out[row]! += 0.5 * data[index++]! ** 2;
  return out;
}

/** The k points nearest to a point of the plane; of equally near ones the earlier. */
function nearestOnPlane(coordinates: Float64Array, row: number, k: number): Int32Array {
  const places = new Int32Array(k).fill(-1);
  const distances = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
  const [x, y] = [coordinates[2 * row]!, coordinates[2 * row + 1]!];
  for (let other = 0; other < coordinates.length / 2; other++) {
    const distance = (coordinates[2 * other]! - x) ** 2 + (coordinates[2 * other + 1]! - y) ** 2;
    if (other === row || !(distance < distances[k - 1]!)) continue;
    let at = k - 1;
    for (; at > 0 && distances[at - 1]! > distance; at--) {
      distances[at] = distances[at - 1]!;
      places[at] = places[at - 1]!;
    }
    distances[at] = distance;
    places[at] = other;
  }
  return places;
}
