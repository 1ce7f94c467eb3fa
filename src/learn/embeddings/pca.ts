// Principal components (paper section 3.3.2: 100 of them before every probe), fitted on one set of rows, applied to any.
import { columnMeans, gramOfColumns, gramOfRows, type Matrix, subtractRow, timesTransposed, transposed } from "./matrix.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

export interface Pca {
  /** [D] */
  readonly mean: Float64Array;
  /** [K, D], orthonormal, largest variance first; the entry of largest size of each is positive. */
  readonly components: Matrix;
  /** [K]: variance along each component, over N - 1. */
  readonly explainedVariance: Float64Array;
  /** Variance over all directions. */
  readonly totalVariance: number;
}

/**
 * A direction whose variance is this small beside the largest is rounding, not data: float32 embeddings leave about 1e-14.
 * Standardised, it would be noise as loud as the rest.
 */
const SMALLEST_VARIANCE_RATIO = 1e-10;

/**
 * Exact PCA of rows [N, D]: at most `numComponents`, fewer where the rows span fewer directions (none where all are equal).
 * Works on the covariance or, where N < D, on the Gram matrix. Throws RangeError for fewer than two rows.
 */
export function fitPca(rows: Matrix, numComponents: number): Pca {
  const { numRows: N, numColumns: D } = rows;
  if (N < 2) throw new RangeError(`pca: expected at least 2 rows, got ${N}.`);
  const mean = columnMeans(rows);
  const centered = subtractRow(rows, mean);
  const isTall = N >= D;
  const { values, vectors } = symmetricEigen(isTall ? gramOfColumns(centered) : gramOfRows(centered));
  const numSpanned = values.findIndex((value) => !(value > values[0]! * SMALLEST_VARIANCE_RATIO));
  const K = Math.min(numComponents, numSpanned < 0 ? values.length : numSpanned);
  const kept: Matrix = { numRows: K, numColumns: vectors.numColumns, data: vectors.data.slice(0, K * vectors.numColumns) };
  // Columns of the Gram matrix's eigenvectors weigh the rows: their sums are the components.
  const directions = isTall ? kept : timesTransposed(kept, transposed(centered));
  return {
    mean,
    components: withUnitRows(directions),
    explainedVariance: values.slice(0, K).map((value) => value / (N - 1)),
    totalVariance: values.reduce((sum, value) => sum + value, 0) / (N - 1),
  };
}

/** Unit length, and the largest entry positive: an eigenvector's sign is otherwise an accident. */
export function withUnitRows({ numRows, numColumns, data }: Matrix): Matrix {
  const out = new Float64Array(data.length);
  for (let row = 0; row < numRows; row++) {
    const values = data.subarray(row * numColumns, (row + 1) * numColumns);
    const largest = values.reduce((found, value) => (Math.abs(value) > Math.abs(found) ? value : found), 0);
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    const scale = (largest < 0 ? -1 : 1) / length;
    for (let column = 0; column < numColumns; column++) out[row * numColumns + column] = values[column]! * scale;
  }
  return { numRows, numColumns, data: out };
}

/** Rows [N, D] along the components: [N, K]. */
export function applyPca(pca: Pca, rows: Matrix): Matrix {
  return timesTransposed(subtractRow(rows, pca.mean), pca.components);
}
