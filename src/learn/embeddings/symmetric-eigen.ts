// Eigenvalues and eigenvectors of a symmetric matrix: Householder's tridiagonal form, then QL with implicit shifts
// (Golub & Van Loan, Matrix Computations, 4th edition, sections 8.3.1 and 8.3.3).
import type { Matrix } from "./matrix.ts";

/** Largest eigenvalue first; row k of `vectors` is the unit eigenvector of `values[k]`. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: Matrix;
}

const MAX_SWEEPS = 60;

/** All eigenvalues and eigenvectors of a symmetric matrix; only its lower triangle is read. */
export function symmetricEigen(matrix: Matrix): SymmetricEigen {
  const n = matrix.numRows;
  if (n !== matrix.numColumns) throw new RangeError(`symmetricEigen: expected a square matrix, got ${n} x ${matrix.numColumns}.`);
  const { diagonal, offDiagonal, rows } = tridiagonalForm(matrix);
  diagonalise(diagonal, offDiagonal, rows, n);
  return inDescendingOrder(diagonal, rows, n);
}

interface Tridiagonal {
  /** [n] */
  readonly diagonal: Float64Array;
  /** [n]: entry i couples i and i + 1; the last is 0. */
  readonly offDiagonal: Float64Array;
  /** [n, n]: row k is column k of the orthogonal Q of A = Q T Qᵀ, so that a plane rotation of columns runs along memory. */
  readonly rows: Float64Array;
}

/** A = Q T Qᵀ, one reflection a column: each clears a column below its subdiagonal. */
function tridiagonalForm({ numRows: n, data }: Matrix): Tridiagonal {
  const a = symmetricCopy(data, n);
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  const betas = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    const { beta, subdiagonal } = reflectorInPlace(a, k, n);
    offDiagonal[k] = subdiagonal;
    betas[k] = beta;
    if (beta !== 0) reflectTrailing(a, k, n, beta);
  }
  for (let k = 0; k < n; k++) diagonal[k] = a[k * n + k]!;
  return { diagonal, offDiagonal, rows: accumulateReflections(a, betas, n) };
}

function symmetricCopy(data: Float64Array, n: number): Float64Array {
  const a = data.slice();
  for (let row = 0; row < n; row++) for (let column = 0; column < row; column++) a[column * n + row] = a[row * n + column]!;
  return a;
}

/** The reflector I - beta v vᵀ that clears row k right of its superdiagonal; v overwrites that row from k + 1 on. */
function reflectorInPlace(a: Float64Array, k: number, n: number): { readonly beta: number; readonly subdiagonal: number } {
  const start = k * n + k + 1;
  const end = (k + 1) * n;
  const first = a[start]!;
  let scale = 0;
  for (let index = start + 1; index < end; index++) scale = Math.max(scale, Math.abs(a[index]!));
  if (scale === 0) return { beta: 0, subdiagonal: first };
  scale = Math.max(scale, Math.abs(first));
  let squares = 0;
  for (let index = start; index < end; index++) {
    a[index]! /= scale;
    squares += a[index]! ** 2;
  }
  // The sign that adds, never cancels.
  const length = a[start]! >= 0 ? Math.sqrt(squares) : -Math.sqrt(squares);
  a[start]! += length;
  return { beta: 1 / (length * a[start]!), subdiagonal: -length * scale };
}

/** A <- H A H on the trailing square: A - v wᵀ - w vᵀ with w = p - (beta pᵀv / 2) v and p = beta A v. */
function reflectTrailing(a: Float64Array, k: number, n: number, beta: number): void {
  const v = a.slice(k * n, (k + 1) * n);
  const w = new Float64Array(n);
  for (let row = k + 1; row < n; row++) {
    let sum = 0;
    for (let column = k + 1, index = row * n + k + 1; column < n; column++, index++) sum += a[index]! * v[column]!;
    w[row] = beta * sum;
  }
  let inner = 0;
  for (let index = k + 1; index < n; index++) inner += w[index]! * v[index]!;
  for (let index = k + 1; index < n; index++) w[index]! -= 0.5 * beta * inner * v[index]!;
  for (let row = k + 1; row < n; row++) {
    const vRow = v[row]!;
    const wRow = w[row]!;
    for (let column = k + 1, index = row * n + k + 1; column < n; column++, index++)
      a[index]! -= vRow * w[column]! + wRow * v[column]!;
  }
}

/** Qᵀ = H_{n-2} ... H_0 as rows, from the reflectors kept in the rows of `a`, the last first: their squares grow from the corner. */
function accumulateReflections(a: Float64Array, betas: Float64Array, n: number): Float64Array {
  const rows = new Float64Array(n * n);
  for (let k = 0; k < n; k++) rows[k * n + k] = 1;
  for (let k = n - 2; k >= 0; k--) {
    const beta = betas[k]!;
    if (beta === 0) continue;
    const v = a.subarray(k * n, (k + 1) * n);
    for (let row = k + 1; row < n; row++) {
      let sum = 0;
      for (let column = k + 1, index = row * n + k + 1; column < n; column++, index++) sum += rows[index]! * v[column]!;
      sum *= beta;
      for (let column = k + 1, index = row * n + k + 1; column < n; column++, index++) rows[index]! -= sum * v[column]!;
    }
  }
  return rows;
}

/** QL with Wilkinson shifts: each eigenvalue settles in a few sweeps of plane rotations. */
function diagonalise(d: Float64Array, e: Float64Array, rows: Float64Array, n: number): void {
  // The tridiagonal form itself is rounded by this: among the tiny eigenvalues of a matrix of low rank nothing smaller settles.
  const rounding = Number.EPSILON * d.reduce((most, value, i) => Math.max(most, Math.abs(value) + Math.abs(e[i]!)), 0);
  for (let low = 0; low < n; low++) {
    for (let sweep = 0; ; sweep++) {
      const high = firstSmallCoupling(d, e, low, rounding);
      if (high === low) break;
      if (sweep === MAX_SWEEPS)
        throw new Error(`internal: symmetricEigen: eigenvalue ${low} of ${n} did not settle in ${MAX_SWEEPS} sweeps.`);
      sweepQl(d, e, rows, { low, high, n });
    }
  }
}

/** The first i from `low` on whose coupling to i + 1 is nothing beside its neighbours on the diagonal, or beside rounding. */
function firstSmallCoupling(d: Float64Array, e: Float64Array, low: number, rounding: number): number {
  for (let i = low; i < d.length - 1; i++) {
    const size = Math.abs(d[i]!) + Math.abs(d[i + 1]!);
    if (Math.abs(e[i]!) <= Math.max(Number.EPSILON * size, rounding)) return i;
  }
  return d.length - 1;
}

function sweepQl(
  d: Float64Array,
  e: Float64Array,
  rows: Float64Array,
  { low, high, n }: { readonly low: number; readonly high: number; readonly n: number },
): void {
  const half = (d[low + 1]! - d[low]!) / (2 * e[low]!);
  const root = Math.hypot(half, 1);
  let g = d[high]! - d[low]! + e[low]! / (half + (half >= 0 ? root : -root));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = high - 1; i >= low; i--) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The matrix has split in two: take back the shift and start again.
      d[i + 1]! -= p;
      e[high] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1]! - p;
    const t = (d[i]! - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    rotateRows(rows, i, n, { c, s });
  }
  d[low]! -= p;
  e[low] = g;
  e[high] = 0;
}

/** Rows i and i + 1 turned in their plane. */
function rotateRows(rows: Float64Array, i: number, n: number, { c, s }: { readonly c: number; readonly s: number }): void {
  for (let upper = i * n, lower = (i + 1) * n, end = lower; upper < end; upper++, lower++) {
    const a = rows[upper]!;
    const b = rows[lower]!;
    rows[lower] = s * a + c * b;
    rows[upper] = c * a - s * b;
  }
}

function inDescendingOrder(values: Float64Array, rows: Float64Array, n: number): SymmetricEigen {
  const order = Array.from({ length: n }, (_, index) => index).toSorted((a, b) => values[b]! - values[a]!);
  const vectors = new Float64Array(n * n);
  for (const [place, from] of order.entries()) vectors.set(rows.subarray(from * n, (from + 1) * n), place * n);
  return { values: Float64Array.from(order, (index) => values[index]!), vectors: { numRows: n, numColumns: n, data: vectors } };
}
