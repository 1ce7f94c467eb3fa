// Every message of a graph that cannot be built or evaluated.
import { float32, ndArray } from "#base/array";
import {
  add,
  concat,
  dims,
  div,
  equal,
  evaluateGraph,
  expand,
  Graph,
  gather,
  gemm,
  layerNormalization,
  matMul,
  mul,
  named,
  not,
  pad,
  reduceMean,
  reduceSum,
  reshape,
  scalar,
  scatterSum,
  slice,
  softmax,
  split,
  sqrt,
  total,
  transpose,
  where,
} from "#engine/graph";
import { type Build, testRefusals } from "./shape-refusals.ts";

/** The message without "ShapeError: ", and what brings it about. Inputs are named x0, x1, ... in order; operands' shapes follow. */
const MESSAGES: readonly (readonly [string, Build])[] = [
  [
    "MatMul: expected 64 rows in the second operand, got 384. Operands: x0 [8, 64], x1 [384, 10].",
    (_, input) => matMul(input(8, 64), input(384, 10)),
  ],
  [
    "blocks.0/attn/MatMul: expected 2 rows in the second operand, got 3. Operands: x0 [1, 2], x1 [3, 4].",
    (graph, input) => graph.scope("blocks.0", () => graph.scope("attn", () => matMul(input(1, 2), input(3, 4)))),
  ],
  [
    "MatMul: expected operands with 2 or more axes, got 1 (shape [3]). Operands: x0 [2, 3], x1 [3].",
    (_, input) => matMul(input(2, 3), input(3)),
  ],
  [
    "Gemm: expected 2 columns in the second operand, got 3. Operands: x0 [1, 2], x1 [4, 3].",
    (_, input) => gemm(input(1, 2), input(4, 3), undefined, { transB: true }),
  ],
  [
    "Gemm: expected 2-D operands, got shape [1, 1, 2]. Operands: x0 [1, 1, 2], x1 [2, 3].",
    (_, input) => gemm(input(1, 1, 2), input(2, 3)),
  ],
  [
    "Gemm: expected the third operand to broadcast to [1, 3], got shape [2, 3]. Operands: x0 [1, 2], x1 [2, 3], x2 [2, 3].",
    (_, input) => gemm(input(1, 2), input(2, 3), input(2, 3)),
  ],
  [
    "Gemm: expected 2 or 3 operands, got 4. Operands: x0 [1, 2], x1 [2, 3], x2 [3], x3 [3].",
    (graph, input) =>
      graph.add("Gemm", [input(1, 2), input(2, 3), input(3), input(3)], { alpha: 1, beta: 1, transA: 0, transB: 0 }),
  ],
  [
    "Add: shapes [2, 3] and [4] do not broadcast: expected sizes that are equal or 1 in axis -1, got 3 and 4. Operands: x0 [2, 3], x1 [4].",
    (_, input) => add(input(2, 3), input(4)),
  ],
  [
    "Mul: expected operands of one element type, got float32 and int64. Operands: x0 [2], i [2].",
    (graph, input) => mul(input(2), graph.input("i", [2], "int64")),
  ],
  ["Sqrt: expected floating-point operands, got int64. Operands: i [2].", (graph) => sqrt(graph.input("i", [2], "int64"))],
  [
    "Add: expected operands of numbers, got bool. Operands: b [2], b [2].",
    (graph) => {
      const b = graph.input("b", [2], "bool");
      return add(b, b);
    },
  ],
  ["Not: expected operands of type bool, got float32. Operands: x0 [2].", (_, input) => not(input(2))],
  [
    "Where: expected the condition of type bool, got float32. Operands: x0 [2], x1 [2], x2 [2].",
    (_, input) => where(input(2), input(2), input(2)),
  ],
  ["Add: expected 2 operands, got 1. Operands: x0 [2].", (graph, input) => graph.add("Add", [input(2)], {})],
  ["Neg: expected 1 operand, got 2. Operands: x0 [2], x1 [2].", (graph, input) => graph.add("Neg", [input(2), input(2)], {})],
  ["Div: expected at least one tensor among the operands, got 1 and 2.", () => div(1, 2)],
  [
    "constant 1: expected float32, float64, float16, int64 or int32, got bool.",
    (graph) => equal(graph.input("b", [2], "bool"), 1),
  ],
  ["total: expected at least one tensor, got none.", () => total([])],
  [
    'Cast: expected "to" to be an ONNX element type, got 99. Operands: x0 [2].',
    (graph, input) => graph.add("Cast", [input(2)], { to: 99 }),
  ],
  [
    "Reshape: expected a shape of 6 elements, got [4, -1]. Operands: x0 [2, 3], constant [2].",
    (_, input) => reshape(input(2, 3), [4, -1]),
  ],
  [
    "Reshape: expected a shape of 6 elements, got [7]. Operands: x0 [2, 3], constant [1].",
    (_, input) => reshape(input(2, 3), [7]),
  ],
  [
    "Reshape: expected the shape to be a constant, got a value computed in the graph. Operands: x0 [2], s [1].",
    (graph, input) => graph.add("Reshape", [input(2), graph.input("s", [1], "int64")], {}),
  ],
  [
    "Reshape: expected the shape of type int64, got float32. Operands: x0 [2], x1 [1].",
    (graph, input) => graph.add("Reshape", [input(2), input(1)], {}),
  ],
  [
    "Reshape: expected the shape to be a vector, got shape []. Operands: x0 [2], constant [].",
    (graph, input) => graph.add("Reshape", [input(2), scalar(graph, 2, "int64")], {}),
  ],
  [
    "Transpose: expected a permutation of the 2 axes, got [0, 0]. Operands: x0 [2, 3].",
    (_, input) => transpose(input(2, 3), [0, 0]),
  ],
  ["Concat: expected at least 1 operand, got 0.", () => concat([], 0)],
  ["Concat: expected at least 1 operand, got 0. Operands: .", (graph) => graph.add("Concat", [], { axis: 0 })],
  [
    "Concat: expected operands of one shape but for axis 1, got [2, 3] and [4, 3]. Operands: x0 [2, 3], x1 [4, 3].",
    (_, input) => concat([input(2, 3), input(4, 3)], 1),
  ],
  [
    "Split: expected sizes above 0 that sum to 5 (axis 0), got [2, 2]. Operands: x0 [5], constant [2].",
    (_, input) => split(input(5), [2, 2], 0),
  ],
  [
    "Slice: expected 0 <= start < end <= 5 in axis 0, got start 2 and end 7. Operands: x0 [5], constant [1], constant_1 [1], constant_2 [1].",
    (_, input) => slice(input(5), { axis: 0, start: 2, end: 7 }),
  ],
  [
    "Slice: expected 4 or 5 operands (data, starts, ends, axes, steps), got 1. Operands: x0 [5].",
    (graph, input) => graph.add("Slice", [input(5)], {}),
  ],
  [
    "Pad: expected 2 pads of 0 or more, got [1, -1]. Operands: x0 [5], constant [2].",
    (_, input) => pad(input(5), { before: [1], after: [-1] }),
  ],
  [
    'Pad: expected mode "constant", got "edge". Operands: x0 [5], constant [2].',
    (graph, input) => {
      const x = input(5);
      return graph.add("Pad", [x, graph.constant(ndArray("int64", [2], BigInt64Array.of(1n, 1n)))], { mode: "edge" });
    },
  ],
  ["Gather: expected indices in [-5, 4] for axis 0, got 5. Operands: x0 [5], constant [].", (_, input) => gather(input(5), 5, 0)],
  [
    "Gather: expected the indices of type int64, got float32. Operands: x0 [5], x1 [2].",
    (_, input) => gather(input(5), input(2), 0),
  ],
  [
    "ScatterElements: expected indices and updates of one shape, got [3] and [2]. Operands: constant [5], i [3], x0 [2].",
    (graph, input) => scatterSum(input(2), graph.input("i", [3], "int64"), { shape: [5], axis: 0 }),
  ],
  [
    'ScatterElements: expected reduction "add", got "mul". Operands: x0 [5], i [2], x2 [2].',
    (graph, input) =>
      graph.add("ScatterElements", [input(5), graph.input("i", [2], "int64"), input(2)], { axis: 0, reduction: "mul" }),
  ],
  [
    "Expand: shapes [2, 3] and [4] do not broadcast: expected sizes that are equal or 1 in axis -1, got 3 and 4. Operands: x0 [2, 3], constant [1].",
    (_, input) => expand(input(2, 3), [4]),
  ],
  ["Softmax: expected an axis in [-2, 1], got 2. Operands: x0 [2, 3].", (_, input) => softmax(input(2, 3), 2)],
  ["ReduceMean: expected each axis once, got [1, -1]. Operands: x0 [2, 3].", (_, input) => reduceMean(input(2, 3), [1, -1])],
  ["ReduceSum: expected an axis in [-1, 0], got 1. Operands: x0 [2], constant [1].", (_, input) => reduceSum(input(2), [1])],
  [
    "LayerNormalization: expected bias of shape [3], got [2]. Operands: x0 [2, 3], x1 [3], x2 [2].",
    (_, input) => layerNormalization(input(2, 3), input(3), input(2), { epsilon: 1e-6 }),
  ],
  [
    "LayerNormalization: expected 2 or more axes, got 1 (shape [3]). Operands: x0 [3], x1 [3], x2 [3].",
    (_, input) => layerNormalization(input(3), input(3), input(3), { epsilon: 1e-6 }),
  ],
  [
    "LayerNormalization: expected the last axis, got 0. Operands: x0 [2, 3], x1 [3], x2 [3].",
    (graph, input) => graph.add("LayerNormalization", [input(2, 3), input(3), input(3)], { axis: 0, epsilon: 1e-6 }),
  ],
  ['Add: operand "y" belongs to graph other, not test.', (_, input) => add(input(2), new Graph("other").input("y", [2]))],
  ['graph test: the name "x0" is taken already.', (graph, input) => [input(2), graph.input("x0", [2])]],
  [
    'graph test: there is an output "loss" already.',
    (graph, input) => {
      graph.output("loss", input(2));
      graph.output("loss", input(2));
    },
  ],
  ["attention: expected 3 axes (B N D), got 2 (shape [2, 3]).", (_, input) => dims(input(2, 3), "B N D", "attention")],
  ["attention: expected 1 axis (D), got 2 (shape [2, 3]).", (_, input) => named(input(2, 3), "D", "attention")],
  [
    'graph test: expected a value for the input "x0", got none.',
    (graph, input) => {
      graph.output("y", input(2));
      return evaluateGraph(graph, new Map());
    },
  ],
  [
    'graph test: input "x0": expected shape [2], got [3] with 3 elements.',
    (graph, input) => {
      graph.output("y", input(2));
      return evaluateGraph(graph, new Map([["x0", { shape: [3], data: new Float64Array(3) }]]));
    },
  ],
  [
    "expected indices in [-2, 1] for axis 0, got 2.",
    (graph) => {
      graph.output("y", gather(graph.constant(float32([2], [1, 2])), graph.input("i", [1], "int64"), 0));
      return evaluateGraph(graph, new Map([["i", { shape: [1], data: Float64Array.of(2) }]]));
    },
  ],
];

testRefusals(MESSAGES);
