// The float64 evaluator against plain formulas and numbers worked out by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import {
  add,
  concat,
  equal,
  evaluateGraph,
  exp,
  expand,
  fusedMatMul,
  Graph,
  gather,
  gelu,
  gemm,
  layerNormalization,
  logSoftmax,
  matMul,
  pad,
  reduceMax,
  reduceMean,
  reduceSum,
  reduceSumSquare,
  scatterSum,
  slice,
  softmax,
  split,
  transpose,
  where,
} from "#engine/graph";
import { assertClose } from "../../compare.ts";
import { evaluated, hostTensor } from "../host-tensors.ts";

const TOLERANCE = 1e-14;

function normalTensor(name: string, ...shape: readonly number[]) {
  const random = randomFor(5, name);
  const length = shape.reduce((product, size) => product * size, 1);
  return hostTensor(
    shape,
    Array.from({ length }, () => random.normal()),
  );
}

const COUNTING = hostTensor([2, 3], [1, 2, 3, 4, 5, 6]);

test("operands broadcast as numpy's do: a column and a row make a table", () => {
  const result = evaluated({ a: hostTensor([3, 1], [10, 20, 30]), b: hostTensor([2], [1, 2]) }, ({ a, b }) => ({
    y: add(a!, b!),
  }));
  assert.deepEqual(result.get("y"), hostTensor([3, 2], [11, 12, 21, 22, 31, 32]));
});

test("a batched product is the sum over the inner axis, whichever operand is stored with its axes swapped", () => {
  const [a, b] = [normalTensor("a", 2, 1, 3, 4), normalTensor("b", 5, 4, 2)];
  const expected: number[] = [];
  for (let i = 0; i < 2; i++)
    for (let j = 0; j < 5; j++)
      for (let row = 0; row < 3; row++)
        for (let column = 0; column < 2; column++) {
          let sum = 0;
          for (let k = 0; k < 4; k++) sum += a.data[(i * 3 + row) * 4 + k]! * b.data[(j * 4 + k) * 2 + column]!;
          expected.push(sum);
        }
  const results = evaluated({ a, b }, (x) => ({
    plain: matMul(x["a"]!, x["b"]!),
    swapped: fusedMatMul(transpose(x["a"]!, [0, 1, 3, 2]), transpose(x["b"]!, [0, 2, 1]), {
      transA: true,
      transB: true,
      alpha: 0.5,
    }),
  }));
  assert.deepEqual(results.get("plain")!.shape, [2, 5, 3, 2]);
  assertClose(results.get("plain")!.data, expected, TOLERANCE, "MatMul");
  assertClose(
    results.get("swapped")!.data,
    expected.map((value) => value / 2),
    TOLERANCE,
    "FusedMatMul",
  );
});

test("Gemm scales its product and its bias apart", () => {
  const feeds = { a: COUNTING, b: hostTensor([1, 3], [1, 0, -1]), c: hostTensor([1], [7]) };
  const result = evaluated(feeds, ({ a, b, c }) => ({ y: gemm(a!, b!, c!, { transB: true, alpha: 3, beta: 10 }) }));
  assert.deepEqual(result.get("y"), hostTensor([2, 1], [64, 64]));
});

test("a transpose puts axis perm[i] of its operand at i", () => {
  const x = hostTensor([2, 3, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const result = evaluated({ x }, (inputs) => ({ y: transpose(inputs["x"]!, [2, 0, 1]) }));
  assert.deepEqual(result.get("y"), hostTensor([2, 2, 3], [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]));
});

test("pieces that are split, sliced, padded and joined keep their places", () => {
  const results = evaluated({ x: COUNTING }, ({ x }) => {
    const [left, right] = split(x!, [1, 2], 1);
    return {
      left: left!,
      turned: concat([right!, left!], 1),
      middle: slice(x!, { axis: 1, start: 1, end: 2 }),
      padded: pad(left!, { before: [0, 1], after: [1, 0] }),
    };
  });
  assert.deepEqual(results.get("left"), hostTensor([2, 1], [1, 4]));
  assert.deepEqual(results.get("turned"), hostTensor([2, 3], [2, 3, 1, 5, 6, 4]));
  assert.deepEqual(results.get("middle"), hostTensor([2, 1], [2, 5]));
  assert.deepEqual(results.get("padded"), hostTensor([3, 2], [0, 1, 0, 4, 0, 0]));
});

test("rows are gathered by index, negative ones from the back, and scattered rows that meet are summed", () => {
  const graph = new Graph("rows");
  const x = graph.input("x", [2, 3]);
  const indices = graph.input("indices", [2, 2], "int64");
  graph.output("gathered", gather(x, [2, -3], 1));
  graph.output("first", gather(x, 0, 0));
  graph.output("scattered", scatterSum(slice(x, { axis: 1, start: 0, end: 2 }), indices, { shape: [2, 4], axis: 1 }));
  const feeds = new Map([
    ["x", COUNTING],
    ["indices", hostTensor([2, 2], [0, -1, 1, 1])],
  ]);
  const results = evaluateGraph(graph, feeds);
  assert.deepEqual(results.get("gathered"), hostTensor([2, 2], [3, 1, 6, 4]));
  assert.deepEqual(results.get("first"), hostTensor([3], [1, 2, 3]));
  assert.deepEqual(results.get("scattered"), hostTensor([2, 4], [1, 0, 0, 2, 0, 9, 0, 0]));
});

test("reductions run over the axes they are given and keep them where asked", () => {
  const results = evaluated({ x: COUNTING }, ({ x }) => ({
    sum: reduceSum(x!, [0]),
    mean: reduceMean(x!, [-1], { keepDims: true }),
    largest: reduceMax(x!),
    squares: reduceSumSquare(x!, [1]),
    repeated: expand(reduceSum(x!, [1], { keepDims: true }), [2, 2]),
  }));
  assert.deepEqual(results.get("sum"), hostTensor([3], [5, 7, 9]));
  assert.deepEqual(results.get("mean"), hostTensor([2, 1], [2, 5]));
  assert.deepEqual(results.get("largest"), hostTensor([], [6]));
  assert.deepEqual(results.get("squares"), hostTensor([2], [14, 77]));
  assert.deepEqual(results.get("repeated"), hostTensor([2, 2], [6, 6, 15, 15]));
});

test("a softmax is exp over its sum along the axis, and does not change when the operand is shifted far", () => {
  const x = normalTensor("softmax", 2, 3, 4);
  const results = evaluated({ x }, (inputs) => {
    const powers = exp(inputs["x"]!);
    return {
      sums: reduceSum(powers, [1], { keepDims: true }),
      softmax: softmax(inputs["x"]!, 1),
      shifted: softmax(add(inputs["x"]!, 1000), 1),
      logarithm: exp(logSoftmax(inputs["x"]!, 1)),
    };
  });
  const expected = x.data.map((value, index) => {
    const sum = results.get("sums")!.data[Math.floor(index / 12) * 4 + (index % 4)]!;
    return Math.exp(value) / sum;
  });
  assertClose(results.get("softmax")!.data, expected, TOLERANCE, "Softmax");
  assertClose(results.get("logarithm")!.data, expected, TOLERANCE, "LogSoftmax");
  // Adding 1000 costs three of the sixteen digits.
  assertClose(results.get("shifted")!.data, expected, 1e-12, "shifted Softmax");
});

test("layer normalisation gives rows their mean and deviation back as scale and bias say", () => {
  const x = hostTensor([1, 4], [1, 3, 5, 7]); // mean 5 - 1 = 4, variance 5
  const feeds = { x, scale: hostTensor([4], [1, 1, 2, 2]), bias: hostTensor([4], [0, 1, 0, 1]) };
  const graph = new Graph("norm");
  const [input, scale, bias] = Object.entries(feeds).map(([name, { shape }]) => graph.input(name, shape));
  const y = layerNormalization(input!, scale!, bias!, { epsilon: 4 });
  const node = graph.producerOf(y)!;
  for (const [index, output] of node.outputs.entries()) graph.output(`y${index}`, output);
  const results = evaluateGraph(graph, new Map(Object.entries(feeds)));
  assertClose(results.get("y0")!.data, [-1, -1 / 3 + 1, 2 / 3, 3], 1e-14, "Y"); // deviation sqrt(5 + 4) = 3
  assert.deepEqual(results.get("y1"), hostTensor([1, 1], [4]));
  assert.deepEqual(results.get("y2"), hostTensor([1, 1], [1 / 3]));
});

test("Gelu is x times the normal distribution of x", () => {
  // scipy.stats.norm.cdf(1) and (-2), times x.
  const result = evaluated({ x: hostTensor([3], [1, -2, 0]) }, ({ x }) => ({ y: gelu(x!) }));
  assertClose(result.get("y")!.data, [0.841344746068543, -0.0455002638963584, 0], 1e-14, "Gelu");
});

test("a choice takes one operand where the condition holds and the other elsewhere", () => {
  const result = evaluated({ x: COUNTING }, ({ x }) => ({ y: where(equal(x!, reduceMax(x!, [1], { keepDims: true })), 0, x!) }));
  assert.deepEqual(result.get("y"), hostTensor([2, 3], [1, 2, 0, 4, 5, 0]));
});

test("inputs and constants may be outputs themselves, and dead nodes are not evaluated", () => {
  const graph = new Graph("through");
  const x = graph.input("x", [1]);
  const unfed = graph.input("unfed", [1]);
  add(x, unfed);
  graph.output("same", x);
  assert.deepEqual(evaluateGraph(graph, new Map([["x", hostTensor([1], [3])]])).get("same"), hostTensor([1], [3]));
});
