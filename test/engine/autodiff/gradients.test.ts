// The backward walk: what it adds to the graph, what it leaves out, what it refuses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { float32, int64 } from "#base/array";
import { GRADIENT_RULES, gradients, gradientsByRules } from "#engine/autodiff";
import {
  add,
  evaluateGraph,
  fusedMatMul,
  Graph,
  gather,
  gelu,
  gemm,
  greater,
  layerNormalization,
  matMul,
  maximum,
  minimum,
  mul,
  neededNodes,
  neg,
  type OpName,
  printGraph,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  ShapeError,
  scatterSum,
  softmax,
  split,
  sub,
  type Tensor,
  where,
} from "#engine/graph";
import { assertClose } from "../../compare.ts";
import { assertGolden } from "../../golden-file.ts";
import { evaluated, hostTensor } from "../host-tensors.ts";

/** The operators that differentiating added to a graph, in order. */
function added(graph: Graph, build: () => unknown): readonly OpName[] {
  const start = graph.nodes.length;
  build();
  return graph.nodes.slice(start).map((node) => node.op);
}

test("the gradient of a sum of squares is twice the operand", () => {
  const results = evaluated({ x: hostTensor([3], [1, -2, 5]) }, ({ x }) => {
    const [slope] = gradients(reduceSum(mul(x!, x!)), [x!]);
    return { slope: slope! };
  });
  assert.deepEqual(results.get("slope"), hostTensor([3], [2, -4, 10]));
});

test("a tensor used three times gets the sum of three cotangents", () => {
  const results = evaluated({ x: hostTensor([], [2]) }, ({ x }) => {
    const loss = add(mul(mul(x!, x!), x!), neg(x!)); // x^3 - x
    return { slope: gradients(loss, [x!])[0]! };
  });
  assert.deepEqual(results.get("slope"), hostTensor([], [11]));
});

test("gradients may be asked of any tensor on the way, and of the loss itself", () => {
  const results = evaluated({ x: hostTensor([], [3]) }, ({ x }) => {
    const square = mul(x!, x!);
    const loss = mul(square, 5);
    const [toSquare, toLoss, toX] = gradients(loss, [square, loss, x!]);
    return { toSquare: toSquare!, toLoss: toLoss!, toX: toX! };
  });
  assert.deepEqual(
    [...results.values()].map(({ data }) => data[0]),
    [5, 1, 30],
  );
});

test("an operand that was repeated gets the sum over its repetitions, in its own shape", () => {
  const results = evaluated({ a: hostTensor([2, 1], [1, 2]), b: hostTensor([3], [1, 10, 100]) }, ({ a, b }) => {
    const [toA, toB] = gradients(reduceSum(mul(a!, b!)), [a!, b!]);
    return { toA: toA!, toB: toB! };
  });
  assert.deepEqual(results.get("toA"), hostTensor([2, 1], [111, 111]));
  assert.deepEqual(results.get("toB"), hostTensor([3], [3, 3, 3]));
});

test("every gradient node is wanted: nothing is added for inputs, branches and pieces that lead nowhere", () => {
  const graph = new Graph("needed");
  const [x, w, b, frozen] = [
    graph.input("x", [2, 4]),
    graph.input("w", [4, 4]),
    graph.input("b", [4]),
    graph.input("frozen", [4]),
  ];
  const hidden = gelu(gemm(x, w, b));
  const [left] = split(layerNormalization(hidden, frozen, frozen, { epsilon: 1e-6 }), [1, 3], 1);
  const loss = reduceMean(mul(softmax(left!), relu(frozen)));
  const start = graph.nodes.length;
  relu(loss); // dead, and stays the only dead node
  const [toW, toB] = gradients(loss, [w, b]);
  graph.output("toW", toW!);
  graph.output("toB", toB!);
  const needed = new Set(neededNodes(graph));
  const dead = graph.nodes.slice(start).filter((node) => !needed.has(node));
  assert.deepEqual(
    dead.map((node) => node.op),
    ["Relu"],
  );
  assert.ok(!graph.nodes.slice(start).some((node) => node.name.includes("gradient/Relu")));
});

test("a weight shared by a batch gets its gradient from one product of two matrices", () => {
  const graph = new Graph("weight");
  const [tokens, weight] = [graph.input("tokens", [3, 5, 4]), graph.input("weight", [4, 2])];
  const loss = reduceSum(matMul(tokens, weight));
  const ops = added(graph, () => gradients(loss, [weight]));
  assert.deepEqual(ops, ["Reshape", "Expand", "Reshape", "Reshape", "FusedMatMul"]);
  assert.deepEqual(
    graph.nodes.at(-1)!.inputs.map((input) => input.shape),
    [
      [15, 4],
      [15, 2],
    ],
  );
});

test("products are differentiated without a transpose", () => {
  const graph = new Graph("products");
  const [a, b] = [graph.input("a", [2, 3, 4]), graph.input("b", [2, 5, 4])];
  const loss = reduceSum(fusedMatMul(a, b, { transB: true, alpha: 0.5 }));
  const ops = added(graph, () => gradients(loss, [a, b]));
  assert.equal(ops.filter((op) => op === "FusedMatMul").length, 2);
  assert.ok(!ops.includes("Transpose"));
});

test("layer normalisation is differentiated with the mean and deviation of the forward pass", () => {
  const graph = new Graph("norm");
  const [x, scale, bias] = [graph.input("x", [2, 3, 4]), graph.input("scale", [4]), graph.input("bias", [4])];
  const y = layerNormalization(x, scale, bias, { epsilon: 1e-6 });
  const [, mean, inverseDeviation] = graph.producerOf(y)!.outputs;
  const loss = reduceSum(mul(y, y));
  const ops = added(graph, () => gradients(loss, [x, scale, bias]));
  const used = new Set(graph.nodes.flatMap((node) => node.inputs));
  assert.ok(used.has(mean!) && used.has(inverseDeviation!));
  assert.ok(!ops.includes("ReduceMean") && !ops.includes("LayerNormalization"));
});

test("no gradient passes through a condition, an index or a boolean, and constants get none", () => {
  const results = evaluated({ x: hostTensor([3], [1, -1, 2]) }, ({ x }) => {
    const chosen = where(greater(x!, 0), mul(x!, 3), 7);
    return { slope: gradients(reduceSum(chosen), [x!])[0]! };
  });
  assert.deepEqual(results.get("slope"), hostTensor([3], [3, 0, 3]));
});

test("ties: Max and Min give all to the first operand, ReduceMax shares evenly, Relu is flat at 0", () => {
  const feeds = {
    a: hostTensor([2], [1, 2]),
    b: hostTensor([2], [1, 5]),
    c: hostTensor([4], [3, 1, 3, 0]),
    d: hostTensor([1], [0]),
  };
  const results = evaluated(feeds, ({ a, b, c, d }) => {
    const [aOfMax, bOfMax] = gradients(reduceSum(maximum(a!, b!)), [a!, b!]);
    const [aOfMin, bOfMin] = gradients(reduceSum(minimum(a!, b!)), [a!, b!]);
    const [ofLargest] = gradients(reduceMax(c!), [c!]);
    const [ofRelu] = gradients(reduceSum(relu(d!)), [d!]);
    return { aOfMax: aOfMax!, bOfMax: bOfMax!, aOfMin: aOfMin!, bOfMin: bOfMin!, ofLargest: ofLargest!, ofRelu: ofRelu! };
  });
  assert.deepEqual(Object.fromEntries([...results].map(([name, { data }]) => [name, [...data]])), {
    aOfMax: [1, 0],
    bOfMax: [0, 1],
    aOfMin: [1, 1],
    bOfMin: [0, 0],
    ofLargest: [0.5, 0, 0.5, 0],
    ofRelu: [0],
  });
});

test("the slope of Gelu is 0 and 1 in the far tails, not NaN", () => {
  const results = evaluated({ x: hostTensor([4], [-1e4, -40, 40, 1e4]) }, ({ x }) => ({
    slope: gradients(reduceSum(gelu(x!)), [x!])[0]!,
  }));
  assertClose(results.get("slope")!.data, [0, 0, 1, 1], 1e-7, "Gelu's slope"); // 1 / sqrt 2 is a float32 constant
});

test("a loss that is no scalar, and a tensor that the loss does not depend on, are refused by name", () => {
  const graph = new Graph("refused");
  const [x, unused] = [graph.input("x", [2]), graph.input("head.bias", [2])];
  assert.throws(() => gradients(mul(x, 2), [x]), new ShapeError('gradients: "Mul": expected a scalar loss, got shape [2].'));
  assert.throws(
    () =>
      gradients(
        graph.scope("dino", () => reduceSum(x)),
        [x, unused],
      ),
    new Error('gradients: the loss "dino/ReduceSum" does not depend on "head.bias". Leave it out of the list.'),
  );
});

test("a loss that depends on a tensor through an operator without a gradient is refused", () => {
  const graph = new Graph("refused");
  const x = graph.input("x", [2]);
  const indices = graph.constant(int64([2], [0, 0]));
  const loss = reduceSum(scatterSum(x, indices, { shape: [3], axis: 0 }));
  assert.throws(
    () => gradients(loss, [x]),
    new Error("gradients: ScatterElements: ScatterElements has no gradient, but the loss depends on it."),
  );
});

test("the second and third outputs of LayerNormalization have no gradient, and say so", () => {
  const graph = new Graph("refused");
  const [x, scale] = [graph.input("x", [2, 3]), graph.input("scale", [3])];
  const mean = graph.producerOf(layerNormalization(x, scale, scale, { epsilon: 1 }))!.outputs[1]!;
  assert.throws(
    () => gradients(reduceSum(mean), [x]),
    new Error("internal: autodiff: LayerNormalization: only the first output has a gradient."),
  );
});

test("a rule that returns too few cotangents or one of the wrong shape is an internal error that names it", () => {
  const build = () => {
    const graph = new Graph("internal");
    const [a, b] = [graph.input("a", [2, 3]), graph.input("b", [2, 3])];
    return { a, loss: reduceSum(sub(a, b)) };
  };
  const few = build();
  assert.throws(
    () => gradientsByRules(few.loss, [few.a], { ...GRADIENT_RULES, Sub: (_, [dy]) => [() => dy!] }),
    new Error('internal: autodiff: "Sub" returned 1 cotangents for 2 inputs.'),
  );
  const misshapen = build();
  const flattened = (dy: Tensor | undefined) => reshape(dy!, [6]);
  assert.throws(
    () =>
      gradientsByRules(misshapen.loss, [misshapen.a], { ...GRADIENT_RULES, Sub: (_, [dy]) => [() => flattened(dy), undefined] }),
    new Error('internal: autodiff: "Sub" gave input 0 a cotangent of shape [6], expected [2, 3].'),
  );
});

test("the printed gradients of a two-layer network are as they were read and found right", () => {
  const graph = new Graph("two-layer");
  const x = graph.input("x", [3, 2, 4]);
  const parameter = (name: string, ...shape: readonly number[]) => graph.input(name, shape);
  const parameters = {
    scale: parameter("norm.weight", 4),
    shift: parameter("norm.bias", 4),
    weight1: parameter("fc1.weight", 4, 5),
    bias1: parameter("fc1.bias", 5),
    weight2: parameter("fc2.weight", 5, 4),
  };
  const { scale, shift, weight1, bias1, weight2 } = parameters;
  const block = graph.scope("mlp", () => {
    const hidden = gelu(add(matMul(layerNormalization(x, scale, shift, { epsilon: 1e-6 }), weight1), bias1));
    return add(x, matMul(hidden, weight2));
  });
  const loss = graph.scope("loss", () => {
    const probabilities = softmax(gather(block, 0, 1));
    return reduceMean(mul(probabilities, graph.constant(float32([4], [1, 2, 3, 4]))));
  });
  const names = ["norm.weight", "norm.bias", "fc1.weight", "fc1.bias", "fc2.weight"];
  const results = gradients(loss, Object.values(parameters));
  graph.output("loss", loss);
  for (const [index, name] of names.entries()) graph.output(`gradient.${name}`, results[index]!);
  assertGolden("graph/two-layer-gradients.txt", printGraph(graph));
  const ones = new Map(
    graph.inputs.map(({ name, shape }) => [name, hostTensor(shape, new Float64Array(shape.reduce((n, s) => n * s, 1)).fill(1))]),
  );
  assert.equal(evaluateGraph(graph, ones).get("loss")!.data[0], 0.625); // all equal: the mean of 1 to 4, over 4
});
