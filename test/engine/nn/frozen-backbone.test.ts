// The form for looking only against the training form, with the same weights.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { float32, type NdArray, ndArray, randomFor, sizeOf } from "#base/array";
import { evaluateGraph, Graph, hostTensorOf, named } from "#engine/graph";
import {
  type BackboneConfig,
  backbone,
  backboneBuffers,
  backboneParameters,
  type FrozenOptions,
  frozenBackbone,
  parameterConstants,
  quantisedWeight,
  resnetConfigSchema,
  type VitConfig,
} from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import { assertClose, relativeError } from "../../compare.ts";

const device = openDevice({ numThreads: 2 });
after(() => device.close());

const plain: VitConfig = {
  ...{ imageChannels: 1, patchSize: 8, embedDim: 64, depth: 3, numHeads: 4, mlpRatio: 4, imageSize: 32 },
};
const variant: VitConfig = {
  ...{ ...plain, imageChannels: 3, numRegisters: 2, layerScale: 0.5, mlp: "swiglu", qkvBias: false },
  ...{ inputMean: 0.3, inputStd: 0.2 },
};
const ofResnet = resnetConfigSchema.parse({ kind: "resnet", depth: 50, width: 16, imageSize: 64, inputMean: 0.2, inputStd: 0.4 });

/** Weights large enough that no layer is near linear; variances and scales about 1. */
function sampleArrays(config: BackboneConfig): Map<string, NdArray<"float32">> {
  const draw = (name: string, shape: readonly number[]) => {
    const random = randomFor(4, name);
    const isScale = shape.length === 1 && /(weight|running_var|gamma)$/.test(name);
    const spread = shape.length >= 2 ? 1.2 / Math.sqrt(sizeOf(shape) / shape[0]!) : 0.2;
    return float32(
      shape,
      Float64Array.from({ length: sizeOf(shape) }, () => Number(isScale) + spread * random.normal()),
    );
  };
  const specs = [...backboneParameters(config), ...backboneBuffers(config)];
  return new Map(specs.map(({ name, shape }) => [name, draw(name, shape)]));
}

function sampleImages(shape: readonly number[]): NdArray<"float32"> {
  const random = randomFor(5, "images");
  return ndArray(
    "float32",
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
  );
}

function graphOfForm(config: BackboneConfig, shape: readonly number[], form: "training" | FrozenOptions): Graph {
  const graph = new Graph("form");
  const images = named(graph.input("images", shape), "B C H W", "images");
  const arrays = sampleArrays(config);
  const embedding =
    form === "training"
      ? backbone(images, parameterConstants(graph, arrays), config, { mode: "running" }).embedding
      : frozenBackbone(images, arrays, config, form);
  graph.output("embedding", embedding);
  return graph;
}

async function embedded(graph: Graph, images: NdArray): Promise<Float32Array> {
  const session = device.open(graph);
  const output = await session.run(new Map([["images", images]]));
  session.close();
  return output.get("embedding")!.data as Float32Array; // float32 networks
}

for (const [what, config, shape] of [
  ["a Vision Transformer", plain, [3, 1, 32, 32]],
  ["a Vision Transformer shown another size", plain, [2, 1, 48, 24]],
  ["a Vision Transformer with DINOv2's variants", variant, [2, 3, 32, 32]],
  ["a ResNet-50", ofResnet, [2, 1, 64, 64]],
] as const) {
  test(`the form for looking equals the training form: ${what}`, async () => {
    const images = sampleImages(shape);
    const training = await embedded(graphOfForm(config, shape, "training"), images);
    assertClose(await embedded(graphOfForm(config, shape, {}), images), training, 1e-4, what);
  });
}

test("in float64 the form for looking is the training form but for the order of its sums", () => {
  const shape = [2, 3, 16, 16];
  const small: VitConfig = { ...variant, embedDim: 16, depth: 2, imageSize: 16 };
  const feeds = new Map([["images", hostTensorOf(sampleImages(shape))]]);
  const value = (form: "training" | FrozenOptions) =>
    evaluateGraph(graphOfForm(small, shape, form), feeds).get("embedding")!.data;
  assertClose(value({}), value("training"), 1e-7, "embedding");
});

/** Which operators ONNX Runtime runs, and how often. */
async function operatorsOf(graph: Graph, shape: readonly number[]): Promise<ReadonlyMap<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), "suricate-profile-"));
  const session = device.open(graph, { profilePrefix: join(folder, "profile") });
  try {
    await session.run(new Map([["images", sampleImages(shape)]]));
    return new Map(session.endProfiling().map(({ op, count }) => [op, count]));
  } finally {
    session.close();
    rmSync(folder, { recursive: true });
  }
}

test("a frozen ResNet-50 is 53 convolutions in the blocked layout: nothing normalises, adds or rectifies beside them", async () => {
  const shape = [2, 1, 64, 64];
  const config = { ...ofResnet, inputMean: undefined, inputStd: undefined };
  const operators = await operatorsOf(graphOfForm(config, shape, {}), shape);
  assert.deepEqual([...operators].toSorted(), [
    ["Conv", 53],
    ["GlobalAveragePool", 1],
    ["MaxPool", 1],
    ["ReorderOutput", 1],
    ["Reshape", 1],
  ]);
});

test("a frozen Vision Transformer's attention is one operator a block, and no softmax is left", async () => {
  const shape = [2, 1, 48, 24];
  const operators = await operatorsOf(graphOfForm(plain, shape, {}), shape);
  assert.equal(operators.get("MultiHeadAttention"), plain.depth);
  assert.equal(operators.has("Softmax"), false);
  // The resized positions are of constants alone: nothing multiplies matrices but the layers.
  assert.equal(operators.has("MatMul"), false);
});

test("8-bit weights embed nearly as float32 ones do, and not the same", async () => {
  const shape = [4, 1, 32, 32];
  const images = sampleImages(shape);
  const exact = await embedded(graphOfForm(plain, shape, {}), images);
  const quantised = await embedded(graphOfForm(plain, shape, { precision: "int8" }), images);
  const error = relativeError(quantised, exact);
  assert.ok(error < 0.1 && error > 1e-4, `8 bits are off by ${error}`);
  const operators = await operatorsOf(graphOfForm(plain, shape, { precision: "int8" }), shape);
  // q, k, v, proj, fc1, fc2 of every block.
  assert.equal(operators.get("DynamicQuantizeMatMul"), 6 * plain.depth);
});

test("a ResNet has nothing to quantise", () => {
  assert.throws(
    () => graphOfForm(ofResnet, [1, 1, 64, 64], { precision: "int8" }),
    /^ShapeError: frozenBackbone: expected a Vision Transformer for int8, got a ResNet, which has no linear layers\.$/,
  );
});

test("a quantised weight is transposed, off by half a step of its own row at most, and its largest element by nothing", () => {
  const array = float32([2, 3], [1, -0.5, 0.25, 0, 0.001, -0.004]);
  const { weight, scale } = quantisedWeight(array);
  assert.deepEqual([weight.shape, scale.shape], [[3, 2], [2]]);
  assert.deepEqual([...scale.data], [Math.fround(1 / 127), Math.fround(Math.fround(0.004) / 127)]);
  for (let row = 0; row < 2; row++) {
    for (let column = 0; column < 3; column++) {
      const off = Math.abs(weight.data[column * 2 + row]! * scale.data[row]! - array.data[row * 3 + column]!);
      assert.ok(off <= scale.data[row]! * 0.5001, `[${row}, ${column}] is off by ${off}`);
    }
  }
  assert.equal(weight.data[0], 127);
  assert.equal(weight.data[5], -127);
});

test("a row of zeros is quantised to zeros, and what is no matrix is refused", () => {
  const { weight, scale } = quantisedWeight(float32([1, 2], [0, 0]));
  assert.deepEqual([...weight.data, ...scale.data], [0, 0, 1]);
  assert.throws(
    () => quantisedWeight(float32([2], [1, 2])),
    /^ShapeError: quantisedWeight: expected a matrix, got shape \[2\]\.$/,
  );
});
