// The leading eigenvectors of a symmetric matrix, by Lanczos with full reorthogonalisation (Golub & Van Loan, 4th edition, 10.3).
import { randomFor } from "#base/array";
import { type Matrix, symmetricEigen } from "#learn/embeddings";

/** Largest eigenvalue first; row k of `vectors` is the unit eigenvector of `values[k]`. */
export interface LeadingEigen {
  /** [count] */
  readonly values: Float64Array;
  /** [count, n] */
  readonly vectors: Matrix;
}

/** What is left of a vector that lies in the space already spanned, beside its length before. */
const EXHAUSTED = 1e-10;
/** Residual beside the largest eigenvalue at which a pair has settled: beyond it float32 embeddings say nothing. */
const SETTLED = 1e-11;
/** Steps between two looks at the pairs, for each pair that is wanted. */
const STEPS_PER_PAIR = 2;

/**
 * The `count` largest eigenvalues of a symmetric positive semidefinite matrix and their vectors. Where most of them are wanted, or
 * they do not settle, all are computed.
 */
export function leadingEigen(matrix: Matrix, count: number): LeadingEigen {
  const n = matrix.numRows;
  const krylov: Krylov = { basis: [], diagonal: [], offDiagonal: [] };
  for (let numSteps = STEPS_PER_PAIR * count + 20; numSteps < n / 2; numSteps += STEPS_PER_PAIR * count) {
    extendInPlace(krylov, matrix, numSteps);
    const found = ritzPairs(krylov, count, n);
    if (found !== undefined) return found;
    if (krylov.basis.length < numSteps) break;
  }
  const { values, vectors } = symmetricEigen(matrix);
  const kept = Math.min(count, n);
  return { values: values.slice(0, kept), vectors: { numRows: kept, numColumns: n, data: vectors.data.slice(0, kept * n) } };
}

/** The basis so far, and the matrix on it: tridiagonal. offDiagonal[k] couples vector k to k + 1. */
interface Krylov {
  readonly basis: Float64Array[];
  readonly diagonal: number[];
  readonly offDiagonal: number[];
}

function extendInPlace({ basis, diagonal, offDiagonal }: Krylov, matrix: Matrix, numSteps: number): void {
  const n = matrix.numRows;
  if (basis.length === 0) {
    const random = randomFor(0, "lanczos start");
    basis.push(normalised(Float64Array.from({ length: n }, () => random.normal())));
  }
  while (diagonal.length < numSteps) {
    const current = basis[diagonal.length]!;
    const next = product(matrix, current);
    const size = lengthOf(next);
    diagonal.push(dot(next, current));
    // Twice is enough (Kahan).
    for (let pass = 0; pass < 2; pass++) for (const one of basis) addInPlace(next, one, -dot(next, one));
    const rest = lengthOf(next);
    offDiagonal.push(rest);
    if (rest <= EXHAUSTED * Math.max(size, Number.MIN_VALUE)) return;
    basis.push(next.map((value) => value / rest));
  }
}

/** The leading pairs, or undefined where one has not settled. */
function ritzPairs({ basis, diagonal, offDiagonal }: Krylov, count: number, n: number): LeadingEigen | undefined {
  const m = diagonal.length;
  if (m < count) return undefined;
  const data = new Float64Array(m * m);
  for (let k = 0; k < m; k++) {
    data[k * m + k] = diagonal[k]!;
    if (k + 1 < m) {
      data[k * m + k + 1] = offDiagonal[k]!;
      data[(k + 1) * m + k] = offDiagonal[k]!;
    }
  }
  const { values, vectors } = symmetricEigen({ numRows: m, numColumns: m, data });
  const residual = (k: number) => offDiagonal[m - 1]! * Math.abs(vectors.data[k * m + m - 1]!);
  for (let k = 0; k < count; k++) if (!(residual(k) <= SETTLED * values[0]!)) return undefined;
  const out = new Float64Array(count * n);
  for (let k = 0; k < count; k++) {
    const row = out.subarray(k * n, (k + 1) * n);
    for (let step = 0; step < m; step++) addInPlace(row, basis[step]!, vectors.data[k * m + step]!);
  }
  return { values: values.slice(0, count), vectors: { numRows: count, numColumns: n, data: out } };
}

function product({ numRows, numColumns, data }: Matrix, vector: Float64Array): Float64Array {
  const out = new Float64Array(numRows);
  for (let row = 0; row < numRows; row++) {
    let sum = 0;
    for (let column = 0, index = row * numColumns; column < numColumns; column++, index++) sum += data[index]! * vector[column]!;
    out[row] = sum;
  }
  return out;
}

function addInPlace(target: Float64Array, vector: Float64Array, times: number): void {
  for (let index = 0; index < target.length; index++) target[index]! += times * vector[index]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

function lengthOf(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}

function normalised(vector: Float64Array): Float64Array {
  const length = lengthOf(vector);
  return vector.map((value) => value / length);
}
