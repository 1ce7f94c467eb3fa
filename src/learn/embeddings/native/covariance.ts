// The covariance of rows that come by the block: one pass, whatever their number (Chan, Golub & LeVeque 1983, shifted data).
import { ndArray } from "#base/array";
import { concat, fusedMatMul, reshape, slice } from "#engine/graph";
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

/**
 * Mean and covariance of rows [N, D]. Products are float32 over a few thousand rows, shifted by the first block's mean; sums over
 * blocks are float64. Throws RangeError for fewer than two rows, and, naming the row, for a number that is not finite.
 */
export async function covarianceOf(rows: RowBlocks, products: MatrixProducts): Promise<Covariance> {
  const { numRows: N, numColumns: D } = rows;
  if (N < 2) throw new RangeError(`pca: expected at least 2 rows, got ${N}.`);
  let shift: Float64Array | undefined;
  const sums = new Float64Array(D);
  const squares = new Float64Array(D * D);
  for await (const { start, count, data } of blocksOf(rows)) {
    shift ??= columnSums(data, count, D).map((sum) => sum / count);
    const shifted = shiftedRows(data, shift, sums);
    const badRow = sums.every(Number.isFinite) ? -1 : firstBadRow(data, D);
    if (badRow >= 0)
      throw new RangeError(`pca: row ${start + badRow}: expected finite numbers, got NaN or infinity. Leave it out.`);
    addUpperTriangle(squares, await upperTriangle(shifted, count, D, products), D);
  }
  const offsets = sums.map((sum) => sum / N);
  for (let i = 0; i < D; i++) {
    for (let j = i; j < D; j++) {
      const value = (squares[i * D + j]! - N * offsets[i]! * offsets[j]!) / (N - 1);
      squares[i * D + j] = value;
      squares[j * D + i] = value;
    }
  }
  const mean = offsets.map((offset, column) => offset + shift![column]!);
  return { numRows: N, mean, covariance: { numRows: D, numColumns: D, data: squares } };
}

function columnSums(data: Float32Array, count: number, D: number): Float64Array {
  const sums = new Float64Array(D);
  for (let row = 0, index = 0; row < count; row++) for (let column = 0; column < D; column++) sums[column]! += data[index++]!;
  return sums;
}

/** Rows less `shift`; adds their columns to `sums`. */
function shiftedRows(data: Float32Array, shift: Float64Array, sums: Float64Array): Float32Array {
  const D = shift.length;
  const out = new Float32Array(data.length);
  for (let index = 0; index < data.length; ) {
    for (let column = 0; column < D; column++, index++) {
      const value = data[index]! - shift[column]!;
      out[index] = value;
      sums[column]! += out[index]!;
    }
  }
  return out;
}

function firstBadRow(data: Float32Array, D: number): number {
  return Math.floor(data.findIndex((value) => !Number.isFinite(value)) / D);
}

/** xᵀ x as strips of rows, each from its diagonal on, one after another. */
async function upperTriangle(x: Float32Array, count: number, D: number, products: MatrixProducts): Promise<Float32Array> {
  const strips = await products.run("upperTriangle", [ndArray("float32", [count, D], x)], (_, [rows]) => {
    const parts = stripsOf(D).map(({ start, end }) => {
      const left = slice(rows!, { axis: 1, start, end });
      const right = slice(rows!, { axis: 1, start, end: D });
      return reshape(fusedMatMul(left, right, { transA: true }), [(end - start) * (D - start)]);
    });
    return parts.length === 1 ? parts[0]! : concat(parts, 0);
  });
  return strips as Float32Array; // as its feed
}

function stripsOf(D: number): { readonly start: number; readonly end: number }[] {
  return Array.from({ length: Math.ceil(D / STRIP) }, (_, index) => ({
    start: index * STRIP,
    end: Math.min(D, (index + 1) * STRIP),
  }));
}

/** Adds strips of upperTriangle to [D, D]. */
function addUpperTriangle(squares: Float64Array, strips: Float32Array, D: number): void {
  let from = 0;
  for (const { start, end } of stripsOf(D)) {
    for (let row = start; row < end; row++) {
      for (let column = start, to = row * D + start; column < D; column++) squares[to++]! += strips[from++]!;
    }
  }
}
