// Principal components beside scikit-learn's, and where there are none to find.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { applyPca, fitPca, gramOfRows, matrixOf } from "#learn/embeddings";
import { assertClose } from "../../compare.ts";
import { matrixFrom, PROBE_FIXTURES, rowOf, withSignOf } from "../probe-cases.ts";

for (const [index, one] of PROBE_FIXTURES.cases.entries()) {
  test(`components, means and variances are scikit-learn's where there are ${one.name}`, () => {
    const truth = PROBE_FIXTURES.results[index]!;
    const pca = fitPca(matrixFrom(one.train), one.numComponents);
    assert.equal(pca.components.numRows, one.numComponents);
    assertClose(pca.mean, truth.mean, 1e-12, "mean");
    assertClose(pca.explainedVariance, truth.explainedVariance, 1e-12, "explained variance");
    const ratios = pca.explainedVariance.map((variance) => variance / pca.totalVariance);
    assertClose(ratios, truth.explainedVarianceRatio, 1e-12, "explained variance ratio");
    for (const [k, component] of truth.components.entries()) {
      assertClose(withSignOf(rowOf(pca.components, k), component), component, 1e-9, `component ${k}`);
    }
  });
}

test("the largest entry of every component is positive, and components are orthonormal", () => {
  for (const one of PROBE_FIXTURES.cases) {
    const { components } = fitPca(matrixFrom(one.train), one.numComponents);
    for (let k = 0; k < components.numRows; k++) {
      const row = Array.from(rowOf(components, k));
      assert.equal(Math.max(...row), Math.max(...row.map(Math.abs)));
    }
    const K = components.numRows;
    assertClose(
      gramOfRows(components).data,
      Array.from({ length: K * K }, (_, i) => (i % (K + 1) === 0 ? 1 : 0)),
      1e-12,
      "inner products",
    );
  }
});

test("all components together keep the distances between rows", () => {
  const rows = matrixFrom(PROBE_FIXTURES.cases[0]!.train);
  const turned = applyPca(fitPca(rows, rows.numColumns), rows);
  const distance = (matrix: typeof rows, a: number, b: number) =>
    Math.hypot(...rowOf(matrix, a).map((value, column) => value - rowOf(matrix, b)[column]!));
  for (let row = 1; row < rows.numRows; row++) assert.ok(Math.abs(distance(turned, 0, row) - distance(rows, 0, row)) < 1e-12);
});

test("rows that span three directions have three components, however many are asked for", () => {
  const random = randomFor(3, "rank");
  const directions = Array.from({ length: 3 }, () => Float64Array.from({ length: 20 }, () => random.normal()));
  // Rounded to float32, as embeddings are: the rounding is no fourth direction.
  const data = new Float64Array(50 * 20);
  for (let row = 0; row < 50; row++) {
    const weights = directions.map(() => random.normal());
    for (let column = 0; column < 20; column++) {
      data[row * 20 + column] = Math.fround(weights.reduce((sum, weight, k) => sum + weight * directions[k]![column]!, 0));
    }
  }
  assert.equal(fitPca(matrixOf(50, 20, data), 10).components.numRows, 3);
});

test("equal rows have no components, and fewer than two rows are refused", () => {
  const pca = fitPca(matrixOf(5, 3, new Float64Array(15).fill(2)), 3);
  assert.equal(pca.components.numRows, 0);
  assert.deepEqual(Array.from(pca.mean), [2, 2, 2]);
  assert.equal(applyPca(pca, matrixOf(2, 3, new Float64Array(6))).data.length, 0);
  assert.throws(() => fitPca(matrixOf(1, 3, new Float64Array(3)), 1), { message: "pca: expected at least 2 rows, got 1." });
});
