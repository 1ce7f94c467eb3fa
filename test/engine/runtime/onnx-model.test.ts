import assert from "node:assert/strict";
import { test } from "node:test";
import { float32, int64 } from "#base/array";
import {
  add,
  cast,
  exp,
  fusedMatMul,
  Graph,
  gelu,
  gemm,
  layerNormalization,
  matMul,
  mul,
  neg,
  reduceMean,
  relu,
  split,
  transpose,
} from "#engine/graph";
import { formatOnnx, leanModel } from "#engine/runtime";
import { type DecodedModel, type DecodedNode, decodedModel, valueText } from "./onnx-proto.ts";

/** A graph over one 2 x 3 input "x". */
function decoded(build: (graph: Graph) => void): DecodedModel {
  const graph = new Graph("test");
  build(graph);
  return decodedModel(formatOnnx(graph));
}

const nodeText = ({ opType, input, output }: DecodedNode): string => `${output.join(", ")} = ${opType}(${input.join(", ")})`;

test("a model with operators of com.microsoft imports that set too", () => {
  const graph = new Graph("fused");
  const x = graph.input("x", [2, 3]);
  graph.output("y", fusedMatMul(x, x, { transB: true }));
  assert.deepEqual(
    decodedModel(formatOnnx(graph)).opsetImport.map(({ domain }) => domain),
    ["", "com.microsoft"],
  );
});

test("a model names its operator sets, its maker and its metadata", () => {
  const graph = new Graph("named");
  graph.output("y", relu(graph.input("x", [2, 3])));
  const model = decodedModel(formatOnnx(graph, { metadata: { backbone: "vit", note: "größer" } }));
  assert.equal(model.irVersion, 8);
  assert.equal(model.producerName, "suricate");
  assert.equal(model.graph.name, "named");
  assert.deepEqual(
    model.opsetImport.map(({ domain, version }) => [domain, version]),
    [["", 17]],
  );
  assert.deepEqual(
    model.metadataProps.map(({ key, value }) => [key, value]),
    [
      ["backbone", "vit"],
      ["note", "größer"],
    ],
  );
});

test("inputs and outputs carry their element types and sizes", () => {
  const { graph } = decoded((g) => {
    const x = g.input("x", [2, 3]);
    g.input("unread", [5], "int64");
    g.output("half", cast(x, "float16"));
    g.output("mean", reduceMean(x, [0, 1]));
  });
  assert.deepEqual(graph.input.map(valueText), ["x 1 [2,3]", "unread 7 [5]"]);
  assert.deepEqual(graph.output.map(valueText), ["half 10 [2,3]", "mean 1 []"]);
});

test("nodes stand in running order, under the names that callers give to the outputs", () => {
  const { graph } = decoded((g) => {
    const x = g.input("x", [2, 3]);
    const weight = g.input("w", [3, 4]);
    g.output("y", relu(matMul(x, weight)));
  });
  assert.deepEqual(graph.node.map(nodeText), ["MatMul = MatMul(x, w)", "y = Relu(MatMul)"]);
});

test("a node that no output needs is left out, with its constants", () => {
  const { graph } = decoded((g) => {
    const x = g.input("x", [2, 3]);
    matMul(x, g.constant(float32([3, 1], [1, 2, 3])));
    g.output("y", exp(x));
  });
  assert.deepEqual(graph.node.map(nodeText), ["y = Exp(x)"]);
  assert.equal(graph.initializer.length, 0);
});

test("constants are written as their raw bytes", () => {
  const { graph } = decoded((g) => {
    const x = g.input("x", [2, 3]);
    g.output("y", add(x, g.constant(float32([3], [1.5, -2, 1e-30]))));
    g.output("z", g.constant(int64([2], [-1, 2 ** 40])));
  });
  assert.deepEqual(
    graph.initializer.map(({ dims, dataType }) => [dims, dataType]),
    [
      [[3], 1],
      [[2], 7],
    ],
  );
  const [floats, integers] = graph.initializer.map(({ rawData }) => Buffer.from(rawData));
  assert.deepEqual(
    [0, 4, 8].map((offset) => floats!.readFloatLE(offset)),
    [1.5, -2, Math.fround(1e-30)],
  );
  assert.deepEqual([integers!.readBigInt64LE(0), integers!.readBigInt64LE(8)], [-1n, 2n ** 40n]);
});

test("attributes are written in their kinds, and operators in their domains", () => {
  const { graph } = decoded((g) => {
    const x = g.input("x", [2, 3]);
    const product = gemm(x, g.input("w", [4, 3]), g.input("b", [4]), { transB: true, alpha: 0.5 });
    g.output("y", gelu(transpose(product, [1, 0])));
  });
  const [product, turned, activated] = graph.node;
  const attributes = Object.fromEntries(product!.attribute.map((one) => [one.name, one]));
  assert.deepEqual([attributes["transB"]!.type, attributes["transB"]!.i], ["INT", 1]);
  assert.deepEqual([attributes["transA"]!.type, attributes["transA"]!.i], ["INT", 0]);
  assert.deepEqual([attributes["alpha"]!.type, attributes["alpha"]!.f], ["FLOAT", 0.5]);
  assert.deepEqual([attributes["beta"]!.type, attributes["beta"]!.f], ["FLOAT", 1]);
  assert.deepEqual(
    [turned!.attribute[0]!.name, turned!.attribute[0]!.type, turned!.attribute[0]!.ints],
    ["perm", "INTS", [1, 0]],
  );
  assert.deepEqual([product!.domain, activated!.opType, activated!.domain], ["", "Gelu", "com.microsoft"]);
});

test("an output that is an input, a constant or another output too is a copy", () => {
  const { graph } = decoded((g) => {
    const x = g.input("x", [2, 3]);
    const y = neg(x);
    g.output("same", x);
    g.output("first", y);
    g.output("second", y);
    g.output("known", g.constant(float32([1], [7])));
  });
  const constant = graph.initializer[0]!.name;
  assert.deepEqual(graph.node.map(nodeText), [
    "first = Neg(x)",
    "same = Identity(x)",
    "second = Identity(first)",
    `known = Identity(${constant})`,
  ]);
});

test("a tensor gives way where an output takes its name", () => {
  const { graph } = decoded((g) => {
    const x = g.input("x", [2, 3]);
    const inner = neg(x); // the graph calls it "Neg"
    g.output("Neg", exp(inner));
  });
  assert.deepEqual(graph.node.map(nodeText), ["Neg~ = Neg(x)", "Neg = Exp(Neg~)"]);
});

test("outputs that nobody reads are not asked for where the operator may leave them out, and named where it may not", () => {
  const { graph } = decoded((g) => {
    const x = g.input("x", [2, 4]);
    const [normalised, , invStdDev] = g.add("LayerNormalization", [x, g.input("s", [4]), g.input("b", [4])], {
      axis: -1,
      epsilon: 1e-6,
    });
    g.output("y", mul(normalised!, invStdDev!));
    g.output("z", layerNormalization(x, g.input("s2", [4]), g.input("b2", [4]), { epsilon: 1e-6 }));
    g.output("part", split(x, [1, 3], 1)[1]!);
  });
  const outputs = graph.node.filter(({ opType }) => opType !== "Mul").map(({ output }) => output);
  assert.deepEqual(outputs, [["LayerNormalization", "", "LayerNormalization.2"], ["z"], ["Split", "part"]]);
});

test("an output named like an input is refused", () => {
  const graph = new Graph("update");
  graph.output("w", neg(graph.input("w", [2])));
  assert.throws(() => formatOnnx(graph), {
    name: "ShapeError",
    message: 'graph update: the output "w" is named like an input. Give it another name.',
  });
});

test("a lean model has its large constants beside it, and the small ones inside", () => {
  const graph = new Graph("lean");
  const large = float32([128, 128], new Float32Array(128 * 128).fill(0.5));
  const product = matMul(graph.input("x", [2, 128]), graph.constant(large));
  graph.output("y", add(product, graph.constant(float32([128], new Float32Array(128)))));
  const { bytes, constants } = leanModel(graph);
  const { initializer } = decodedModel(bytes).graph;
  assert.deepEqual(
    initializer.map(({ dims, rawData, dataLocation }) => [dims, rawData.length, dataLocation]),
    [
      [[128, 128], 0, "EXTERNAL"],
      [[128], 512, "DEFAULT"],
    ],
  );
  assert.deepEqual([...constants], [[initializer[0]!.name, large]]);
});
