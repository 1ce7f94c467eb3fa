// How far a projection's neighbours are neighbours in truth (Venna & Kaski 2001, equation 1).
import type { FloatRows } from "../metric.ts";
import type { Trustworthiness } from "../projection.ts";
import type { MatrixProducts } from "./matrix-products.ts";

export interface TrustworthinessOptions {
  /** Neighbours on the plane that are looked at. */
  readonly numNeighbours: number;
  /** More rows than this are measured on that many of them, spread evenly. */
  readonly maxMeasured: number;
}

/** Numbers of a block of distances that are held at once. */
const BLOCK_NUMBERS = 2 ** 23;

/**
 * 1 less the mean excess rank of neighbours on the plane [N, 2] among the distances of rows [N, D], scaled to lie in [0, 1]. Throws
 * RangeError where there are fewer than twice as many rows as neighbours.
 */
export async function trustworthiness(
  rows: FloatRows,
  coordinates: Float64Array,
  { numNeighbours: k, maxMeasured }: TrustworthinessOptions,
  products: MatrixProducts,
): Promise<Trustworthiness> {
  const { numColumns: D, data } = rows;
  const N = coordinates.length / 2;
  // As in scikit-learn: else the sum cannot be scaled.
  if (!(k >= 1 && 2 * k < N))
    throw new RangeError(`trustworthiness: expected more than ${2 * k} rows for ${k} neighbours, got ${N}.`);
  const numMeasured = Math.min(N, maxMeasured);
  const measured = Int32Array.from({ length: numMeasured }, (_, index) => Math.floor((index * N) / numMeasured));
  const halfSquares = halfSquaredLengths(data, D);
  const blockSize = Math.max(1, Math.floor(BLOCK_NUMBERS / N));
  let excess = 0;
  for (let first = 0; first < numMeasured; first += blockSize) {
    const block = measured.subarray(first, first + blockSize);
    const asked = new Float32Array(block.length * D);
    for (const [place, row] of block.entries()) asked.set(data.subarray(row * D, (row + 1) * D), place * D);
    const inner = (
      await products.timesTransposed({ numRows: block.length, numColumns: D, data: asked }, { numRows: N, numColumns: D, data })
    ).data;
    for (const [place, row] of block.entries()) {
      const near = nearestOnPlane(coordinates, row, k);
      excess += excessRanks(inner.subarray(place * N, (place + 1) * N), halfSquares, { row, near });
    }
  }
  const value = 1 - (2 * excess) / (numMeasured * k * (2 * N - 3 * k - 1));
  return { value, numNeighbours: k, numMeasured };
}

function halfSquaredLengths(data: Float32Array, D: number): Float64Array {
  const out = new Float64Array(data.length / D);
  for (let index = 0; index < data.length; index++) out[Math.floor(index / D)]! += 0.5 * data[index]! ** 2;
  return out;
}

/** Sum over the neighbours of how far their rank among all other rows exceeds their number. */
function excessRanks(
  inner: Float32Array,
  halfSquares: Float64Array,
  { row, near }: { readonly row: number; readonly near: Int32Array },
): number {
  // Half the squared distance, up to what is the same for all rows.
  const scoreOf = (other: number) => halfSquares[other]! - inner[other]!;
  const ranks = new Int32Array(near.length).fill(1);
  const limits = Float64Array.from(near, scoreOf);
  for (let other = 0; other < inner.length; other++) {
    if (other === row) continue;
    const score = scoreOf(other);
    for (let place = 0; place < near.length; place++) if (score < limits[place]!) ranks[place]! += 1;
  }
  return ranks.reduce((sum, rank) => sum + Math.max(0, rank - near.length), 0);
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
