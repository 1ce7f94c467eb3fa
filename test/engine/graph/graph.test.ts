// The graph under construction: names, scopes, shared constants, needed nodes, printed text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { float32 } from "#base/array";
import {
  add,
  concat,
  Graph,
  graphOf,
  layerNormalization,
  matMul,
  mul,
  neededNodes,
  OP_RULES,
  printGraph,
  reduceMean,
  relu,
  reshape,
  ShapeError,
  slice,
  softmax,
  split,
  where,
} from "#engine/graph";
import { assertGolden } from "../../golden-file.ts";

test("a node is named after its scope and its operator, and counted from the second on", () => {
  const graph = new Graph("names");
  const x = graph.input("x", [2]);
  const outside = relu(x);
  const [first, second] = graph.scope("blocks.0", () => graph.scope("mlp", () => [relu(x), relu(x)]));
  assert.deepEqual([outside.name, first!.name, second!.name], ["Relu", "blocks.0/mlp/Relu", "blocks.0/mlp/Relu_1"]);
});

test("a scope ends with its function, even where that throws", () => {
  const graph = new Graph("names");
  const x = graph.input("x", [2, 3]);
  assert.throws(() => graph.scope("broken", () => matMul(x, x)), ShapeError);
  assert.equal(relu(x).name, "Relu");
});

test("a node's name steps aside for an input that has it", () => {
  const graph = new Graph("names");
  const x = graph.input("Relu", [2]);
  assert.equal(relu(x).name, "Relu_1");
});

test("small equal constants are one tensor, those of another shape or type are not", () => {
  const graph = new Graph("constants");
  const one = graph.constant(float32([], [1]));
  assert.equal(graph.constant(float32([], [1])), one);
  assert.notEqual(graph.constant(float32([1], [1])), one);
  assert.notEqual(graph.constant({ dtype: "int32", shape: [], data: Int32Array.of(0x3f800000) }), one);
  const large = float32([65], new Float32Array(65));
  assert.notEqual(graph.constant(large), graph.constant(large));
  assert.equal(graph.constantOf(one)!.data[0], 1);
});

test("a tensor knows its graph, and the graph the node behind every output", () => {
  const graph = new Graph("producers");
  const x = graph.input("x", [2, 4]);
  const pieces = split(x, [1, 3], 1);
  assert.equal(graphOf(pieces[1]!), graph);
  assert.equal(graph.producerOf(pieces[0]!), graph.producerOf(pieces[1]!));
  assert.equal(graph.producerOf(pieces[1]!)!.op, "Split");
  assert.equal(graph.producerOf(x), undefined);
});

test("the needed nodes are those that outputs depend on, in running order", () => {
  const graph = new Graph("needed");
  const x = graph.input("x", [4]);
  const a = relu(x);
  const dead = mul(a, 2);
  mul(dead, 3);
  const b = add(a, 1);
  graph.output("b", b);
  assert.deepEqual(
    neededNodes(graph).map((node) => node.name),
    [a.name, b.name],
  );
});

test("every rule names each attribute once, and its domain is one that ONNX Runtime has", () => {
  for (const [op, rule] of Object.entries(OP_RULES)) {
    assert.ok(rule.domain === "" || rule.domain === "com.microsoft", op);
    assert.equal(new Set(Object.keys(rule.attributes)).size, Object.keys(rule.attributes).length);
  }
});

test("a printed graph shows inputs, constants, nodes with their types and attributes, and outputs", () => {
  const graph = new Graph("printed");
  const x = graph.input("x", [2, 3]);
  const mask = graph.input("mask", [3], "bool");
  const weight = graph.constant(float32([3, 3], new Float32Array(9)));
  const scale = graph.constant(float32([3], [1, 0.1, -2.5]));
  const normalised = graph.scope("norm", () => layerNormalization(matMul(x, weight), scale, scale, { epsilon: 1e-6 }));
  const [left, right] = split(where(mask, softmax(normalised), 0), [1, 2], 1);
  const joined = concat([right!, left!], -1);
  graph.output("mean", reduceMean(slice(reshape(joined, [-1]), { axis: 0, start: 1 })));
  graph.output("normalised", normalised);
  assertGolden("graph/printed.txt", printGraph(graph));
});
