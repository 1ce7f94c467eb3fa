// ONNX Runtime against the float64 evaluator: every operator, and the graphs of their gradients.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { float32, type NdArray } from "#base/array";
import { evaluateGraph, type Graph, hostTensorOf, OP_RULES } from "#engine/graph";
import { openDevice } from "#engine/runtime/native";
import { differentiatedCase } from "../autodiff/gradient-check.ts";
import { graphOfCase, OP_CASES } from "../op-cases.ts";
import { assertParity } from "./parity.ts";

const device = openDevice({ numThreads: 2 });
after(() => device.close());

async function assertGraphParity(graph: Graph, feeds: ReadonlyMap<string, NdArray>, name: string): Promise<void> {
  const session = device.open(graph);
  const got = await session.run(feeds);
  const truth = evaluateGraph(graph, new Map([...feeds].map(([input, array]) => [input, hostTensorOf(array)])));
  assert.deepEqual([...got.keys()], [...truth.keys()]);
  for (const [output, array] of got) assertParity(array, truth.get(output)!, `${name}, ${output}`);
  session.close();
}

for (const opCase of OP_CASES) {
  test(`ONNX Runtime agrees with the evaluator on ${opCase.name}`, async () => {
    const { graph, feeds } = graphOfCase(opCase);
    await assertGraphParity(graph, feeds, opCase.name);
  });
}

test("ONNX Runtime agrees with the evaluator on the gradients of every case", async () => {
  const differentiated = OP_CASES.flatMap((opCase) => ({ name: opCase.name, found: differentiatedCase(opCase) }));
  for (const { name, found } of differentiated) if (found) await assertGraphParity(found.graph, found.feeds, name);
  assert.ok(differentiated.filter(({ found }) => found).length > 30);
});

test("every operator of the table has a parity case", () => {
  const covered = new Set(OP_CASES.map(({ op }) => op));
  assert.deepEqual(
    Object.keys(OP_RULES).filter((op) => !covered.has(op as keyof typeof OP_RULES)),
    [],
  );
});

test("a result that is 0.1 % off, transposed, zero, misshapen or not finite is not parity", () => {
  const truth = { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) };
  assertParity(float32([2, 2], [1, 2, 3, 4]), truth, "right");
  const wrong = {
    "0.1 % off": [1.001, 2.002, 3.003, 4.004],
    transposed: [1, 3, 2, 4],
    zero: [0, 0, 0, 0],
    NaN: [1, 2, 3, Number.NaN],
  };
  for (const [what, values] of Object.entries(wrong)) {
    assert.throws(() => assertParity(float32([2, 2], values), truth, what), new RegExp(`${what.replace(".", "\\.")}: expected`));
  }
  assert.throws(() => assertParity(float32([4], [1, 2, 3, 4]), truth, "flat"), /flat: shape/);
  const infinite = { shape: [2], data: Float64Array.of(1, Number.POSITIVE_INFINITY) };
  assertParity(float32([2], [1, Number.POSITIVE_INFINITY]), infinite, "infinite");
  assert.throws(() => assertParity(float32([2], [1, 3]), infinite, "finite"), /finite: expected Infinity, got 3/);
});
