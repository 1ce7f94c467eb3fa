// What exploring computes beside scikit-learn, SciPy and numpy run live: trustworthiness, oddness, shift, alignment.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { matrixOf, PROJECTION_DEFAULTS, rowBlocks, standardisedRows } from "#learn/embeddings";
import { MatrixProducts, nearestNeighbours, projectRows, trustworthiness } from "#learn/embeddings/native";
import {
  evaluateAnomaly,
  evaluateCka,
  evaluateShift,
  frechetDistance,
  gaussianKernel,
  meanDiscrepancy,
  oddnessOf,
} from "#learn/tasks";
import { affinitiesOf } from "../../src/learn/embeddings/tsne/affinities.ts";
import { cropRecord, tableOf } from "../learn/crop-sets.ts";
import { pythonSkip } from "../python.ts";
import { pythonResult } from "../python-arrays.ts";

const skip = pythonSkip(["sklearn", "scipy"]);

function randomRows(name: string, N: number, D: number, shift = 0): Float32Array {
  const random = randomFor(5, name);
  return Float32Array.from({ length: N * D }, (_, index) => shift + random.normal() / (1 + (index % D) / 3));
}

function near(ours: number, theirs: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(ours - theirs) <= tolerance * Math.max(1, Math.abs(theirs)), `${what}: ${ours}, expected ${theirs}`);
}

test("trustworthiness of points at random and of a t-SNE is scikit-learn's", { skip }, async () => {
  const [N, D] = [300, 20];
  const data = randomRows("trust", N, D);
  const products = new MatrixProducts();
  const scattered = Float64Array.from(randomRows("scattered", N, 2));
  const settings = { ...PROJECTION_DEFAULTS, method: "tsne", numThreads: 2, perplexity: 20 } as const;
  const { coordinates, trustworthiness: found } = await projectRows(rowBlocks(data, D), settings);
  const options = { numNeighbours: 12, maxMeasured: N };
  const random = await trustworthiness(rowBlocks(standardisedRows(data, D), D), scattered, options, products);
  products.close();
  const theirs = pythonResult<readonly [number, number]>(
    { x: { shape: [N, D], data }, a: { shape: [N, 2], data: scattered }, b: { shape: [N, 2], data: coordinates } },
    `from sklearn.manifold import trustworthiness
x = (x - x.mean(0)) / x.std(0)
result = [trustworthiness(x, a, n_neighbors=12), trustworthiness(x, b, n_neighbors=12)]`,
  );
  near(random.value, theirs[0], 1e-4, "at random");
  near(found.value, theirs[1], 1e-4, "t-SNE");
  assert.ok(theirs[1] > theirs[0] + 0.1);
});

test("the affinities of t-SNE are scikit-learn's", { skip }, async () => {
  const [N, D, k] = [200, 10, 31];
  const data = randomRows("affinities", N, D);
  const products = new MatrixProducts();
  const neighbours = await nearestNeighbours(
    rowBlocks(data, D),
    { numColumns: D, data },
    { k, metric: "euclidean", self: "skip" },
    products,
  );
  products.close();
  const { starts, others, values } = affinitiesOf(neighbours, 10);
  const ours = new Float64Array(N * N);
  for (let row = 0; row < N; row++)
    for (let at = starts[row]!; at < starts[row + 1]!; at++) ours[row * N + others[at]!] = values[at]!;
  const off = pythonResult<number>(
    { x: { shape: [N, D], data }, p: { shape: [N, N], data: ours } },
    `from sklearn.manifold._t_sne import _joint_probabilities_nn
from sklearn.neighbors import NearestNeighbors
graph = NearestNeighbors(n_neighbors=${k}).fit(x).kneighbors_graph(mode="distance")
graph.data **= 2
theirs = _joint_probabilities_nn(graph, 10, 0).toarray()
result = float(np.abs(p + p.T - theirs).max() / theirs.max())`,
  );
  assert.ok(off < 1e-4, `${off}`);
});

test("t-SNE ends with no more divergence and no less trust than scikit-learn's", { skip }, async () => {
  const [N, D] = [800, 30];
  const data = randomRows("laid out", N, D);
  const settings = { ...PROJECTION_DEFAULTS, method: "tsne", scaling: "none", numComponents: null, numThreads: 2 } as const;
  const found = await projectRows(rowBlocks(data, D), settings);
  const theirs = pythonResult<readonly [number, number]>(
    { x: { shape: [N, D], data } },
    `from sklearn.manifold import TSNE, trustworthiness
tsne = TSNE(2, perplexity=30, n_iter=1000, init="pca", learning_rate="auto", random_state=0)
y = tsne.fit_transform(x)
result = [float(tsne.kl_divergence_), float(trustworthiness(x, y, n_neighbors=12))]`,
  );
  const divergence = found.parameters["divergence"] as number; // t-SNE has one
  // Two descents end in two valleys: half a percent either way is chance.
  assert.ok(divergence < 1.005 * theirs[0] && divergence > 0.9 * theirs[0], `${divergence}, scikit-learn ${theirs[0]}`);
  assert.ok(found.trustworthiness.value > theirs[1] - 0.001, `${found.trustworthiness.value}, scikit-learn ${theirs[1]}`);
});

test("oddness, its ROC AUC and its rank correlation are scikit-learn's and SciPy's", { skip }, () => {
  const [N, D] = [240, 12];
  const embeddings = randomRows("anomaly", N, D);
  const random = randomFor(6, "interest");
  const interest = Float64Array.from({ length: N }, () => 1 + random.integer(5));
  const records = Array.from(interest, (interestScore, row) => cropRecord({ id: `${row}`, field: `${row % 9}`, interestScore }));
  const vectors = records.map((_, row) => Array.from(embeddings.subarray(row * D, (row + 1) * D)));
  const table = tableOf("a backbone", records, vectors);
  const options = { table, floors: [], minInterest: 4, numNeighbours: 10, maxComponents: 8, seed: 0 };
  const record = evaluateAnomaly(options);
  const ours = oddnessOf(table, Array.from(records.keys()), options);
  const theirs = pythonResult<{ knn: number[]; maha: number[]; auc: number[]; rho: number[] }>(
    { x: { shape: [N, D], data: embeddings }, y: { shape: [N], data: interest } },
    `from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors
from sklearn.metrics import roc_auc_score
from scipy.stats import spearmanr
z = (x - x.mean(0)) / x.std(0)
p = PCA(8, svd_solver="full").fit(z)
z = p.transform(z)
knn = NearestNeighbors(n_neighbors=10).fit(z).kneighbors()[0].mean(1)
maha = np.sqrt((z ** 2 / p.explained_variance_).sum(1))
result = dict(knn=knn.tolist(), maha=maha.tolist(), auc=[roc_auc_score(y >= 4, s) for s in (knn, maha)],
              rho=[float(spearmanr(s, y)[0]) for s in (knn, maha)])`,
  );
  for (let row = 0; row < N; row++) {
    near(ours["neighbour-distance"][row]!, theirs.knn[row]!, 1e-5, `neighbour distance ${row}`);
    near(ours.mahalanobis[row]!, theirs.maha[row]!, 1e-5, `Mahalanobis ${row}`);
  }
  for (const [index, { rocAuc, rankCorrelation }] of record.scorers.entries()) {
    near(rocAuc.value!, theirs.auc[index]!, 1e-12, "ROC AUC");
    near(rankCorrelation.value!, theirs.rho[index]!, 1e-12, "rank correlation");
    assert.ok(rocAuc.interval![0] < rocAuc.value! && rocAuc.value! < rocAuc.interval![1]);
  }
});

test("the Frechet distance is SciPy's by a matrix root, the unbiased mean discrepancy that of plain sums", { skip }, () => {
  const [n, m, D] = [60, 80, 6];
  const x = Float64Array.from([...randomRows("first", n, D), ...randomRows("second", m, D, 0.3)]);
  const rows = matrixOf(n + m, D, x);
  const [first, second] = [Array.from({ length: n }, (_, row) => row), Array.from({ length: m }, (_, row) => n + row)];
  const theirs = pythonResult<readonly [number, number]>(
    { x: { shape: [n + m, D], data: x } },
    `from scipy.linalg import sqrtm
from scipy.spatial.distance import pdist, squareform
a, b = x[:${n}], x[${n}:]
s1, s2 = np.cov(a.T), np.cov(b.T)
fd = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s1 + s2 - 2 * sqrtm(s1 @ s2).real)
sq = pdist(x, "sqeuclidean")
k = np.exp(-squareform(sq) / (2 * np.sort(sq)[len(sq) // 2]))
kxx, kyy, kxy = k[:${n}, :${n}], k[${n}:, ${n}:], k[:${n}, ${n}:]
mmd = (kxx.sum() - np.trace(kxx)) / (${n} * ${n - 1}) + (kyy.sum() - np.trace(kyy)) / (${m} * ${m - 1}) - 2 * kxy.mean()
result = [float(fd), float(mmd)]`,
  );
  near(frechetDistance(rows, first, second), theirs[0], 1e-9, "Frechet distance");
  near(meanDiscrepancy(gaussianKernel(rows), first, second), theirs[1], 1e-9, "mean discrepancy");
});

test("a shift is told from none: p is small for moved rows and large for rows of one distribution", () => {
  const D = 8;
  const tableFrom = (name: string, N: number, shift: number) => {
    const data = randomRows(name, N, D, shift);
    const records = Array.from({ length: N }, (_, row) => cropRecord({ id: `${name}${row}`, field: `${name}${row}` }));
    const vectors = records.map((_, row) => Array.from(data.subarray(row * D, (row + 1) * D)));
    return tableOf("a backbone", records, vectors, { cropSetName: name });
  };
  const options = { floors: [], maxComponents: 50, maxCrops: 1000, numPermutations: 100, seed: 0 };
  const moved = evaluateShift({ ...options, tables: [tableFrom("a", 90, 0), tableFrom("b", 110, 0.6)] });
  assert.equal(moved.frechetDistance.withoutShift.p, 1 / 101);
  assert.equal(moved.meanDiscrepancy.withoutShift.p, 1 / 101);
  assert.ok(moved.interval[0] > moved.frechetDistance.withoutShift.mean);
  const same = evaluateShift({ ...options, tables: [tableFrom("c", 90, 0), tableFrom("d", 110, 0)] });
  assert.ok(same.frechetDistance.withoutShift.p > 0.05 && same.meanDiscrepancy.withoutShift.p > 0.05);
});

test("linear CKA is numpy's formula on features, and without bias that of Song et al.", { skip }, () => {
  const [N, D, E] = [70, 9, 14];
  const [x, y] = [randomRows("x", N, D), randomRows("y", N, E)];
  for (let row = 0; row < N; row++) for (let k = 0; k < 5; k++) y[row * E + k]! += x[row * D + k]!;
  const records = Array.from({ length: N }, (_, row) => cropRecord({ id: `${row}`, field: `${row}` }));
  const table = (name: string, data: Float32Array, dim: number) =>
    tableOf(
      name,
      records,
      records.map((_, row) => Array.from(data.subarray(row * dim, (row + 1) * dim))),
    );
  const record = evaluateCka({ table: table("x", x, D), other: table("y", y, E), maxCrops: 2000, seed: 0 });
  const theirs = pythonResult<readonly [number, number]>(
    { x: { shape: [N, D], data: x }, y: { shape: [N, E], data: y } },
    `x -= x.mean(0); y -= y.mean(0)
f = lambda a, b: np.linalg.norm(a.T @ b) ** 2
def h(k, l):
    k, l, n, o = k.copy(), l.copy(), len(k), np.ones(len(k))
    np.fill_diagonal(k, 0); np.fill_diagonal(l, 0)
    return (np.trace(k @ l) + (o @ k @ o) * (o @ l @ o) / ((n - 1) * (n - 2)) - 2 / (n - 2) * (o @ k @ l @ o)) / (n * (n - 3))
k, l = x @ x.T, y @ y.T
result = [float(f(x, y) / np.sqrt(f(x, x) * f(y, y))), float(h(k, l) / np.sqrt(h(k, k) * h(l, l)))]`,
  );
  near(record.value, theirs[0], 1e-9, "CKA");
  near(record.debiased, theirs[1], 1e-9, "CKA without bias");
  assert.ok(record.floors[0]!.value < record.interval[0]);
});
