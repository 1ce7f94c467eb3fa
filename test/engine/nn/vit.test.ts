// The Vision Transformer's forward pass against PyTorch (fixture of test/reference/make_fixtures.py), and its laws.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { sizeOf } from "#base/array";
import { readSafetensors } from "#base/files/disk";
import { gradients } from "#engine/autodiff";
import { evaluateGraph, Graph, type HostTensor, hostTensorOf, named, reduceSum } from "#engine/graph";
import { parameterInputs, sampleParameters, VIT_SIZES, type VitConfig, vit, vitParameters } from "#engine/nn";
import { assertClose } from "../../compare.ts";
import { projectRoot } from "../../real-data.ts";
import { hostTensor } from "../host-tensors.ts";

const fixture = readSafetensors(join(projectRoot, "test", "fixtures", "dino-step", "vit-forward.safetensors"));
const config: VitConfig = JSON.parse(fixture.metadata["backbone"]!);
const images = hostTensorOf(fixture.tensors.get("images")!);
const parameters = new Map(vitParameters(config).map(({ name }) => [name, hostTensorOf(fixture.tensors.get(name)!)]));

/** Embedding and attention of images under the fixture's parameters, in float64. */
function look(
  seen: HostTensor,
  dropPathScales?: HostTensor,
  shape: VitConfig = config,
): { readonly embedding: Float64Array; readonly lastAttention: Float64Array } {
  const graph = new Graph("look");
  const inputs = parameterInputs(graph, vitParameters(config), "");
  const scales = dropPathScales ? named(graph.input("scales", dropPathScales.shape), "R B", "scales") : undefined;
  const output = vit(
    named(graph.input("images", seen.shape), "B C H W", "images"),
    inputs,
    shape,
    scales ? { dropPathScales: scales } : {},
  );
  graph.output("embedding", output.embedding);
  graph.output("lastAttention", output.lastAttention);
  const feeds = new Map([...parameters, ["images", seen] as const]);
  if (dropPathScales) feeds.set("scales", dropPathScales);
  const results = evaluateGraph(graph, feeds);
  return { embedding: results.get("embedding")!.data, lastAttention: results.get("lastAttention")!.data };
}

test("embeddings of non-square images are PyTorch's", () => {
  assertClose(look(images).embedding, fixture.tensors.get("embedding")!.data as Float32Array, 1e-6, "embedding");
});

test("what the class token looks at in the last block is PyTorch's, and sums to one", () => {
  const { lastAttention } = look(images);
  assertClose(lastAttention, fixture.tensors.get("lastAttention")!.data as Float32Array, 1e-6, "last attention");
  const numTokens = 1 + 3 * 5;
  assert.equal(lastAttention.length, 3 * config.numHeads * numTokens);
  for (let start = 0; start < lastAttention.length; start += numTokens) {
    const sum = lastAttention.subarray(start, start + numTokens).reduce((total, weight) => total + weight, 0);
    assert.ok(Math.abs(sum - 1) < 1e-12, `row at ${start} sums to ${sum}`);
  }
});

test("a backbone that standardises sees what is standardised beforehand for one that does not", () => {
  const standardised = images.data.map((value) => (value - 0.25) / 0.5);
  const wanted = look({ shape: images.shape, data: standardised }).embedding;
  assertClose(look(images, undefined, { ...config, inputMean: 0.25, inputStd: 0.5 }).embedding, wanted, 1e-12, "embedding");
  assert.ok(
    wanted.some((value, index) => Math.abs(value - look(images).embedding[index]!) > 1e-3),
    "standardising changed nothing",
  );
});

test("fused attention gives the same embeddings, and lets no gradient through", () => {
  const graph = new Graph("fused");
  const inputs = parameterInputs(graph, vitParameters(config), "");
  const images = named(graph.input("images", [2, 1, 16, 8]), "B C H W", "images");
  const forms = (["differentiable", "fused"] as const).map((attention) => vit(images, inputs, config, { attention }).embedding);
  for (const [index, embedding] of forms.entries()) graph.output(`embedding${index}`, embedding);
  const seen = hostTensor(
    [2, 1, 16, 8],
    Array.from({ length: 256 }, (_, index) => Math.sin(index)),
  );
  const results = evaluateGraph(graph, new Map([...parameters, ["images", seen] as const]));
  assertClose(results.get("embedding1")!.data, results.get("embedding0")!.data, 1e-9, "fused");
  const loss = reduceSum(forms[1]!);
  assert.throws(
    () => gradients(loss, [inputs.get("pos_embed")!]),
    /MultiHeadAttention has no gradient, but the loss depends on it/,
  );
});

test("an image's embedding does not depend on the others of its batch", () => {
  const pixels = 24 * 40;
  const second = hostTensor([1, 1, 24, 40], images.data.subarray(pixels, 2 * pixels));
  const { embedding } = look(images);
  assertClose(look(second).embedding, embedding.subarray(config.embedDim, 2 * config.embedDim), 1e-13, "second image alone");
});

test("drop-path scales of one change nothing, and of zero leave the class token and its position alone", () => {
  const scales = (value: number) => hostTensor([2 * config.depth, 3], new Float64Array(6 * config.depth).fill(value));
  assertClose(look(images, scales(1)).embedding, look(images).embedding, 1e-13, "scales of one");
  const dropped = look(images, scales(0)).embedding;
  const token = parameters.get("cls_token")!.data.map((value, d) => value + parameters.get("pos_embed")!.data[d]!);
  const mean = token.reduce((sum, value) => sum + value, 0) / token.length;
  const variance = token.reduce((sum, value) => sum + (value - mean) ** 2, 0) / token.length;
  const [weight, bias] = [parameters.get("norm.weight")!.data, parameters.get("norm.bias")!.data];
  const wanted = token.map((value, d) => ((value - mean) / Math.sqrt(variance + 1e-6)) * weight[d]! + bias[d]!);
  for (let image = 0; image < 3; image++) {
    assertClose(dropped.subarray(image * config.embedDim, (image + 1) * config.embedDim), wanted, 1e-12, `image ${image}`);
  }
});

test("a ViT-S/8 has the 21.67 million parameters that DINO's has for one channel", () => {
  const specs = vitParameters({ ...VIT_SIZES["vit-s"], imageChannels: 1, patchSize: 8, imageSize: 224 });
  const count = specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  // DINO's ViT-S/8 has 21,670,272 (timm: vit_small_patch8_224.dino without head); two channels fewer of 384 x 8 x 8.
  assert.equal(count, 21_670_272 - 2 * 384 * 8 * 8);
});

test("first values are DINO's: sigma 0.02, zero biases, unit norms, PyTorch's bounds for the patch projection", () => {
  const specs = vitParameters({ ...VIT_SIZES["vit-ti"], depth: 1, imageChannels: 1, patchSize: 8, imageSize: 96 });
  const values = sampleParameters(specs, 1);
  const spread = (name: string) =>
    Math.sqrt(values.get(name)!.data.reduce((sum: number, value) => sum + Number(value) ** 2, 0) / values.get(name)!.data.length);
  for (const name of ["pos_embed", "blocks.0.attn.qkv.weight", "blocks.0.mlp.fc1.weight"]) {
    assert.ok(Math.abs(spread(name) - 0.02) < 0.001, `${name}: expected a spread of 0.02, got ${spread(name)}`);
  }
  assert.equal(spread("blocks.0.attn.qkv.bias"), 0);
  assert.equal(spread("norm.weight"), 1);
  const patch = [...values.get("patch_embed.proj.weight")!.data].map((value) => Math.abs(Number(value)));
  assert.ok(Math.max(...patch) <= 1 / 8 && Math.max(...patch) > 0.12, "uniform within 1 / sqrt(64)");
});

test("adding a block changes no other layer's first values", () => {
  const sizes = { ...config, depth: 1 };
  const shallow = sampleParameters(vitParameters(sizes), 5);
  const deep = sampleParameters(vitParameters({ ...sizes, depth: 3 }), 5);
  for (const [name, array] of shallow) assert.deepEqual(deep.get(name), array);
});

test("a width that the heads do not divide is refused while building", () => {
  assert.throws(
    () => vitParameters({ ...config, numHeads: 5 }),
    /^ShapeError: vit: expected an embedDim that 5 heads divide, got 12\.$/,
  );
});

test("an image that patches do not divide is refused while building", () => {
  assert.throws(
    () => look(hostTensor([1, 1, 20, 24], new Float64Array(480))),
    /ShapeError: vit: expected images of 1 channels with sides that 8 divides, got \[1,1,20,24\]\./,
  );
});
