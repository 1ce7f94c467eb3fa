// The numbers that tell learning from collapse.
import assert from "node:assert/strict";
import { test } from "node:test";
import { float32, type NdArray, randomFor } from "#base/array";
import { embeddingSpread, lengthOf, metricsOf } from "#learn/dino";

/** Rows of independent normal numbers, each with `offset` added. */
function gaussianRows(numRows: number, dim: number, { offset = 0 } = {}): NdArray {
  const random = randomFor(3, "spread rows", numRows, dim);
  return float32(
    [numRows, dim],
    Array.from({ length: numRows * dim }, () => offset + random.normal()),
  );
}

const scaled = ({ shape, data }: NdArray, factor: number) =>
  float32(
    shape,
    Array.from(data as Float32Array, (x) => factor * x),
  );

test("embeddings that are all the same have no spread", () => {
  const row = [0.5, -2, 1, 3];
  assert.ok(embeddingSpread(float32([5, 4], Array.from({ length: 5 }, () => row).flat())) < 1e-7);
});

test("embeddings that point the same way have no spread, however long they are", () => {
  const row = [0.5, -2, 1, 3];
  const rows = [1, 10, 0.1, 300].flatMap((length) => row.map((value) => length * value));
  assert.ok(embeddingSpread(float32([4, 4], rows)) < 1e-6);
});

test("directions spread evenly over the sphere have a spread near 1 in any number of dimensions", () => {
  // A variance over 400 rows is low by 1/400, and its root varies by 1 / sqrt(2 x 400) in each dimension.
  for (const dim of [2, 16, 128]) assert.ok(Math.abs(embeddingSpread(gaussianRows(400, dim)) - 1) < 0.03, `${dim}`);
});

test("the spread does not feel the embeddings' scale", () => {
  const rows = gaussianRows(20, 8);
  assert.ok(Math.abs(embeddingSpread(scaled(rows, 1000)) - embeddingSpread(rows)) < 1e-6);
  assert.ok(embeddingSpread(rows) > 0.5);
});

test("two opposite directions along one axis of four have a spread of one half", () => {
  // One dimension of four has standard deviation 1, the others 0: mean 1/4, times sqrt(4).
  assert.ok(Math.abs(embeddingSpread(float32([2, 4], [3, 0, 0, 0, -2, 0, 0, 0])) - 0.5) < 1e-9);
});

test("a common part in all embeddings lowers their spread", () => {
  const spread = [0, 1, 5].map((offset) => embeddingSpread(gaussianRows(200, 16, { offset })));
  assert.ok(spread[0]! > spread[1]! && spread[1]! > spread[2]! && spread[2]! < 0.25, `${spread}`);
});

test("a row of zeros has no direction and is no error", () => {
  assert.ok(Math.abs(embeddingSpread(float32([2, 2], [0, 0, 0, 4])) - (0.5 / 2) * Math.SQRT2) < 1e-9);
});

test("an array's length is Euclid's", () => {
  assert.equal(lengthOf(float32([2, 2], [1, 2, 4, 10])), 11);
  assert.equal(lengthOf(float32([3], [0, 0, 0])), 0);
});

test("a step's metrics name what was measured: ln K and the center's length from the state, the distance from loss and entropy", () => {
  const counters = { epoch: 3, stepInEpoch: 0, step: 12, numUpdates: { decayed: 12, undecayed: 12, prototypes: 8 } };
  const metrics = metricsOf({
    state: { arrays: new Map([["center", float32([1, 8], [3, 4, 0, 0, 0, 0, 0, 0])]]), counters },
    epoch: 2,
    settings: {
      learningRate: 0.5,
      weightDecay: 0.25,
      teacherMomentum: 0.75,
      teacherTemperature: 0.125,
      arePrototypesFrozen: false,
    },
    report: {
      loss: 2,
      teacherEntropy: 1.5,
      gradientNorm: 9,
      teacherEmbeddings: float32([2, 4], [3, 0, 0, 0, -2, 0, 0, 0]),
    },
    imagesPerSecond: 40,
  });
  assert.deepEqual(metrics, {
    step: 12,
    epoch: 2,
    loss: 2,
    lnK: Math.log(8),
    teacherEntropy: 1.5,
    klDivergence: 0.5,
    centerNorm: 5,
    embeddingSpread: 0.5,
    gradientNorm: 9,
    learningRate: 0.5,
    weightDecay: 0.25,
    teacherMomentum: 0.75,
    teacherTemperature: 0.125,
    imagesPerSecond: 40,
  });
});
