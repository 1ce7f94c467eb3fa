// Cases of the operators that only networks without a gradient use.
import { ndArray, randomFor } from "#base/array";
import { graphOf, multiHeadAttention, quantisedMatMul, type Tensor } from "#engine/graph";
import { normals, type OpCase, opCase, positives } from "./op-case.ts";

/** The same whole numbers every time, over the whole range of int8. */
function int8Weight(x: Tensor, depth: number, width: number): Tensor {
  const random = randomFor(7, "int8 weight");
  const data = Int8Array.from({ length: depth * width }, () => random.integer(255) - 127);
  return graphOf(x).constant(ndArray("int8", [depth, width], data));
}

export const INFERENCE_CASES: readonly OpCase[] = [
  opCase("MultiHeadAttention", "two heads", { q: normals(2, 5, 8), k: normals(2, 5, 8), v: normals(2, 5, 8) }, ({ q, k, v }) =>
    multiHeadAttention(q, k, v, { numHeads: 2 }),
  ),
  opCase("MultiHeadAttention", "one query", { q: normals(3, 1, 6), k: normals(3, 7, 6), v: normals(3, 7, 6) }, ({ q, k, v }) =>
    multiHeadAttention(q, k, v, { numHeads: 3 }),
  ),
  opCase(
    "MultiHeadAttention",
    "more tokens than a block",
    { q: normals(1, 300, 8), k: normals(1, 300, 8), v: normals(1, 300, 8) },
    ({ q, k, v }) => multiHeadAttention(q, k, v, { numHeads: 1 }),
  ),
  opCase(
    "DynamicQuantizeMatMul",
    "rows of a matrix",
    { x: normals(3, 5), scale: positives(4), bias: normals(4) },
    ({ x, scale, bias }) => quantisedMatMul(x, int8Weight(x, 5, 4), scale, bias),
  ),
  opCase("DynamicQuantizeMatMul", "positive values, no bias", { x: positives(2, 2, 3), scale: positives(7) }, ({ x, scale }) =>
    quantisedMatMul(x, int8Weight(x, 3, 7), scale),
  ),
];
