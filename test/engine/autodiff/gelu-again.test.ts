// What a GELU gives is not kept for the way back: it is made again from what its gradient computes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndArray, randomFor, sizeOf } from "#base/array";
import { gradients } from "#engine/autodiff";
import { evaluateGraph, Graph, gelu, gemm, hostTensorOf, mul, neededNodes, reduceSum } from "#engine/graph";

function normals(name: string, shape: readonly number[]): NdArray<"float32"> {
  const random = randomFor(3, name);
  return ndArray(
    "float32",
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );
}

test("a weight behind a GELU gets the plain sum as its gradient, and no gradient's node reads what the GELU gave", () => {
  const [R, H, D] = [5, 4, 3];
  const graph = new Graph("gelu-again");
  const [x, weight] = [graph.input("x", [R, H]), graph.input("weight", [D, H])];
  const covector = normals("covector", [R, D]);
  const activated = gelu(x);
  const loss = reduceSum(mul(gemm(activated, weight, undefined, { transB: true }), graph.constant(covector)));
  graph.output("gradient", gradients(loss, [weight])[0]!);
  const readers = neededNodes(graph).filter(({ inputs }) => inputs.some(({ name }) => name === activated.name));
  assert.deepEqual(readers, []);

  const feeds = new Map([
    ["x", normals("x", [R, H])],
    ["weight", normals("weight", [D, H])],
  ]);
  const found = evaluateGraph(graph, new Map([...feeds].map(([name, array]) => [name, hostTensorOf(array)]))).get("gradient")!;
  for (let d = 0; d < D; d++)
    for (let h = 0; h < H; h++) {
      let sum = 0;
      for (let r = 0; r < R; r++) sum += covector.data[r * D + d]! * geluByIntegral(feeds.get("x")!.data[r * H + h]!);
      assert.ok(Math.abs(found.data[d * H + h]! - sum) < 1e-6, `${d}, ${h}: ${found.data[d * H + h]}, ${sum}`);
    }
});

/** x times the area under the normal density left of x, by the trapezium rule. */
function geluByIntegral(x: number): number {
  const numSteps = 20_000;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let area = 0;
  for (let step = 0; step < numSteps; step++) {
    const [from, to] = [(x * step) / numSteps, (x * (step + 1)) / numSteps];
    area += ((density(from) + density(to)) / 2) * (to - from);
  }
  return x * (0.5 + area);
}
