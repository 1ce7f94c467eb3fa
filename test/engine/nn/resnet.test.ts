// ResNets against torchvision's own counts and names, and batch normalisation's running averages against PyTorch's formula.
import assert from "node:assert/strict";
import { test } from "node:test";
import { float32, randomFor, sizeOf } from "#base/array";
import { evaluateGraph, Graph, hostTensorOf, named } from "#engine/graph";
import {
  backboneConfigOf,
  backboneConfigSchema,
  batchNorm,
  batchNormBuffers,
  batchNormParameters,
  embeddingDimOf,
  parameterInputs,
  type ResnetConfig,
  resnet,
  resnetBuffers,
  resnetConfigSchema,
  resnetParameters,
  runningAverages,
} from "#engine/nn";

const colour = (depth: 18 | 34 | 50) => resnetConfigSchema.parse({ kind: "resnet", depth, imageChannels: 3 });
const numParameters = (config: ResnetConfig) => resnetParameters(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0);

// torchvision's published totals (11,689,512, 21,797,672 and 25,557,032) less their 1000-class layers.
for (const [depth, expected, dim] of [
  [18, 11_689_512 - 513_000, 512],
  [34, 21_797_672 - 513_000, 512],
  [50, 25_557_032 - 2_049_000, 2048],
] as const) {
  test(`a ResNet-${depth} of three channels has torchvision's ${expected} parameters and embeds into ${dim} numbers`, () => {
    assert.equal(numParameters(colour(depth)), expected);
    assert.equal(embeddingDimOf(colour(depth)), dim);
  });
}

test("parameters and buffers bear torchvision's names and shapes", () => {
  const shapes = new Map([...resnetParameters(colour(50)), ...resnetBuffers(colour(50))].map(({ name, shape }) => [name, shape]));
  assert.deepEqual(shapes.get("conv1.weight"), [64, 3, 7, 7]);
  assert.deepEqual(shapes.get("layer1.0.downsample.0.weight"), [256, 64, 1, 1]);
  assert.deepEqual(shapes.get("layer2.0.conv2.weight"), [128, 128, 3, 3]);
  assert.deepEqual(shapes.get("layer4.2.bn3.running_var"), [2048]);
  assert.equal(shapes.has("layer2.1.downsample.0.weight"), false);
  assert.equal(shapes.has("fc.weight"), false);
});

test("a name stands for a shape, and settings without a kind are a Vision Transformer's", () => {
  assert.equal(backboneConfigOf("resnet18")?.kind, "resnet");
  assert.equal(backboneConfigOf("resnet-50")?.kind, "resnet");
  assert.equal(backboneConfigOf("resnet99"), undefined);
  assert.equal(embeddingDimOf(backboneConfigSchema.parse({})), 384);
});

test("a stem without pooling and with stride 1 keeps the sides of the pictures", () => {
  const config = resnetConfigSchema.parse({
    kind: "resnet",
    depth: 18,
    width: 2,
    stemKernelSize: 3,
    stemStride: 1,
    stemPooling: "none",
  });
  const graph = new Graph("stem");
  const parameters = parameterInputs(graph, resnetParameters(config), "");
  const images = named(graph.input("images", [1, 1, 16, 16]), "B C H W", "images");
  const { embedding, statistics } = resnet(images, parameters, config, "batch");
  assert.deepEqual(embedding.shape, [1, 16]);
  assert.equal(statistics[0]!.numValues, 16 * 16);
  assert.equal(statistics.length, 20);
});

test("an even stem kernel and pictures of other channels are refused by name", () => {
  const config = { ...resnetConfigSchema.parse({ kind: "resnet", depth: 18, width: 2 }), stemKernelSize: 4 };
  assert.throws(() => resnetParameters(config), /^ShapeError: resnet: expected an odd stemKernelSize, got 4\.$/);
  const graph = new Graph("channels");
  const images = named(graph.input("images", [1, 3, 16, 16]), "B C H W", "images");
  const fit = { ...config, stemKernelSize: 3 };
  const parameters = parameterInputs(graph, resnetParameters(fit), "");
  assert.throws(
    () => resnet(images, parameters, fit, "batch"),
    /^ShapeError: resnet: expected images of 1 channels, got \[1,3,16,16\]\.$/,
  );
});

test("batch normalisation normalises by the batch, moves its averages a tenth of the way, and looks with the averages alone", () => {
  const [B, C, H, W] = [2, 3, 2, 3];
  const random = randomFor(3, "batch norm");
  const graph = new Graph("norm");
  const images = named(graph.input("images", [B, C, H, W]), "B C H W", "images");
  const specs = [...batchNormParameters("bn", C), ...batchNormBuffers("bn", C)];
  const parameters = parameterInputs(graph, specs, "");
  const { images: trained, statistics } = batchNorm(images, parameters, "bn", "batch");
  const buffers = new Map([...parameters].filter(([name]) => name.includes("running")));
  graph.output("trained", trained);
  graph.output("looked", batchNorm(images, parameters, "bn", "running").images);
  for (const [name, next] of runningAverages(buffers, [statistics!])) graph.output(`next.${name}`, next);
  const draw = (shape: readonly number[], lowest: number) =>
    float32(
      shape,
      Float64Array.from({ length: sizeOf(shape) }, () => lowest + random.uniform()),
    );
  const feeds = new Map([
    ["images", draw([B, C, H, W], -1)],
    ...specs.map(({ name, shape }) => [name, draw(shape, 0.5)] as const),
  ]);
  const truth = evaluateGraph(graph, new Map([...feeds].map(([name, array]) => [name, hostTensorOf(array)])));

  const value = (name: string, index: number) => Number(feeds.get(name)!.data[index]);
  for (let channel = 0; channel < C; channel++) {
    const places = Array.from({ length: B * H * W }, (_, i) => (Math.floor(i / (H * W)) * C + channel) * H * W + (i % (H * W)));
    const mean = places.reduce((sum, place) => sum + value("images", place), 0) / places.length;
    const variance = places.reduce((sum, place) => sum + (value("images", place) - mean) ** 2, 0) / places.length;
    // The graph's constants (0.9, 0.1, n / (n - 1)) are float32.
    const near = (name: string, index: number, wanted: number) =>
      assert.ok(Math.abs(truth.get(name)!.data[index]! - wanted) < 2e-7, `${name} ${index}`);
    const line = (x: number, m: number, v: number) =>
      ((x - m) / Math.sqrt(v + 1e-5)) * value("bn.weight", channel) + value("bn.bias", channel);
    for (const place of places) {
      near("trained", place, line(value("images", place), mean, variance));
      const [m, v] = [value("bn.running_mean", channel), value("bn.running_var", channel)];
      near("looked", place, line(value("images", place), m, v));
    }
    near("next.bn.running_mean", channel, 0.9 * value("bn.running_mean", channel) + 0.1 * mean);
    const unbiased = (variance * places.length) / (places.length - 1);
    near("next.bn.running_var", channel, 0.9 * value("bn.running_var", channel) + 0.1 * unbiased);
  }
});
