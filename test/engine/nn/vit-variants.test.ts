// DINOv2's variants of the Vision Transformer against PyTorch (fixtures of test/reference/make_fixtures.py), forward and backward.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { sizeOf } from "#base/array";
import { readSafetensors } from "#base/files/disk";
import { gradients } from "#engine/autodiff";
import { evaluateGraph, Graph, hostTensorOf, mul, named, reduceSum } from "#engine/graph";
import { parameterInputs, sampleParameters, type VitConfig, vit, vitConfigOf, vitParameters } from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import { assertClose } from "../../compare.ts";
import { projectRoot } from "../../real-data.ts";

const device = openDevice({ numThreads: 2 });
after(() => device.close());

/** Embedding, attention and the gradients of the embeddings' sum weighed by `covector`, as a graph. */
function variantGraph(config: VitConfig, imagesShape: readonly number[]): Graph {
  const graph = new Graph("variant");
  const specs = vitParameters(config);
  const parameters = parameterInputs(graph, specs, "");
  const images = named(graph.input("images", imagesShape), "B C H W", "images");
  const { embedding, lastAttention } = vit(images, parameters, config);
  const loss = reduceSum(mul(embedding, graph.input("covector", embedding.shape)));
  graph.output("embedding", embedding);
  graph.output("lastAttention", lastAttention);
  const ofParameters = gradients(loss, [...parameters.values()]);
  for (const [index, { name }] of specs.entries()) graph.output(`gradient.${name}`, ofParameters[index]!);
  return graph;
}

for (const variant of ["registers", "layer-scale", "swiglu", "no-qkv-bias", "giant-like"]) {
  const { tensors, metadata } = readSafetensors(join(projectRoot, "test", "fixtures", "dino-step", `vit-${variant}.safetensors`));
  const config: VitConfig = JSON.parse(metadata["backbone"]!);
  const graph = variantGraph(config, tensors.get("images")!.shape);
  const feeds = new Map(graph.inputs.map(({ name }) => [name, tensors.get(name)!]));
  const wanted = (name: string) => tensors.get(name)!.data as Float32Array; // fixtures hold float32 alone

  test(`embeddings, attention and every gradient are PyTorch's in float64: ${variant}`, () => {
    const results = evaluateGraph(graph, new Map([...feeds].map(([name, array]) => [name, hostTensorOf(array)])));
    assert.equal(results.size, 2 + vitParameters(config).length);
    for (const [name, { data }] of results) assertClose(data, wanted(name), 1e-6, name, 1e-3);
  });

  test(`embeddings, attention and every gradient are PyTorch's in float32: ${variant}`, async () => {
    const session = device.open(graph);
    for (const [name, { data }] of await session.run(feeds)) assertClose(data as Float32Array, wanted(name), 1e-4, name, 1e-2);
    session.close();
  });
}

test("a ViT-g/14 has the 1136.48 million parameters of DINOv2's, its gated layers 4096 wide", () => {
  const config = vitConfigOf("vit-g14", 518)!;
  const specs = vitParameters({ ...config, imageChannels: 3 });
  const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
  assert.deepEqual(shapes.get("blocks.39.mlp.w12.weight"), [8192, 1536]);
  assert.deepEqual(shapes.get("blocks.39.mlp.w3.weight"), [1536, 4096]);
  assert.deepEqual(shapes.get("blocks.0.ls1.gamma"), [1536]);
  assert.deepEqual(shapes.get("pos_embed"), [1, 1370, 1536]);
  // facebookresearch/dinov2's dinov2_vitg14: 1,136,480,768 without its mask token (1536).
  assert.equal(
    specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    1_136_480_768 - 1536,
  );
});

test("a ViT-L/16 has the 303.3 million parameters of timm's without its classifier", () => {
  const specs = vitParameters({ ...vitConfigOf("vit-l16")!, imageChannels: 3 });
  // timm: vit_large_patch16_224 has 304,326,632, of which 1,025,000 are its classifier's.
  assert.equal(
    specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    304_326_632 - 1_025_000,
  );
});

test("sizes from tiny to giant have names with any patch", () => {
  const shapeOf = (name: string) => {
    const { embedDim, depth, numHeads, patchSize } = vitConfigOf(name)!;
    return [embedDim, depth, numHeads, patchSize];
  };
  assert.deepEqual(shapeOf("vit-ti8"), [192, 12, 3, 8]);
  assert.deepEqual(shapeOf("vit-s14"), [384, 12, 6, 14]);
  assert.deepEqual(shapeOf("vit-b16"), [768, 12, 12, 16]);
  assert.deepEqual(shapeOf("vit-l14"), [1024, 24, 16, 14]);
  assert.deepEqual(shapeOf("vit-g14"), [1536, 40, 24, 14]);
  assert.equal(vitConfigOf("vit-x8"), undefined);
});

test("names, shapes and first values of what DINO does not have are DINOv2's", () => {
  const config: VitConfig = {
    ...{ imageChannels: 1, patchSize: 8, embedDim: 64, depth: 1, numHeads: 2, mlpRatio: 4, imageSize: 16 },
    ...{ numRegisters: 4, layerScale: 1e-5, mlp: "swiglu", qkvBias: false },
  };
  const specs = vitParameters(config);
  const names = specs.map(({ name }) => name);
  assert.deepEqual(names.slice(0, 5), [
    "cls_token",
    "pos_embed",
    "register_tokens",
    "patch_embed.proj.weight",
    "patch_embed.proj.bias",
  ]);
  assert.deepEqual(
    names.filter((name) => name.startsWith("blocks.0.")).map((name) => name.slice("blocks.0.".length)),
    [
      ...["norm1.weight", "norm1.bias", "attn.qkv.weight", "attn.proj.weight", "attn.proj.bias", "ls1.gamma"],
      ...["norm2.weight", "norm2.bias", "mlp.w12.weight", "mlp.w12.bias", "mlp.w3.weight", "mlp.w3.bias", "ls2.gamma"],
    ],
  );
  // Two thirds of 256 is 170.7; the next multiple of 8 is 176.
  assert.deepEqual(specs.find(({ name }) => name === "blocks.0.mlp.w12.weight")!.shape, [352, 64]);
  const values = sampleParameters(specs, 3);
  assert.ok(values.get("blocks.0.ls1.gamma")!.data.every((value) => value === Math.fround(1e-5)));
  const registers = values.get("register_tokens")!.data;
  const spread = Math.sqrt(registers.reduce((sum, value) => sum + value * value, 0) / registers.length);
  assert.ok(spread > 0.9e-6 && spread < 1.1e-6, `registers spread by ${spread}`);
});
