// The leading eigenvectors of a large covariance: a random start (Halko, Martinsson & Tropp 2011, algorithm 4.4) and
// Chebyshev-filtered subspace iteration (Zhou et al. 2006, algorithm 4.1), in float64.
import { randomFor } from "#base/array";
import type { Matrix } from "../matrix.ts";
import { type SymmetricEigen, symmetricEigen } from "../symmetric-eigen.ts";
import type { MatrixProducts } from "./matrix-products.ts";

/** Directions kept beside those that are asked for: the further out the cut, the faster the others settle. */
const numExtra = (K: number) => Math.max(20, Math.ceil(K / 4));
/** Below this the whole decomposition takes no longer. */
const SMALL = 256;
const MAX_DEGREE = 12;
/** The filter may lift the first direction above the last one kept by this much: more, and rounding tilts all columns towards it. */
const MAX_GROWTH = 1e9;
const MAX_ROUNDS = 60;
/** An eigenvector has settled when what the matrix makes of it leaves its direction by this share of its eigenvalue. */
const SETTLED = 1e-6;
/** Directions this much shorter than the longest are rounding. */
const SMALLEST_LENGTH_RATIO = 1e-13;
/** Of columns of unit length: what is left of one, squared, after those before it. Below, Cholesky's factor loses its digits. */
const SMALLEST_PIVOT = 1e-8;

/** The eigenvectors of the K largest eigenvalues of a positive semi-definite [D, D]; row k of `vectors` is the k-th. */
export async function leadingEigenvectors(matrix: Matrix, K: number, products: MatrixProducts): Promise<SymmetricEigen> {
  const D = matrix.numRows;
  const width = K + numExtra(K);
  if (D <= SMALL || width > D / 3) return symmetricEigen(matrix);
  const random = randomFor(0, "pca start");
  const start = { numRows: D, numColumns: width, data: Float64Array.from({ length: D * width }, () => random.normal()) };
  let space = await ritzPairs(matrix, await products.times(matrix, start), products);
  for (let round = 0; round < MAX_ROUNDS && !isSettled(space, K); round++) {
    space = await ritzPairs(matrix, await filtered(matrix, space, products), products);
  }
  return { values: space.values.slice(0, K), vectors: rowsOfColumns(space.vectors, Math.min(K, space.values.length)) };
}

/** Ritz values, largest first, with vectors in the columns of [D, width] and what the matrix makes of them. */
interface RitzPairs {
  readonly values: Float64Array;
  readonly vectors: Matrix;
  readonly images: Matrix;
}

/** Rayleigh and Ritz: the best eigenpairs within the span of the columns. */
async function ritzPairs(matrix: Matrix, columns: Matrix, products: MatrixProducts): Promise<RitzPairs> {
  // Twice: the first time leaves columns that were nearly parallel only roughly at right angles.
  const basis = await orthonormalised(await orthonormalised(columns, products), products);
  const images = await products.times(matrix, basis);
  const { values, vectors } = symmetricEigen(await products.transposedTimes(basis, images));
  const rotation = columnsOfRows(vectors);
  return { values, vectors: await products.times(basis, rotation), images: await products.times(images, rotation) };
}

/** An orthonormal basis of the columns' span by their Gram matrix: by its Cholesky factor or, where they are nearly dependent, by its eigenvectors. */
async function orthonormalised(columns: Matrix, products: MatrixProducts): Promise<Matrix> {
  const { numRows: n, data } = await products.transposedTimes(columns, columns);
  // As if every column had unit length: a filter makes them as different as their eigenvalues.
  const scales = Float64Array.from({ length: n }, (_, k) => (data[k * n + k]! > 0 ? 1 / Math.sqrt(data[k * n + k]!) : 0));
  const gram = {
    numRows: n,
    numColumns: n,
    data: data.map((value, at) => value * scales[Math.floor(at / n)]! * scales[at % n]!),
  };
  const rotation = inverseFactor(gram) ?? spanningRotation(gram);
  const width = rotation.numColumns;
  const scaled = rotation.data.map((value, at) => value * scales[Math.floor(at / width)]!);
  return products.times(columns, { ...rotation, data: scaled });
}

/** R^-1 of the Gram matrix RᵀR (Rᵀ its Cholesky factor), upper triangular; undefined where a column nearly lies in the span of those before it. */
function inverseFactor({ numRows: n, data }: Matrix): Matrix | undefined {
  const factor = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let value = data[row * n + column]!;
      for (let k = 0; k < column; k++) value -= factor[row * n + k]! * factor[column * n + k]!;
      if (row === column && !(value > SMALLEST_PIVOT)) return undefined;
      factor[row * n + column] = row === column ? Math.sqrt(value) : value / factor[column * n + column]!;
    }
  }
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    inverse[column * n + column] = 1 / factor[column * n + column]!;
    for (let row = column + 1; row < n; row++) {
      let value = 0;
      for (let k = column; k < row; k++) value -= factor[row * n + k]! * inverse[column * n + k]!;
      inverse[column * n + row] = value / factor[row * n + row]!;
    }
  }
  return { numRows: n, numColumns: n, data: inverse };
}

/** The eigenvectors of the Gram matrix, each divided by the length it stands for (Stathopoulos & Wu 2002). */
function spanningRotation(gram: Matrix): Matrix {
  const { values, vectors } = symmetricEigen(gram);
  const numKept = values.findIndex((value) => !(value > values[0]! * SMALLEST_LENGTH_RATIO));
  const kept = numKept < 0 ? values.length : numKept;
  const n = values.length;
  const rotation = new Float64Array(n * kept);
  for (let k = 0; k < kept; k++)
    for (let i = 0; i < n; i++) rotation[i * kept + k] = vectors.data[k * n + i]! / Math.sqrt(values[k]!);
  return { numRows: n, numColumns: kept, data: rotation };
}

/** The Chebyshev polynomial that is at most one on [0, a] and grows fastest above it, of the matrix, on the vectors. */
async function filtered(matrix: Matrix, { values, vectors, images }: RitzPairs, products: MatrixProducts): Promise<Matrix> {
  const half = values.at(-1)! / 2;
  if (!(half > 0)) return images;
  const numSteps = filterDegree(values[0]! / half - 1);
  let previous = vectors;
  let current = combined(images, 1 / half, vectors, -1);
  for (let degree = 2; degree <= numSteps; degree++) {
    const next = combined(await products.times(matrix, current), 2 / half, current, -2, previous);
    previous = current;
    current = next;
  }
  return current;
}

/** The highest degree whose polynomial stays below MAX_GROWTH at `place`, which is at least 1: cosh(degree arcosh(place)). */
function filterDegree(place: number): number {
  const degree = Math.floor(Math.acosh(2 * MAX_GROWTH) / Math.acosh(Math.max(place, 1)));
  return Math.max(1, Math.min(MAX_DEGREE, degree));
}

/** a x + b y, less z where it is given. */
function combined(x: Matrix, a: number, y: Matrix, b: number, z?: Matrix): Matrix {
  const data = new Float64Array(x.data.length);
  for (let index = 0; index < data.length; index++)
    data[index] = a * x.data[index]! + b * y.data[index]! - (z ? z.data[index]! : 0);
  return { ...x, data };
}

function isSettled({ values, vectors, images }: RitzPairs, K: number): boolean {
  const { numRows, numColumns } = vectors;
  const residuals = new Float64Array(numColumns);
  for (let row = 0, index = 0; row < numRows; row++) {
    for (let column = 0; column < numColumns; column++, index++)
      residuals[column]! += (images.data[index]! - values[column]! * vectors.data[index]!) ** 2;
  }
  // A direction without variance never settles by this measure, and need not: the caller drops it.
  const smallest = 1e-12 * values[0]!;
  return residuals.every((square, k) => k >= K || Math.sqrt(square) <= SETTLED * Math.max(values[k]!, smallest));
}

function columnsOfRows({ numRows, numColumns, data }: Matrix): Matrix {
  return rowsOfColumns({ numRows, numColumns, data }, numColumns);
}

/** The first `count` columns as rows. */
function rowsOfColumns({ numRows, numColumns, data }: Matrix, count: number): Matrix {
  const out = new Float64Array(count * numRows);
  for (let row = 0; row < numRows; row++)
    for (let column = 0; column < count; column++) out[column * numRows + row] = data[row * numColumns + column]!;
  return { numRows: count, numColumns: numRows, data: out };
}
