// The parts of t-SNE: affinities of a wanted entropy, forces that are a gradient, squares that act as the points in them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { affinitiesOf } from "../../../src/learn/embeddings/tsne/affinities.ts";
import { fitTsne } from "../../../src/learn/embeddings/tsne/fit-tsne.ts";
import { attractInPlace, divergence, repelInPlace } from "../../../src/learn/embeddings/tsne/forces.ts";
import { quadTree } from "../../../src/learn/embeddings/tsne/quad-tree.ts";
import { startFrom } from "../../../src/learn/embeddings/tsne/start.ts";

/** Each of N points on a ring with its k nearest: every row sees the same distances. */
function ringNeighbours(N: number, k: number) {
  const indices = new Int32Array(N * k);
  const distances = new Float64Array(N * k);
  for (let row = 0; row < N; row++) {
    for (let place = 0; place < k; place++) {
      const steps = Math.floor(place / 2) + 1;
      indices[row * k + place] = (row + (place % 2 ? N - steps : steps)) % N;
      distances[row * k + place] = 2 * Math.sin((Math.PI * steps) / N);
    }
  }
  return { k, indices, distances };
}

function scattered(N: number): Float64Array {
  const random = randomFor(1, "scattered points");
  return Float64Array.from({ length: 2 * N }, (_, index) => random.normal() * (index % 3 === 0 ? 9 : 1));
}

test("affinities of a ring fall with distance, add up to one half, and have the entropy of the perplexity", () => {
  const [N, k, perplexity] = [40, 12, 5];
  const { starts, others, values } = affinitiesOf(ringNeighbours(N, k), perplexity);
  assert.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) - 0.5) < 1e-9);
  // All rows are alike: p(j|i) = p(i|j) = N times the joint affinity.
  const ofFirst = new Map(Array.from(others.subarray(0, starts[1]!), (other, at) => [other, N * values[at]!]));
  assert.equal(ofFirst.size, k);
  const entropy = [...ofFirst.values()].reduce((sum, p) => sum - p * Math.log(p), 0);
  assert.ok(Math.abs(entropy - Math.log(perplexity)) < 2e-5, `${Math.exp(entropy)}`);
  assert.ok(ofFirst.get(1)! > ofFirst.get(2)! && ofFirst.get(2)! > ofFirst.get(3)!);
  assert.ok(Math.abs(ofFirst.get(1)! - ofFirst.get(N - 1)!) < 1e-9);
});

test("a pair of which only one sees the other has half the affinity", () => {
  // Rows 0 and 1 see each other; row 2 sees 1 and is seen by none.
  const { starts, others, values } = affinitiesOf(
    { k: 1, indices: Int32Array.of(1, 0, 1), distances: Float64Array.of(1, 1, 3) },
    1,
  );
  assert.deepEqual([...starts], [0, 1, 2, 2]);
  assert.deepEqual([...others], [1, 2]);
  assert.ok(Math.abs(values[0]! - 1 / 3) < 1e-12 && Math.abs(values[1]! - 1 / 6) < 1e-12);
});

test("attraction is minus a quarter of the slope of the divergence where Z stays", () => {
  const affinities = affinitiesOf(ringNeighbours(20, 6), 3);
  const points = scattered(20);
  const pull = new Float64Array(40);
  attractInPlace(pull, points, affinities);
  for (const index of [0, 1, 17, 39]) {
    const at = (step: number) => divergence(points.with(index, points[index]! + step), affinities, 50);
    const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
    assert.ok(Math.abs(pull[index]! + slope / 4) < 1e-7, `${index}: ${pull[index]}, ${-slope / 4}`);
  }
});

test("repulsion through squares is that of all pairs within 2 %, also of points at one place", () => {
  const N = 600;
  const points = scattered(N);
  for (let twin = 0; twin < 20; twin++) points.copyWithin(2 * twin, 2 * (N - 20), 2 * (N - 19));
  const forces = new Float64Array(2 * N);
  const Z = repelInPlace(forces, points);
  let [exactZ, wrong, whole] = [0, 0, 0];
  for (let i = 0; i < N; i++) {
    let [x, y] = [0, 0];
    for (let j = 0; j < N; j++) {
      const [dx, dy] = [points[2 * i]! - points[2 * j]!, points[2 * i + 1]! - points[2 * j + 1]!];
      const q = 1 / (1 + dx * dx + dy * dy);
      if (i !== j) exactZ += q;
      x += q * q * dx;
      y += q * q * dy;
    }
    wrong += (forces[2 * i]! - x) ** 2 + (forces[2 * i + 1]! - y) ** 2;
    whole += x * x + y * y;
  }
  assert.ok(Math.abs(Z / exactZ - 1) < 0.01, `${Z}, expected ${exactZ}`);
  assert.ok(Math.sqrt(wrong / whole) < 0.02, `${Math.sqrt(wrong / whole)}`);
});

test("a tree holds every point once, squares of one place are leaves, and a square spans those within", () => {
  const points = Float64Array.of(0, 0, 1, 1, 0, 1, 1, 1, 0.1, 0);
  const { numNodes, counts, centres, squaredSides, skips, order } = quadTree(points);
  assert.deepEqual([...order].toSorted(), [0, 1, 2, 3, 4]);
  assert.equal(counts[0], 5);
  assert.ok(Math.abs(squaredSides[0]! - 1) < 1e-6);
  assert.ok(Math.abs(centres[0]! - 2.1 / 5) < 1e-12 && Math.abs(centres[1]! - 3 / 5) < 1e-12);
  assert.equal(skips[0], numNodes);
  const leaves = Array.from({ length: numNodes }, (_, node) => node).filter((node) => squaredSides[node]! < 0);
  assert.deepEqual(
    leaves.map((node) => counts[node]),
    [1, 1, 1, 2],
  );
});

test("too many points for a tree are refused", () => {
  assert.throws(() => quadTree({ length: 2 * (2 ** 21 + 1) } as Float64Array), {
    message: "t-SNE: expected at most 2097152 points, got 2097153. Give a part of them.",
  });
});

test("a start has the components' shape with deviation 1e-4, and parts rows that are equal", () => {
  const data = Float32Array.from({ length: 300 }, (_, index) => (index % 3 === 0 ? (index / 3) % 10 : index % 3 === 1 ? 1 : 77));
  const start = startFrom(100, { numColumns: 3, data });
  const xs = start.filter((_, index) => index % 2 === 0);
  const mean = xs.reduce((sum, x) => sum + x, 0) / 100;
  const deviation = Math.sqrt(xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 100);
  assert.ok(Math.abs(deviation / 1e-4 - 1) < 0.01, `${deviation}`);
  assert.ok(xs[9]! - xs[0]! > 2.5e-4);
  assert.equal(new Set(startFrom(5, { numColumns: 1, data: new Float32Array(5) })).size, 10);
});

test("descent brings a ring to a plane with less divergence than it began with, and tells every step", async () => {
  const affinities = affinitiesOf(ringNeighbours(60, 15), 5);
  const start = startFrom(60, {
    numColumns: 1,
    data: Float32Array.from({ length: 60 }, (_, row) => Math.cos((Math.PI * row) / 30)),
  });
  const steps: number[] = [];
  const result = await fitTsne(affinities, start, { numIterations: 400, afterStep: (numDone) => void steps.push(numDone) });
  assert.deepEqual([steps.length, steps.at(-1)], [400, 400]);
  assert.ok(result.divergence < 0.3 * divergence(start, affinities, 60 * 59), `${result.divergence}`);
  // On the ring the next point is near, the opposite one is far.
  const gap = (a: number, b: number) =>
    Math.hypot(
      result.coordinates[2 * a]! - result.coordinates[2 * b]!,
      result.coordinates[2 * a + 1]! - result.coordinates[2 * b + 1]!,
    );
  assert.ok(gap(0, 1) < gap(0, 30) / 4, `${gap(0, 1)}, ${gap(0, 30)}`);
});
