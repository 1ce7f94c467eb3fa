// MobileNetV2 against the reference features of the real network.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { ndArray, sizeOf } from "#base/array";
import { parsePng } from "#base/files";
import { readSafetensors } from "#base/files/disk";
import { Graph, named, ShapeError } from "#engine/graph";
import {
  fittedWeights,
  frozenBackbone,
  frozenSpecs,
  kernelsForChannels,
  type MobilenetConfig,
  mobilenetConfigSchema,
  ownTensors,
  type ParameterArrays,
} from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import { relativeError } from "../../compare.ts";
import { realData } from "../../real-data.ts";

const models = realData("models");
const device = openDevice({ numThreads: 2 });
after(() => device.close());

const config = mobilenetConfigSchema.parse({ kind: "mobilenetv2" });

function weightsOf(shape: MobilenetConfig): ParameterArrays {
  const file = readSafetensors(join(models.path, "mobilenet_v2_1.0_224_imagenet_f16.safetensors"));
  const stored = [...file.tensors].map(
    ([name, array]) => [name, { type: array.dtype, shape: array.shape, read: () => array }] as const,
  );
  const { arrays } = ownTensors({ prefix: "", layout: "mobilenetv2" }, new Map(stored));
  const first = kernelsForChannels(arrays.get("l0.weight")!, shape.imageChannels);
  const fitted = fittedWeights(frozenSpecs(shape), new Map(arrays).set("l0.weight", first));
  assert.deepEqual(fitted.faults, []);
  return fitted.arrays;
}

async function embedded(shape: MobilenetConfig, images: Float32Array): Promise<Float32Array> {
  const graph = new Graph("mobilenet");
  const input = named(graph.input("images", [1, shape.imageChannels, 224, 224]), "B C H W", "images");
  graph.output("embedding", frozenBackbone(input, weightsOf(shape), shape));
  const session = device.open(graph);
  const output = await session.run(new Map([["images", ndArray("float32", input.shape, images)]]));
  session.close();
  return output.get("embedding")!.data as Float32Array; // a float32 network
}

/** [3, 224, 224] of a colour picture, bytes over 255. */
function pictureOf(file: string): Float32Array {
  const { height, width, channels, data } = parsePng(readFileSync(join(models.path, file)), file);
  assert.deepEqual([height, width, channels >= 3], [224, 224, true]);
  const planes = new Float32Array(3 * height * width);
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let channel = 0; channel < 3; channel++)
      planes[channel * height * width + pixel] = data[pixel * channels + channel]! / 255;
  }
  return planes;
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [product, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    ofA += a[i]! ** 2;
    ofB += b[i]! ** 2;
  }
  return product / Math.sqrt(ofA * ofB);
}

for (const file of ["cat224.png", "parrot224.png"]) {
  test(`the ImageNet network gives its reference features of ${file}`, { skip: models.skip }, async () => {
    const text = readFileSync(join(models.path, "mobilenet_reference_features.json"), "utf8");
    const wanted = (JSON.parse(text) as Record<string, number[]>)[`v2/${file}`]!;
    const got = await embedded(config, pictureOf(file));
    assert.equal(got.length, 1280);
    const found = cosine(got, wanted);
    assert.ok(found > 0.9999, `cosine ${found}`);
    // The reference is of a dequantised graph, rounded to five digits: near in length too.
    assert.ok(relativeError(got, wanted) < 0.02, `relative error ${relativeError(got, wanted)}`);
  });
}

test("a network with summed kernels gives a grey picture what the colour network gives it in every channel", {
  skip: models.skip,
}, async () => {
  const grey = pictureOf("cat224.png").subarray(0, 224 * 224);
  const colour = Float32Array.from([...grey, ...grey, ...grey]);
  const error = relativeError(await embedded({ ...config, imageChannels: 1 }, grey), await embedded(config, colour));
  assert.ok(error < 1e-4, `relative error ${error}`);
});

test("52 layers have the sizes that the paper's table gives, 2.2 million weights in all", () => {
  const specs = frozenSpecs(config);
  assert.equal(specs.length, 104);
  // torchvision's mobilenet_v2 has 2,223,872 without its classifier, 34,112 of them the second number of each normalisation pair.
  const numBiases = specs.filter(({ name }) => name.endsWith(".bias")).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  assert.equal(numBiases, 17056);
  assert.equal(
    specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    2223872 - 17056,
  );
});

test("pictures of other channels and 8 bits are refused", () => {
  const graph = new Graph("wrong");
  const images = named(graph.input("images", [1, 1, 32, 32]), "B C H W", "images");
  assert.throws(() => frozenBackbone(images, new Map(), config), {
    name: ShapeError.name,
    message: "mobilenet: expected images of 3 channels, got [1,1,32,32].",
  });
  assert.throws(() => frozenBackbone(images, new Map(), config, { precision: "int8" }), {
    message: "frozenBackbone: expected a Vision Transformer for int8, got a MobileNetV2, which has no linear layers.",
  });
});
