// PCA by blocks and float32 products beside the plain float64 one: the same mean, variances and coordinates.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { applyPca, fitPca, matrixOf, rowBlocks } from "#learn/embeddings";
import { applyLargePca, fitLargePca, MatrixProducts } from "#learn/embeddings/native";
import { assertClose } from "../../compare.ts";

/** Rows [N, D] of falling variance about a mean that drifts from row to row. */
function driftingRows(N: number, D: number, mean: number): Float32Array {
  const random = randomFor(3, "drifting rows");
  return Float32Array.from(
    { length: N * D },
    (_, index) => mean + Math.floor(index / D) / N + (3 * random.normal()) / (1 + (index % D)),
  );
}

for (const { N, D, mean, what } of [
  { N: 5000, D: 40, mean: 0, what: "two blocks of rows" },
  { N: 300, D: 300, mean: 0, what: "two strips of columns" },
  { N: 700, D: 20, mean: 500, what: "a mean far larger than the spread" },
]) {
  test(`${what}: the components, mean and coordinates of float64`, async () => {
    const data = driftingRows(N, D, mean);
    const products = new MatrixProducts();
    const large = await fitLargePca(rowBlocks(data, D), 3, products);
    const along = await applyLargePca(large, rowBlocks(data, D), products);
    products.close();
    const rows = matrixOf(N, D, Float64Array.from(data));
    const plain = fitPca(rows, 3);
    assertClose(large.mean, plain.mean, 1e-6, "mean");
    assertClose(large.explainedVariance, plain.explainedVariance, 1e-5, "variances");
    assert.ok(Math.abs(large.totalVariance / plain.totalVariance - 1) < 1e-5);
    // Coordinates are as wide as 3: float32 of rows near 500 leaves 3e-5 of each column.
    const truth = applyPca(plain, rows).data;
    for (const [index, value] of along.entries()) assert.ok(Math.abs(value - truth[index]!) < 2e-4, `${index}: ${value}`);
    const bias = along.reduce((sum, value, index) => (index % 3 === 0 ? sum + value : sum), 0) / N;
    assert.ok(Math.abs(bias) < 1e-6, `mean of the first coordinate: ${bias}`);
  });
}

test("a row that is not finite is named, whatever its block", async () => {
  const data = driftingRows(5000, 8, 0);
  data[4500 * 8 + 3] = Number.NaN;
  const products = new MatrixProducts();
  await assert.rejects(fitLargePca(rowBlocks(data, 8), 3, products), {
    message: "pca: row 4500: expected finite numbers, got NaN or infinity. Leave it out.",
  });
  products.close();
});
