// How far two sets of vectors lie apart.
import { gramOfColumns, type Matrix, matrixOf, symmetricEigen, timesTransposed } from "#learn/embeddings";

/** Mean [K] and covariance [K, K] over n - 1 of some rows. */
function momentsOf(
  { numColumns: K, data }: Matrix,
  rows: readonly number[],
): { readonly mean: Float64Array; readonly covariance: Matrix } {
  const mean = new Float64Array(K);
  for (const row of rows) for (let k = 0; k < K; k++) mean[k]! += data[row * K + k]! / rows.length;
  const centred = new Float64Array(rows.length * K);
  for (const [place, row] of rows.entries()) for (let k = 0; k < K; k++) centred[place * K + k] = data[row * K + k]! - mean[k]!;
  const { data: squares } = gramOfColumns(matrixOf(rows.length, K, centred));
  return {
    mean,
    covariance: matrixOf(
      K,
      K,
      squares.map((value) => value / (rows.length - 1)),
    ),
  };
}

/**
 * Frechet distance between normal distributions with the moments of two sets of rows (Dowson & Landau 1982; Heusel et al. 2017):
 * |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^1/2).
 */
export function frechetDistance(rows: Matrix, first: readonly number[], second: readonly number[]): number {
  const K = rows.numColumns;
  const [a, b] = [momentsOf(rows, first), momentsOf(rows, second)];
  const apart = a.mean.reduce((sum, value, k) => sum + (value - b.mean[k]!) ** 2, 0);
  const trace = ({ data }: Matrix) =>
    Array.from({ length: K }, (_, k) => data[k * K + k]!).reduce((sum, value) => sum + value, 0);
  // (S1 S2)^1/2 has the eigenvalues of (S1^1/2 S2 S1^1/2)^1/2, which is symmetric.
  const root = squareRoot(a.covariance);
  const middle = timesTransposed(timesTransposed(root, b.covariance), root);
  const shared = symmetricEigen(middle).values.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  return Math.max(0, apart + trace(a.covariance) + trace(b.covariance) - 2 * shared);
}

/** The symmetric root of a positive semi-definite matrix. */
function squareRoot(matrix: Matrix): Matrix {
  const { values, vectors } = symmetricEigen(matrix);
  const K = matrix.numRows;
  // V^T with each column scaled by the fourth root: its product with itself is the root.
  const scaled = new Float64Array(K * K);
  for (let k = 0; k < K; k++)
    for (let i = 0; i < K; i++) scaled[i * K + k] = vectors.data[k * K + i]! * Math.max(0, values[k]!) ** 0.25;
  return timesTransposed(matrixOf(K, K, scaled), matrixOf(K, K, scaled));
}

/** exp(-|x - y|^2 / (2 s^2)) of all pairs of rows, s the median distance of pairs (Gretton et al. 2012, section 8). */
export function gaussianKernel(rows: Matrix): Matrix {
  const n = rows.numRows;
  const { data: inner } = timesTransposed(rows, rows);
  const squares = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      squares[i * n + j] = Math.max(0, inner[i * n + i]! + inner[j * n + j]! - 2 * inner[i * n + j]!);
    }
  }
  const pairs = new Float64Array((n * (n - 1)) / 2);
  for (let i = 0, place = 0; i < n; i++) for (let j = 0; j < i; j++) pairs[place++] = squares[i * n + j]!;
  const median = pairs.sort()[Math.floor(pairs.length / 2)]!;
  return matrixOf(
    n,
    n,
    squares.map((square) => Math.exp(-square / (2 * (median || 1)))),
  );
}

/** Squared maximum mean discrepancy between two sets of rows of a kernel, without bias: may be below 0 (Gretton et al. 2012, eq. 3). */
export function meanDiscrepancy({ numRows: n, data }: Matrix, first: readonly number[], second: readonly number[]): number {
  const sumOf = (a: readonly number[], b: readonly number[]) => {
    let sum = 0;
    for (const i of a) for (const j of b) sum += data[i * n + j]!;
    return sum;
  };
  const diagonal = (rows: readonly number[]) => rows.reduce((sum, row) => sum + data[row * n + row]!, 0);
  const within = (rows: readonly number[]) => (sumOf(rows, rows) - diagonal(rows)) / (rows.length * (rows.length - 1));
  return within(first) + within(second) - (2 * sumOf(first, second)) / (first.length * second.length);
}
