// Principal components of tables too large for loops in JavaScript, also of tables too large for memory.
import { ndArray } from "#base/array";
import { fusedMatMul, sub } from "#engine/graph";
import { type Matrix, timesTransposed } from "../matrix.ts";
import { type Pca, withUnitRows } from "../pca.ts";
import { blocksOf, type RowBlocks } from "../row-blocks.ts";
import { covarianceOf } from "./covariance.ts";
import { leadingEigenvectors } from "./leading-eigenvectors.ts";
import type { MatrixProducts } from "./matrix-products.ts";

/** As in fitPca, but for the rounding of float32 products. */
const SMALLEST_VARIANCE_RATIO = 1e-10;

/**
 * PCA of float32 rows [N, D] in one pass over them: at most `numComponents`, fewer where the rows span fewer directions. Memory: a
 * block of rows and a few [D, D] in float64. Throws RangeError for fewer than two rows and for numbers that are not finite.
 */
export async function fitLargePca(rows: RowBlocks, numComponents: number, products: MatrixProducts): Promise<Pca> {
  const { mean, covariance } = await covarianceOf(rows, products);
  const D = rows.numColumns;
  const { values, vectors } = await leadingEigenvectors(covariance, Math.min(numComponents, D), products);
  const numSpanned = values.findIndex((value) => !(value > values[0]! * SMALLEST_VARIANCE_RATIO));
  const K = Math.min(numComponents, rows.numRows - 1, numSpanned < 0 ? values.length : numSpanned);
  let totalVariance = 0;
  for (let column = 0; column < D; column++) totalVariance += covariance.data[column * D + column]!;
  const kept: Matrix = { numRows: K, numColumns: D, data: vectors.data.slice(0, K * D) };
  return { mean, components: withUnitRows(kept), explainedVariance: values.slice(0, K), totalVariance };
}

/** Rows along the components, a block at a time: each [count, K] in float32, with the row it starts at. */
export async function* largePcaBlocks(
  { mean, components }: Pca,
  rows: RowBlocks,
  products: MatrixProducts,
): AsyncGenerator<{ readonly start: number; readonly data: Float32Array }> {
  const { numRows: K, numColumns: D } = components;
  const directions = ndArray("float32", [K, D], Float32Array.from(components.data));
  const centre = ndArray("float32", [D], Float32Array.from(mean));
  // What rounding the mean to float32 has left, along the components: else it would move every row the same way.
  const left = { numRows: 1, numColumns: D, data: mean.map((value, column) => value - centre.data[column]!) };
  const remainder = ndArray("float32", [K], Float32Array.from(timesTransposed(left, components).data));
  for await (const { start, count, data } of blocksOf(rows)) {
    const feeds = [ndArray("float32", [count, D], data), centre, directions, remainder];
    const along = await products.run("alongComponents", feeds, (_, [x, offset, axes, moved]) =>
      sub(fusedMatMul(sub(x!, offset!), axes!, { transB: true }), moved!),
    );
    yield { start, data: along as Float32Array }; // as its feeds
  }
}

/** All rows along the components: [N, K] in float32. */
export async function applyLargePca(pca: Pca, rows: RowBlocks, products: MatrixProducts): Promise<Float32Array> {
  const K = pca.components.numRows;
  const out = new Float32Array(rows.numRows * K);
  for await (const { start, data } of largePcaBlocks(pca, rows, products)) out.set(data, start * K);
  return out;
}
