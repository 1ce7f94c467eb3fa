// Gradients of large products: operands are swapped in memory where that is cheaper, and the sums over uses are still right.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndArray, randomFor, sizeOf } from "#base/array";
import { addedTo, gradients } from "#engine/autodiff";
import {
  add,
  evaluateGraph,
  fusedMatMul,
  Graph,
  gemm,
  hostTensorOf,
  matMul,
  mul,
  neededNodes,
  reduceSum,
  reshape,
  type Tensor,
  transpose,
} from "#engine/graph";

function normals(name: string, shape: readonly number[]): NdArray<"float32"> {
  const random = randomFor(7, name);
  return ndArray(
    "float32",
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );
}

interface Use {
  readonly x: NdArray<"float32">;
  readonly covector: NdArray<"float32">;
}

/** The loss sum(covector (x W')) over several uses of one weight [M, K], and its gradient. */
function sharedWeightGraph(weight: NdArray<"float32">, uses: readonly Use[]): Graph {
  const graph = new Graph("shared-weight");
  const w = graph.input("weight", weight.shape);
  const losses = uses.map(({ x, covector }) =>
    reduceSum(mul(gemm(graph.constant(x), w, undefined, { transB: true }), graph.constant(covector))),
  );
  const loss = losses.reduce((sum, term) => add(sum, term));
  graph.output("gradient", gradients(loss, [w])[0]!);
  return graph;
}

/** The sum over uses and rows of covector[row, m] x[row, k], as plain loops. */
function expectedGradient([M, K]: readonly [number, number], uses: readonly Use[]): Float64Array {
  const sum = new Float64Array(M * K);
  for (const { x, covector } of uses)
    for (let row = 0; row < x.shape[0]!; row++)
      for (let m = 0; m < M; m++)
        for (let k = 0; k < K; k++) sum[m * K + k]! += covector.data[row * M + m]! * x.data[row * K + k]!;
  return sum;
}

const CASES = [
  { what: "is wider than its input", M: 200, K: 64, swaps: "the small input and the result" },
  { what: "is narrower than its input", M: 64, K: 200, swaps: "the cotangents" },
] as const;

for (const { what, M, K, swaps } of CASES) {
  test(`the gradient of a weight used twice is the plain sum where a layer's output ${what}: ${swaps} are swapped`, () => {
    const use = (name: string, rows: number): Use => ({
      x: normals(`${name} x`, [rows, K]),
      covector: normals(`${name} covector`, [rows, M]),
    });
    const uses = [use("first", 150), use("second", 130)];
    const weight = normals("weight", [M, K]);
    const graph = sharedWeightGraph(weight, uses);
    const found = evaluateGraph(graph, new Map([["weight", hostTensorOf(weight)]])).get("gradient")!;
    for (const [index, value] of expectedGradient([M, K], uses).entries())
      assert.ok(Math.abs(found.data[index]! - value) < 1e-9, `${index}: ${found.data[index]}, ${value}`);

    const nodes = neededNodes(graph);
    const swapped = nodes.filter(({ op }) => op === "Transpose").map(({ inputs }) => inputs[0]!.shape.join());
    const small = Math.min(M, K);
    const copies = [`1,150,${small}`, `1,130,${small}`];
    assert.deepEqual(swapped.toSorted(), (M > K ? [...copies, `1,${K},${M}`] : copies).toSorted());
    assert.equal(nodes.filter(({ op }) => op === "Add").length, 0, "the second product is added as it is computed");
  });
}

test("a cotangent that was folded otherwise before it was transposed is not taken for a swapped product", () => {
  const graph = new Graph("folded");
  const x = graph.input("x", [4, 6]);
  const folded = (tensor: Tensor) => reshape(transpose(reshape(tensor, [4, 2, 3]), [0, 2, 1]), [6, 4]);
  const covectors = ["first", "second"].map((name) => normals(name, [6, 4]));
  const loss = covectors
    .map((covector) => reduceSum(mul(folded(x), graph.constant(covector))))
    .reduce((sum, term) => add(sum, term));
  graph.output("gradient", gradients(loss, [x])[0]!);
  const found = evaluateGraph(graph, new Map([["x", hostTensorOf(normals("x", [4, 6]))]])).get("gradient")!;
  // Element [a, b, c] of x stands at [a, c, b] of what the covectors see.
  for (let a = 0; a < 4; a++)
    for (let b = 0; b < 2; b++)
      for (let c = 0; c < 3; c++) {
        const place = a * 6 + c * 2 + b;
        const value = covectors.reduce((sum, covector) => sum + covector.data[place]!, 0);
        assert.ok(Math.abs(found.data[a * 6 + b * 3 + c]! - value) < 1e-9);
      }
});

test("what is added to a sum of products is added before the first of them, and no sum stands by itself", () => {
  const graph = new Graph("sums");
  const [a, b, c] = ["a", "b", "c"].map((name) => graph.input(name, [3, 3]));
  const products = gemm(a!, b!, fusedMatMul(a!, a!));
  graph.output("sum", addedTo(c!, products));
  assert.deepEqual(
    neededNodes(graph).map(({ op }) => op),
    ["Gemm", "Gemm"],
  );
  const square = (name: string) => hostTensorOf(normals(name, [3, 3]));
  const feeds = new Map(["a", "b", "c"].map((name) => [name, square(name)]));
  const apart = new Graph("apart");
  const [x, y, z] = ["a", "b", "c"].map((name) => apart.input(name, [3, 3]));
  apart.output("sum", add(z!, add(matMul(x!, y!), matMul(x!, x!))));
  const [got, wanted] = [graph, apart].map((each) => evaluateGraph(each, feeds).get("sum")!.data);
  for (const [index, value] of wanted!.entries()) assert.ok(Math.abs(got![index]! - value) < 1e-12);
});
