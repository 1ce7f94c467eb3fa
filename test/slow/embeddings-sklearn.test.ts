// PCA and exact neighbours beside scikit-learn run live.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { fitPca, METRIC_NAMES, matrixOf, type Pca, rowBlocks } from "#learn/embeddings";
import { fitLargePca, MatrixProducts, nearestNeighbours } from "#learn/embeddings/native";
import { pythonSkip } from "../python.ts";
import { pythonResult } from "../python-arrays.ts";

const skip = pythonSkip(["sklearn", "scipy"]);

/** Rows whose variance falls as embeddings' does, on an offset. */
function embeddingLike(N: number, D: number): Float32Array {
  const random = randomFor(7, "embedding-like", N);
  const rank = Math.min(D, 200);
  const mixing = Float64Array.from({ length: rank * D }, (_, index) => random.normal() / (1 + Math.floor(index / D)));
  const x = new Float32Array(N * D);
  for (let row = 0; row < N; row++) {
    for (let k = 0; k < rank; k++) {
      const draw = random.normal();
      for (let column = 0; column < D; column++) x[row * D + column]! += draw * mixing[k * D + column]!;
    }
    for (let column = 0; column < D; column++) x[row * D + column]! += 3 + 0.01 * random.normal();
  }
  return x;
}

/** Throws unless the components span what scikit-learn's exact ones do, with the same means and variances. */
function assertSameAsSklearn(pca: Pca, x: Float32Array, [N, D, K]: readonly [number, number, number]): void {
  assert.equal(pca.components.numRows, K);
  const truth = pythonResult<{ angle: number; variances: number[]; mean: number[]; total: number }>(
    { x: { shape: [N, D], data: x }, ours: { shape: [K, D], data: pca.components.data } },
    `from sklearn.decomposition import PCA
from scipy.linalg import subspace_angles
p = PCA(${K}, svd_solver="full").fit(x)
result = dict(angle=float(subspace_angles(p.components_.T, ours.T).max()), variances=p.explained_variance_.tolist(),
              mean=p.mean_.tolist(), total=float(x.var(axis=0, ddof=1).sum()))`,
  );
  assert.ok(truth.angle < 1e-3, `angle ${truth.angle}`);
  assert.ok(Math.abs(pca.totalVariance / truth.total - 1) < 1e-6, `total ${pca.totalVariance} ${truth.total}`);
  for (const [k, variance] of truth.variances.entries()) {
    const ours = pca.explainedVariance[k]!;
    assert.ok(Math.abs(ours / variance - 1) < 1e-5, `variance ${k}: ${ours} ${variance}`);
  }
  for (const [column, mean] of truth.mean.entries()) assert.ok(Math.abs(pca.mean[column]! - mean) < 1e-5);
}

const SHAPES = [
  { name: "3000 rows of 700, found by iteration", shape: [3000, 700, 100] },
  { name: "4000 rows of 60, clearly more rows", shape: [4000, 60, 20] },
  { name: "250 rows of 900, clearly more columns", shape: [250, 900, 100] },
] as const;

for (const { name, shape } of SHAPES) {
  test(`components of ${name}, span what scikit-learn's do, by angles below a thousandth`, { skip }, async () => {
    const [N, D, K] = shape;
    const x = embeddingLike(N, D);
    const products = new MatrixProducts({ numThreads: 2 });
    const large = await fitLargePca(rowBlocks(x, D), K, products);
    products.close();
    assertSameAsSklearn(large, x, shape);
    if (N * D <= 250_000) assertSameAsSklearn(fitPca(matrixOf(N, D, Float64Array.from(x)), K), x, shape);
  });
}

for (const metric of METRIC_NAMES) {
  test(`the 10 nearest of 5000 rows by ${metric} are scikit-learn's`, { skip }, async () => {
    const [N, D, k] = [5000, 96, 10];
    const x = embeddingLike(N, D);
    const products = new MatrixProducts({ numThreads: 2 });
    const rows = { numColumns: D, data: x };
    const found = await nearestNeighbours(rowBlocks(x, D), rows, { k, metric, self: "skip" }, products);
    products.close();
    const truth = pythonResult<{ indices: number[][]; distances: number[][] }>(
      { x: { shape: [N, D], data: x } },
      `from sklearn.neighbors import NearestNeighbors
d, i = NearestNeighbors(n_neighbors=${k}, algorithm="brute", metric="${metric}").fit(x).kneighbors()
result = dict(indices=i.tolist(), distances=d.tolist())`,
    );
    assert.deepEqual(Array.from(found.indices), truth.indices.flat());
    for (const [index, distance] of truth.distances.flat().entries())
      assert.ok(Math.abs(found.distances[index]! - distance) < 1e-9 * Math.max(1, distance), `distance ${index}`);
  });
}
