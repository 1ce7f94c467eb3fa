// Counting a graph's products, against counts by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fusedMatMul, Graph, gemm, matMul, relu } from "#engine/graph";
import { productFlops } from "../../bench/flops.ts";

test("a product costs two operations for each multiply and add, however its operands lie", () => {
  const graph = new Graph("products");
  graph.output("plain", matMul(graph.input("a", [4, 3, 5]), graph.input("b", [4, 5, 7])));
  graph.output("transposed", fusedMatMul(graph.input("c", [5, 3]), graph.input("d", [7, 5]), { transA: true, transB: true }));
  graph.output("gemm", gemm(graph.input("e", [6, 5]), graph.input("f", [2, 5]), undefined, { transB: true }));
  assert.equal(productFlops(graph), 2 * 4 * 3 * 5 * 7 + 2 * 3 * 5 * 7 + 2 * 6 * 5 * 2);
});

test("what no output needs, and what is no product, costs nothing", () => {
  const graph = new Graph("idle");
  matMul(graph.input("a", [9, 9]), graph.input("b", [9, 9]));
  graph.output("relu", relu(graph.input("c", [5])));
  assert.equal(productFlops(graph), 0);
});
