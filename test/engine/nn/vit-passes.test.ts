// A Vision Transformer's batch in passes, run by ONNX Runtime, against its images one by one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndArray, randomFor, sizeOf } from "#base/array";
import { gradients } from "#engine/autodiff";
import { add, Graph, mul, named, reduceSum, type Tensor } from "#engine/graph";
import {
  backbone,
  numImagesPerPass,
  parameterInputs,
  sampleParameters,
  VIT_SIZES,
  type VitConfig,
  vitParameters,
} from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import { assertClose } from "../../compare.ts";

/** 901 tokens and 3 heads: two images would have more than 4 million attention weights, one has 2.4. */
const config: VitConfig = { imageChannels: 1, patchSize: 2, embedDim: 12, depth: 2, numHeads: 3, mlpRatio: 2, imageSize: 60 };

test("views of 224 pixels go through ViT-S/8 one by one, views of 96 pixels 33 at a time", () => {
  const vitS8: VitConfig = { imageChannels: 1, patchSize: 8, imageSize: 224, ...VIT_SIZES["vit-s"] };
  assert.equal(numImagesPerPass(vitS8, 224, 224), 1);
  assert.equal(numImagesPerPass(vitS8, 96, 96), 33);
  assert.equal(numImagesPerPass(vitS8, 2240, 2240), 1);
});

test("in passes, with drop path, the embeddings and gradients are those of the images one by one", async () => {
  const specs = vitParameters(config);
  const graph = new Graph("passes");
  const parameters = parameterInputs(graph, specs, "");
  const images = [0, 1, 2].map((index) => named(graph.input(`image.${index}`, [1, 1, 60, 60]), "B C H W", "image"));
  const scales = [0, 1, 2].map((index) => named(graph.input(`scales.${index}`, [4, 1]), "R B", "scales"));
  const batch = named(graph.input("images", [3, 1, 60, 60]), "B C H W", "images");
  const batchScales = named(graph.input("scales", [4, 3]), "R B", "scales");
  const together = backbone(batch, parameters, config, { mode: "batch", dropPathScales: batchScales }).embedding;
  const alone = images.map(
    (image, index) => backbone(image, parameters, config, { mode: "batch", dropPathScales: scales[index]! }).embedding,
  );
  const sumOfSquares = (x: Tensor) => reduceSum(mul(x, x));
  const losses = [sumOfSquares(together), alone.map(sumOfSquares).reduce(add)];
  graph.output("together", together);
  for (const [index, embedding] of alone.entries()) graph.output(`alone.${index}`, embedding);
  for (const [side, loss] of losses.entries()) {
    const found = gradients(loss, [...parameters.values()]);
    for (const [index, { name }] of specs.entries()) graph.output(`${side}.${name}`, found[index]!);
  }

  const random = randomFor(0, "passes");
  const drawn = (shape: readonly number[]) =>
    ndArray(
      "float32",
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
    );
  const feeds = new Map(sampleParameters(specs, 0));
  const pictures = drawn([3, 1, 60, 60]);
  const drops = drawn([4, 3]);
  feeds.set("images", pictures).set("scales", drops);
  for (const index of [0, 1, 2]) {
    feeds.set(`image.${index}`, ndArray("float32", [1, 1, 60, 60], pictures.data.slice(index * 3600, (index + 1) * 3600)));
    feeds.set(
      `scales.${index}`,
      ndArray(
        "float32",
        [4, 1],
        Float32Array.from([0, 1, 2, 3], (row) => drops.data[row * 3 + index]!),
      ),
    );
  }
  const device = openDevice();
  const results = await device.open(graph).run(feeds);
  const numbers = (name: string) => results.get(name)!.data as Float32Array;
  const oneByOne = Float32Array.from([0, 1, 2].flatMap((index) => [...numbers(`alone.${index}`)]));
  assertClose(numbers("together"), oneByOne, 1e-5, "embeddings");
  for (const { name } of specs) assertClose(numbers(`0.${name}`), numbers(`1.${name}`), 1e-4, name);
  device.close();
});
