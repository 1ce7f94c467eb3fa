// Large PCA, exact neighbours and trustworthiness beside scikit-learn run live.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ndArray, randomFor } from "#base/array";
import { formatNpy } from "#base/files";
import { METRIC_NAMES, type Metric, rowBlocks } from "#learn/embeddings";
import { fitLargePca, MatrixProducts, nearestNeighbours } from "#learn/embeddings/native";
import { peerEnvironment, pythonCommand } from "../../bench/peer-python.ts";
import { pythonSkip } from "../python.ts";

const skip = pythonSkip(["sklearn"]);

/** Runs a Python script on an array, which it finds as `x`; what it prints is its result. */
function pythonResult<T>(x: Float32Array, shape: readonly number[], script: string): T {
  const folder = mkdtempSync(join(tmpdir(), "suricate-sklearn-"));
  try {
    writeFileSync(join(folder, "x.npy"), formatNpy(ndArray("float32", shape, x)));
    const head = `import sys, json, numpy as np\nx = np.load(sys.argv[1] + "/x.npy")\nout = sys.argv[1] + "/out.json"\n`;
    const { status, stderr } = spawnSync(
      pythonCommand(),
      ["-B", "-c", `${head}${script}\njson.dump(result, open(out, "w"))`, folder],
      {
        encoding: "utf8",
        env: peerEnvironment(),
      },
    );
    assert.equal(status, 0, stderr);
    return JSON.parse(readFileSync(join(folder, "out.json"), "utf8")) as T;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

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

test("the components of 3000 x 700 span what scikit-learn's do, by angles below a thousandth", { skip }, async () => {
  const [N, D, K] = [3000, 700, 100];
  const x = embeddingLike(N, D);
  const products = new MatrixProducts({ numThreads: 2 });
  const pca = await fitLargePca(rowBlocks(x, D), K, products);
  products.close();
  const ours = JSON.stringify(Array.from({ length: K }, (_, k) => Array.from(pca.components.data.subarray(k * D, (k + 1) * D))));
  const truth = pythonResult<{ angle: number; variances: number[]; mean: number[]; total: number }>(
    x,
    [N, D],
    `from sklearn.decomposition import PCA
from scipy.linalg import subspace_angles
p = PCA(${K}, svd_solver="full").fit(x.astype(float))
ours = np.array(json.loads('''${ours}'''))
result = dict(angle=float(subspace_angles(p.components_.T, ours.T).max()), variances=p.explained_variance_.tolist(), mean=p.mean_.tolist(), total=float(x.astype(float).var(axis=0, ddof=1).sum()))`,
  );
  assert.ok(truth.angle < 1e-3, `angle ${truth.angle}`);
  assert.ok(Math.abs(pca.totalVariance / truth.total - 1) < 1e-6, `total ${pca.totalVariance} ${truth.total}`);
  for (const [k, variance] of truth.variances.entries()) {
    assert.ok(
      Math.abs(pca.explainedVariance[k]! / variance - 1) < 1e-5,
      `variance ${k}: ${pca.explainedVariance[k]} ${variance}`,
    );
  }
  for (const [column, mean] of truth.mean.entries()) assert.ok(Math.abs(pca.mean[column]! - mean) < 1e-5);
});

for (const metric of METRIC_NAMES satisfies readonly Metric[]) {
  test(`the 10 nearest of 5000 rows by ${metric} are scikit-learn's`, { skip }, async () => {
    const [N, D, k] = [5000, 96, 10];
    const x = embeddingLike(N, D);
    const products = new MatrixProducts({ numThreads: 2 });
    const rows = { numColumns: D, data: x };
    const found = await nearestNeighbours(rowBlocks(x, D), rows, { k, metric, self: "skip" }, products);
    products.close();
    const truth = pythonResult<{ indices: number[][]; distances: number[][] }>(
      x,
      [N, D],
      `from sklearn.neighbors import NearestNeighbors
d, i = NearestNeighbors(n_neighbors=${k}, algorithm="brute", metric="${metric}").fit(x.astype(float)).kneighbors()
result = dict(indices=i.tolist(), distances=d.tolist())`,
    );
    assert.deepEqual(Array.from(found.indices), truth.indices.flat());
    for (const [index, distance] of truth.distances.flat().entries())
      assert.ok(Math.abs(found.distances[index]! - distance) < 1e-9 * Math.max(1, distance), `distance ${index}`);
  });
}
