// Every message of the fused operators that only networks without a gradient use.
import { ndArray, zeros } from "#base/array";
import { type Graph, multiHeadAttention, quantisedMatMul } from "#engine/graph";
import { type Build, testRefusals } from "./shape-refusals.ts";

const weight = (graph: Graph) => graph.constant(ndArray("int8", [2, 3], Int8Array.of(1, 2, 3, 4, 5, 6)));

const MESSAGES: readonly (readonly [string, Build])[] = [
  [
    "MultiHeadAttention: expected a query [B, Q, D], key and value [B, N, D], got [1, 2, 4], [1, 3, 4], [1, 2, 4]. Operands: x0 [1, 2, 4], x1 [1, 3, 4], x2 [1, 2, 4].",
    (_, input) => multiHeadAttention(input(1, 2, 4), input(1, 3, 4), input(1, 2, 4), { numHeads: 2 }),
  ],
  [
    "MultiHeadAttention: expected a width that 3 heads divide, got 4. Operands: x0 [1, 2, 4], x1 [1, 2, 4], x2 [1, 2, 4].",
    (_, input) => multiHeadAttention(input(1, 2, 4), input(1, 2, 4), input(1, 2, 4), { numHeads: 3 }),
  ],
  [
    "DynamicQuantizeMatMul: expected [..., K] and a weight [K, N], got [4, 5] and [2, 3]. Operands: x0 [4, 5], constant [2, 3], x1 [3], constant_1 [1].",
    (graph, input) => quantisedMatMul(input(4, 5), weight(graph), input(3)),
  ],
  [
    "DynamicQuantizeMatMul: expected scale of shape [3], got [2]. Operands: x0 [4, 2], constant [2, 3], x1 [2], constant_1 [1].",
    (graph, input) => quantisedMatMul(input(4, 2), weight(graph), input(2)),
  ],
  [
    "DynamicQuantizeMatMul: expected bias of shape [3], got [2]. Operands: x0 [4, 2], constant [2, 3], x1 [3], constant_1 [1], x2 [2].",
    (graph, input) => quantisedMatMul(input(4, 2), weight(graph), input(3), input(2)),
  ],
  [
    "DynamicQuantizeMatMul: expected the weight of type int8, got float32. Operands: x0 [4, 2], x1 [2, 3], x2 [3], constant [1].",
    (_, input) => quantisedMatMul(input(4, 2), input(2, 3), input(3)),
  ],
  [
    "DynamicQuantizeMatMul: expected the zero point of type int8, got uint8. Operands: x0 [4, 2], constant [2, 3], x1 [3], constant_1 [1].",
    (graph, input) =>
      graph.add("DynamicQuantizeMatMul", [input(4, 2), weight(graph), input(3), graph.constant(zeros("uint8", [1]))], {}),
  ],
  [
    "DynamicQuantizeMatMul: expected 4 or 5 operands (A, B, b_scale, b_zero_point, bias), got 1. Operands: x0 [4, 2].",
    (graph, input) => graph.add("DynamicQuantizeMatMul", [input(4, 2)], {}),
  ],
];

testRefusals(MESSAGES);
