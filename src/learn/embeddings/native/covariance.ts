// The covariance of rows that come by the block: one pass, whatever their number (Chan, Golub & LeVeque 1983, shifted data).
import { ndArray } from "#base/array";
import { concat, fusedMatMul, reduceSum, reshape, slice, sub, transpose } from "#engine/graph";
import type { Matrix } from "../matrix.ts";
import { blocksOf, type RowBlocks } from "../row-blocks.ts";
import type { MatrixProducts } from "./matrix-products.ts";

export interface Covariance {
  readonly numRows: number;
  /** [D] */
  readonly mean: Float64Array;
  /** [D, D], over N - 1. */
  readonly covariance: Matrix;
}

/** Columns of one strip of the symmetric product: strips below the diagonal are not computed. */
const STRIP = 256;
/** Rows whose mean is taken off all others: any number near the mean serves. */
const MAX_SHIFT_ROWS = 256;
/** Side of a square that is mirrored at once: both it and its mirror image stay in the processor's cache. */
const MIRRORED = 64;

/**
 * Mean and covariance of rows [N, D]. Products are float32 over a few thousand rows, shifted by the mean of the first of them; sums over
 * blocks are float64. Throws RangeError for fewer than two rows, and, naming the row, for a number that is not finite.
 */
export async function covarianceOf(rows: RowBlocks, products: MatrixProducts): Promise<Covariance> {
  const { numRows: N, numColumns: D } = rows;
  if (N < 2) throw new RangeError(`pca: expected at least 2 rows, got ${N}.`);
  let shift: Float32Array | undefined;
  let moments: Float32Array | undefined;
  const sums = new Float64Array(D);
  const squares = new Float64Array(D * D);
  for await (const { start, count, data } of blocksOf(rows)) {
    shift ??= meanOfFirst(data, Math.min(count, MAX_SHIFT_ROWS), D);
    moments = await blockMoments(data, { shift, out: moments }, products);
    for (let column = 0; column < D; column++) sums[column]! += moments[column]!;
    if (!sums.every(Number.isFinite)) throw badRow(data, start, D);
    addUpperTriangle(squares, moments.subarray(D), D);
  }
  const offsets = sums.map((sum) => sum / N);
  finishInPlace(squares, offsets, N);
  const mean = offsets.map((offset, column) => offset + shift![column]!);
  return { numRows: N, mean, covariance: { numRows: D, numColumns: D, data: squares } };
}

function meanOfFirst(data: Float32Array, count: number, D: number): Float32Array {
  const sums = new Float64Array(D);
  for (let row = 0, index = 0; row < count; row++) for (let column = 0; column < D; column++) sums[column]! += data[index++]!;
  return Float32Array.from(sums, (sum) => sum / count);
}

function badRow(data: Float32Array, start: number, D: number): RangeError {
  const row = Math.floor(data.findIndex((value) => !Number.isFinite(value)) / D);
  return new RangeError(`pca: row ${start + row}: expected finite numbers, got NaN or infinity. Leave it out.`);
}

/** Of rows x less `shift`: their sum [D], then xᵀ x as strips of rows, each from its diagonal on, one after another. */
async function blockMoments(
  data: Float32Array,
  { shift, out }: { readonly shift: Float32Array; readonly out: Float32Array | undefined },
  products: MatrixProducts,
): Promise<Float32Array> {
  const D = shift.length;
  const feeds = [ndArray("float32", [data.length / D, D], data), ndArray("float32", [D], shift)];
  const moments = await products.run(
    "blockMoments",
    feeds,
    (_, [rows, offset]) => {
      const shifted = sub(rows!, offset!);
      const columns = transpose(shifted, [1, 0]);
      const strips = stripsOf(D).map(({ start, end }) => {
        const left = slice(columns, { axis: 0, start, end });
        const right = slice(columns, { axis: 0, start, end: D });
        return reshape(fusedMatMul(left, right, { transB: true }), [(end - start) * (D - start)]);
      });
      return concat([reduceSum(shifted, [0]), ...strips], 0);
    },
    out,
  );
  return moments as Float32Array; // as its feeds
}

function stripsOf(D: number): { readonly start: number; readonly end: number }[] {
  return Array.from({ length: Math.ceil(D / STRIP) }, (_, index) => ({
    start: index * STRIP,
    end: Math.min(D, (index + 1) * STRIP),
  }));
}

/** Adds strips of blockMoments to [D, D]. */
function addUpperTriangle(squares: Float64Array, strips: Float32Array, D: number): void {
  let from = 0;
  for (const { start, end } of stripsOf(D)) {
    for (let row = start; row < end; row++) {
      for (let column = start, to = row * D + start; column < D; column++) squares[to++]! += strips[from++]!;
    }
  }
}

/** The upper triangle of sums of squares to the covariance of N rows whose mean is `offsets`, and its mirror image below. */
function finishInPlace(squares: Float64Array, offsets: Float64Array, N: number): void {
  const D = offsets.length;
  for (let top = 0; top < D; top += MIRRORED) {
    for (let left = top; left < D; left += MIRRORED) {
      for (let i = top; i < Math.min(D, top + MIRRORED); i++) {
        for (let j = Math.max(i, left); j < Math.min(D, left + MIRRORED); j++) {
          const value = (squares[i * D + j]! - N * offsets[i]! * offsets[j]!) / (N - 1);
          squares[i * D + j] = value;
          squares[j * D + i] = value;
        }
      }
    }
  }
}
