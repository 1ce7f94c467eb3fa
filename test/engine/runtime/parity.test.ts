// ONNX Runtime against the float64 evaluator: every operator, and the graphs of their gradients.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { float32, type NdArray, randomFor, sizeOf } from "#base/array";
import { gradients } from "#engine/autodiff";
import { evaluateGraph, Graph, hostTensorOf, named, OP_RULES, pow, reduceMean, sub } from "#engine/graph";
import { parameterInputs, type VitConfig, vit, vitParameters } from "#engine/nn";
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

for (const [heads, numHeads] of [
  ["one head", 1],
  ["two heads", 2],
] as const) {
  test(`ONNX Runtime agrees with the evaluator on a tiny Vision Transformer of ${heads} and all its gradients`, async () => {
    const config: VitConfig = {
      patchSize: 4,
      embedDim: 8 * numHeads,
      depth: 2,
      numHeads,
      imageSize: 8,
      imageChannels: 1,
      mlpRatio: 4,
    };
    const specs = vitParameters(config);
    const graph = new Graph("vit");
    const parameters = parameterInputs(graph, specs, "");
    const images = named(graph.input("images", [3, 1, 8, 12]), "B C H W", "images");
    const { embedding } = vit(images, parameters, config);
    const loss = reduceMean(pow(sub(embedding, 0.5), 2));
    graph.output("loss", loss);
    const wrt = specs.map(({ name }) => parameters.get(name)!);
    for (const [index, gradient] of gradients(loss, wrt).entries()) graph.output(`gradient.${specs[index]!.name}`, gradient);
    const random = randomFor(5, "tiny ViT");
    // Larger than training starts with, so that every gradient is far above rounding.
    const drawn = (shape: readonly number[]) =>
      float32(
        shape,
        Float64Array.from({ length: sizeOf(shape) }, () => random.normal() / 2),
      );
    await assertGraphParity(graph, new Map(graph.inputs.map(({ name, shape }) => [name, drawn(shape)])), "vit");
  });
}

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
