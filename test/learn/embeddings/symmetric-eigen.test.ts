// Eigenvalues and eigenvectors: known ones, and the equations that every answer must satisfy.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { gramOfRows, type Matrix, matrixOf, symmetricEigen, transposed } from "#learn/embeddings";
import { rowOf } from "../probe-cases.ts";

function randomSymmetric(n: number, seed: number): Matrix {
  const random = randomFor(seed, "symmetric", n);
  const data = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      data[row * n + column] = random.normal();
      data[column * n + row] = data[row * n + column]!;
    }
  }
  return matrixOf(n, n, data);
}

/** Fails unless A v = lambda v for every pair, the vectors are orthonormal, and the values descend. */
function assertEigen(matrix: Matrix, tolerance: number): void {
  const n = matrix.numRows;
  const { values, vectors } = symmetricEigen(matrix);
  assert.equal(values.length, n);
  for (let k = 0; k < n; k++) {
    if (k > 0) assert.ok(values[k]! <= values[k - 1]!);
    const v = rowOf(vectors, k);
    for (let row = 0; row < n; row++) {
      const image = rowOf(matrix, row).reduce((sum, entry, column) => sum + entry * v[column]!, 0);
      assert.ok(
        Math.abs(image - values[k]! * v[row]!) <= tolerance,
        `pair ${k}, row ${row}: ${image} and ${values[k]! * v[row]!}`,
      );
    }
  }
  for (const [index, inner] of gramOfRows(vectors).data.entries()) {
    assert.ok(
      Math.abs(inner - (index % (n + 1) === 0 ? 1 : 0)) < 1e-12,
      `vectors ${Math.floor(index / n)} and ${index % n}: ${inner}`,
    );
  }
}

test("a 2 x 2 matrix has the eigenvalues of its quadratic equation", () => {
  const { values, vectors } = symmetricEigen(matrixOf(2, 2, Float64Array.of(2, 1, 1, 2)));
  assert.deepEqual(
    Array.from(values, (value) => Math.round(value * 1e12) / 1e12),
    [3, 1],
  );
  assert.ok(Math.abs(Math.abs(vectors.data[0]!) - Math.SQRT1_2) < 1e-15);
});

test("a string of springs has the frequencies of the textbook: 2 - 2 cos(k pi / (n + 1))", () => {
  const n = 40;
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    data[i * n + i] = 2;
    if (i > 0) data[i * n + i - 1] = data[(i - 1) * n + i] = -1;
  }
  const { values } = symmetricEigen(matrixOf(n, n, data));
  for (let k = 1; k <= n; k++) assert.ok(Math.abs(values[n - k]! - (2 - 2 * Math.cos((k * Math.PI) / (n + 1)))) < 1e-13);
});

for (const n of [1, 2, 3, 10, 73]) {
  test(`all ${n} eigenpairs of a random matrix satisfy their equation`, () => {
    assertEigen(randomSymmetric(n, 5), 1e-13 * n);
  });
}

test("equal eigenvalues, zeros and rank one are solved too", () => {
  assertEigen(matrixOf(4, 4, new Float64Array(16)), 0);
  assertEigen(matrixOf(3, 3, Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)), 0);
  assertEigen(matrixOf(5, 5, new Float64Array(25).fill(1)), 1e-14);
  const tall = matrixOf(
    30,
    4,
    Float64Array.from({ length: 120 }, (_, index) => Math.sin(index * index)),
  );
  assertEigen(gramOfRows(tall), 1e-12);
});

test("eigenvalues that span 20 decades keep their digits where the matrix tells them", () => {
  const n = 6;
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = 10 ** (10 - 4 * i);
  assert.deepEqual(Array.from(symmetricEigen(matrixOf(n, n, data)).values), [1e10, 1e6, 1e2, 1e-2, 1e-6, 1e-10]);
});

test("a matrix that is not square is refused", () => {
  const matrix = transposed(matrixOf(2, 3, new Float64Array(6)));
  assert.throws(() => symmetricEigen(matrix), { message: "symmetricEigen: expected a square matrix, got 3 x 2." });
});

test("125 rows that span 20 directions are solved: eigenvalues of rounding settle beside true ones", () => {
  const random = randomFor(3, "low rank");
  const [N, D, rank] = [125, 300, 20];
  const directions = Float64Array.from({ length: rank * D }, () => random.normal());
  const rows = new Float64Array(N * D);
  for (let row = 0; row < N; row++) {
    for (let k = 0; k < rank; k++) {
      const weight = random.normal() / (1 + k) ** 2;
      for (let column = 0; column < D; column++) rows[row * D + column]! += weight * directions[k * D + column]!;
    }
  }
  const gram = gramOfRows(matrixOf(N, D, rows));
  assertEigen(gram, 1e-9);
  const { values } = symmetricEigen(gram);
  assert.ok(values[rank - 1]! > 1e-3 && Math.abs(values[rank]!) < 1e-9, `${values[rank - 1]} ${values[rank]}`);
});
