// Models for any number of images: in ai.onnx alone, and equal to the graph of each number.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type NdArray, ndArray, randomFor } from "#base/array";
import { add, concat, expand, Graph, matMul, mul, named, reshape } from "#engine/graph";
import { backboneConfigSchema, frozenBackbone, frozenSpecs, mobilenetConfigSchema, sampleParameters } from "#engine/nn";
import { formatOnnxForAnyBatch } from "#engine/runtime";
import { openDevice } from "#engine/runtime/native";
import { assertClose } from "../../compare.ts";
import { decodedModel, valueText } from "./onnx-proto.ts";

const device = openDevice({ numThreads: 2 });
after(() => device.close());

const NETWORKS = {
  "a ResNet-18": backboneConfigSchema.parse({ kind: "resnet", depth: 18, width: 4, imageSize: 32, inputMean: 0.2 }),
  "a ResNet-50": backboneConfigSchema.parse({ kind: "resnet", depth: 50, width: 4, imageSize: 32 }),
  "a transformer with registers": backboneConfigSchema.parse({
    ...{ patchSize: 4, embedDim: 32, depth: 2, numHeads: 2, imageSize: 16, numRegisters: 2, mlp: "swiglu", layerScale: 0.5 },
  }),
  "a MobileNetV2": mobilenetConfigSchema.parse({ kind: "mobilenetv2", imageChannels: 1, imageSize: 32 }),
};

for (const [what, config] of Object.entries(NETWORKS)) {
  test(`${what} exports for any number of images, in operators of ai.onnx alone, and gives the same embeddings`, async () => {
    const arrays = sampleParameters(frozenSpecs(config), 4);
    const side = 32;
    const build = (numImages: number) => {
      const graph = new Graph("network");
      const images = named(graph.input("images", [numImages, 1, side, side]), "B C H W", "images");
      graph.output("embedding", frozenBackbone(images, arrays, config));
      return graph;
    };
    const bytes = formatOnnxForAnyBatch(build, { metadata: { made: "by a test" } });
    const model = decodedModel(bytes);
    assert.deepEqual(
      model.opsetImport.map(({ domain, version }) => `${domain} ${version}`),
      [" 17"],
    );
    assert.deepEqual([...new Set(model.graph.node.map(({ domain }) => domain))], [""]);
    assert.match(valueText(model.graph.output[0]!), /^embedding 1 \[batch,\d+\]$/);
    const session = device.open(bytes);
    assert.deepEqual(session.inputs[0]!.shape, [-1, 1, side, side]);
    for (const numImages of [1, 4, 7]) {
      const random = randomFor(numImages, "images");
      const pixels = Float32Array.from({ length: numImages * side * side }, () => random.uniform());
      const feeds = new Map<string, NdArray>([["images", ndArray("float32", [numImages, 1, side, side], pixels)]]);
      const fixed = device.open(build(numImages));
      const wanted = (await fixed.run(feeds)).get("embedding")!;
      fixed.close();
      const got = (await session.run(feeds)).get("embedding")!;
      assert.deepEqual(got.shape, wanted.shape);
      assertClose(got.data as Float32Array, wanted.data as Float32Array, 2e-5, `${numImages} images`);
    }
    session.close();
  });
}

test("a shape that Reshape cannot work out alone is computed from the number of images", async () => {
  const build = (B: number) => {
    const graph = new Graph("shapes");
    const x = graph.input("x", [B, 2]);
    const token = expand(graph.input("token", [1, 1, 2]), [B, 3, 2]);
    graph.output("y", concat([token, reshape(x, [B, 1, 2])], 1));
    return graph;
  };
  const session = device.open(formatOnnxForAnyBatch(build));
  const x = ndArray("float32", [4, 2], Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]));
  const { data, shape } = (
    await session.run(
      new Map([
        ["x", x],
        ["token", ndArray("float32", [1, 1, 2], Float32Array.of(9, 10))],
      ]),
    )
  ).get("y")!;
  session.close();
  assert.deepEqual(shape, [4, 4, 2]);
  assert.deepEqual([...(data as Float32Array)].slice(0, 10), [9, 10, 9, 10, 9, 10, 1, 2, 9, 10]);
});

test("a network that is another one for another number of images is refused", () => {
  const scaled = (B: number) => {
    const graph = new Graph("scaled");
    graph.output("y", mul(graph.input("x", [B, 2]), 1 / B));
    return graph;
  };
  const message =
    /^ShapeError: graph scaled: expected a network that is the same for any number of images, but operand 1 of Mul differs\.$/;
  assert.throws(() => formatOnnxForAnyBatch(scaled), message);
  const longer = (B: number) => {
    const graph = new Graph("longer");
    const x = graph.input("x", [B, 2]);
    graph.output("y", B > 2 ? add(x, x) : matMul(x, matMul(reshape(x, [2, B]), x)));
    return graph;
  };
  assert.throws(() => formatOnnxForAnyBatch(longer), /but the number of operators differs\.$/);
});
