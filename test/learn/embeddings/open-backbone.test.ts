// Backbones by name, of either kind: what they embed, and the shapes that files tell.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type NdArray, ndArray, randomFor } from "#base/array";
import { writeSafetensors } from "#base/files/disk";
import { evaluateGraph, Graph, hostTensorOf, named } from "#engine/graph";
import {
  type BackboneConfig,
  backbone,
  backboneBuffers,
  backboneParameters,
  parameterConstants,
  resnetConfigSchema,
  sampleParameters,
  type VitConfig,
} from "#engine/nn";
import { cosines } from "#learn/embeddings";
import { attentionMaps, openBackbone, seenRowsOf } from "#learn/embeddings/native";
import type { SeenRows } from "#learn/runs";
import { createRun } from "#learn/runs/disk";
import { assertClose } from "../../compare.ts";

const VIT: VitConfig = { imageChannels: 1, patchSize: 4, embedDim: 64, depth: 2, numHeads: 1, mlpRatio: 2, imageSize: 16 };
const GIANT_LIKE: VitConfig = {
  ...{ ...VIT, imageChannels: 3, numRegisters: 3, layerScale: 1e-5, mlp: "swiglu", mlpRatio: 4, qkvBias: false },
  positionResize: "antialias",
};
const RESNET = resnetConfigSchema.parse({ kind: "resnet", depth: 18, width: 4, imageSize: 32 });

let folder = "";
const at = (name: string) => join(folder, name);

before(() => {
  folder = mkdtempSync(join(tmpdir(), "suricate-backbones-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function sampleArrays(config: BackboneConfig, seed = 3): Map<string, NdArray<"float32">> {
  return sampleParameters([...backboneParameters(config), ...backboneBuffers(config)], seed);
}

function pictures(count: number, side: number): Float32Array {
  const random = randomFor(8, "pictures");
  return Float32Array.from({ length: count * side * side }, () => random.uniform());
}

/** The training form's embeddings, in float64. */
function wantedEmbeddings(
  config: BackboneConfig,
  arrays: ReadonlyMap<string, NdArray<"float32">>,
  images: NdArray,
): Float64Array {
  const graph = new Graph("wanted");
  const input = named(graph.input("images", images.shape), "B C H W", "images");
  graph.output("embedding", backbone(input, parameterConstants(graph, arrays), config, { mode: "running" }).embedding);
  return evaluateGraph(graph, new Map([["images", hostTensorOf(images)]])).get("embedding")!.data;
}

function makeRun(
  name: string,
  config: BackboneConfig,
  arrays: ReadonlyMap<string, NdArray>,
  seenRows: readonly SeenRows[] = [],
): string {
  const info = { versions: {}, seed: 0, inputs: [], keep: { last: 1, every: null }, config: { backbone: config } };
  const run = createRun(at(name), info, { seenRows });
  const teacher = [...arrays].map(([parameter, array]) => [`teacher.${parameter}`, array] as const);
  run.writeCheckpoint({ epoch: 1, stepInEpoch: 0, step: 3 }, new Map(teacher), {});
  run.close();
  return at(name);
}

for (const [what, config] of [
  ["Vision Transformer", VIT],
  ["ResNet", RESNET],
] as const) {
  test(`a run's ${what} embeds any number of pictures, whatever its batches`, async () => {
    const arrays = sampleArrays(config);
    const path = makeRun(`run-${what}`, config, arrays);
    const images = pictures(5, config.imageSize);
    const wanted = wantedEmbeddings(config, arrays, ndArray("float32", [5, 1, config.imageSize, config.imageSize], images));
    for (const batchSize of [2, 5, 16]) {
      const opened = await openBackbone(path, { cropSize: 16, batchSize });
      assert.deepEqual([opened.name, opened.inputSize, opened.dim], [path, config.imageSize, wanted.length / 5]);
      assertClose(await opened.embed(images, 5), wanted, 1e-4, `batches of ${batchSize}`);
      opened.close();
    }
  });
}

test("a checkpoint by its file embeds as its run does, with the run's mean and spread, and knows what was seen", async () => {
  const config = { ...RESNET, inputMean: 0.2, inputStd: 0.5 };
  const path = makeRun("run-by-file", config, sampleArrays(config), [{ cropSetName: "s", cropSetSha256: "00", ids: ["a"] }]);
  const checkpoint = join(path, "checkpoints", "epoch-001.safetensors");
  const images = pictures(2, config.imageSize);
  const [ofRun, ofFile] = [await openBackbone(path, { cropSize: 32 }), await openBackbone(checkpoint, { cropSize: 32 })];
  assert.deepEqual([...(await ofFile.embed(images, 2))], [...(await ofRun.embed(images, 2))]);
  assert.deepEqual([ofFile.inputSize, ofFile.seenRows], [ofRun.inputSize, ofRun.seenRows]);
  assert.equal(ofFile.seenRows?.[0]?.ids[0], "a");
  ofRun.close();
  ofFile.close();
  const moved = at("moved.safetensors");
  copyFileSync(checkpoint, moved);
  await assert.rejects(openBackbone(moved, { cropSize: 32 }), {
    message: `CheckpointError: ${moved}: a run's checkpoint outside of its run: expected the run's config.yaml two folders above, which says what its tensors do not, got none. Name the run (RUN@EPOCH), or write a file of its own with suricate export.`,
  });
});

test("a transformer whose heads are not 64 wide says that somebody has to name them, unless the file does", async () => {
  const narrow = { ...VIT, embedDim: 32, numHeads: 4 };
  const [bare, told] = [at("narrow.safetensors"), at("told.safetensors")];
  writeSafetensors(bare, sampleArrays(narrow));
  await assert.rejects(openBackbone(bare, { cropSize: 16 }), {
    message: `CheckpointError: ${bare}: expected a width of some heads of 64 numbers each, as named transformers have, got 32. Name it in suricate-backbones.yaml with config: { numHeads: N }.`,
  });
  writeSafetensors(told, sampleArrays(narrow), { numHeads: "4" });
  const opened = await openBackbone(told, { cropSize: 16 });
  assert.equal(opened.dim, 32);
  opened.close();
  writeSafetensors(told, sampleArrays(narrow), { numHeads: "5" });
  await assert.rejects(openBackbone(told, { cropSize: 16 }), /got 32\. Name it/);
});

test("what a file's training has seen is told by its notes alone, and a file without a network is told without reading it", async () => {
  const seen: SeenRows[] = [{ cropSetName: "s", cropSetSha256: "00", ids: ["a", "b"] }];
  const notes = { format: "suricate-backbone-1", seenRows: JSON.stringify(seen) };
  const misshapen = new Map(sampleArrays(RESNET)).set("conv1.weight", ndArray("float32", [1], new Float32Array(1)));
  writeSafetensors(at("misshapen.safetensors"), misshapen, notes);
  assert.deepEqual(seenRowsOf(at("misshapen.safetensors")), seen);
  await assert.rejects(openBackbone(at("misshapen.safetensors"), { cropSize: 32 }), { name: "CheckpointError" });
  writeSafetensors(at("bare.safetensors"), sampleArrays(VIT));
  assert.deepEqual(seenRowsOf(at("bare.safetensors")), []);
  writeSafetensors(at("no-network.safetensors"), new Map([["bias", ndArray("float32", [1], new Float32Array(1))]]));
  assert.throws(() => seenRowsOf(at("no-network.safetensors")), { name: "CheckpointError", message: /got 1 other tensor\.$/ });
});

for (const [what, config] of [
  ["a Vision Transformer with DINOv2's variants", GIANT_LIKE],
  ["a plain Vision Transformer of three channels", { ...VIT, imageChannels: 3 }],
  ["a ResNet-50 of three channels", resnetConfigSchema.parse({ kind: "resnet", depth: 50, width: 4, imageChannels: 3 })],
] as const) {
  test(`a file of nothing but tensors tells its shape, and shows grey pictures to every channel: ${what}`, async () => {
    const arrays = sampleArrays(config);
    const path = at(`${what}.safetensors`);
    writeSafetensors(path, arrays);
    const side = config.kind === "resnet" ? 32 : 16;
    const grey = pictures(2, side);
    const colour = new Float32Array(6 * side * side);
    for (let plane = 0; plane < 6; plane++) {
      const image = Math.floor(plane / 3) * side * side;
      colour.set(grey.subarray(image, image + side * side), plane * side * side);
    }
    const wanted = wantedEmbeddings(config, arrays, ndArray("float32", [2, 3, side, side], colour));
    const opened = await openBackbone(path, { cropSize: 16, inputSize: side });
    assertClose(await opened.embed(grey, 2), wanted, 1e-4, what);
    opened.close();
  });
}

test("a file's own settings go before what its tensors tell", async () => {
  const config = { ...RESNET, stemStride: 1, inputMean: 0.5, inputStd: 0.25 };
  const arrays = sampleArrays(config);
  writeSafetensors(at("settings.safetensors"), arrays, { backbone: JSON.stringify(config) });
  const opened = await openBackbone(at("settings.safetensors"), { cropSize: 16 });
  const images = pictures(1, 32);
  const wanted = wantedEmbeddings(config, arrays, ndArray("float32", [1, 1, 32, 32], images));
  assertClose(await opened.embed(images, 1), wanted, 1e-4, "embedding");
  opened.close();
});

test("a random ResNet by its name embeds into torchvision's width", async () => {
  const opened = await openBackbone("random:resnet18:4", { cropSize: 16, inputSize: 32, batchSize: 1 });
  assert.deepEqual([opened.name, opened.dim], ["random:resnet18:4", 512]);
  assert.ok((await opened.embed(pictures(1, 32), 1)).some((value) => value > 0));
  opened.close();
});

test("8 bits are in the backbone's name and next to its float32 embeddings", async () => {
  const path = makeRun("run-int8", VIT, sampleArrays(VIT));
  const images = pictures(3, 16);
  const [exact, quantised] = [
    await openBackbone(path, { cropSize: 16, batchSize: 4 }),
    await openBackbone(path, { cropSize: 16, batchSize: 4, precision: "int8" }),
  ];
  assert.equal(quantised.name, `${path} (int8)`);
  const found = cosines(await exact.embed(images, 3), await quantised.embed(images, 3), 64);
  assert.ok(found.length === 3 && found.every((cosine) => cosine > 0.99 && cosine < 1 - 1e-9), found.join(" "));
  exact.close();
  quantised.close();
});

test("cosines are of rows: one for a multiple, none for right angles", () => {
  assert.deepEqual(cosines(Float32Array.of(1, 2, 3, 4), Float32Array.of(2, 4, -4, 3), 2), [1, 0]);
});

test("attention leaves the class token and the registers out", async () => {
  const config = { ...GIANT_LIKE, imageChannels: 1, numHeads: 2 };
  const path = makeRun("run-registers", config, sampleArrays(config));
  const { numHeads, gridSide, maps } = await attentionMaps(path, pictures(1, 16));
  assert.deepEqual([numHeads, gridSide, maps.length], [2, 4, 32]);
  const sum = maps.subarray(0, 16).reduce((total, weight) => total + weight, 0);
  // The class token and three registers take their share of what sums to one.
  assert.ok(sum > 0.5 && sum < 0.95, `the patches' share is ${sum}`);
});

test("what cannot be opened is refused by name", async () => {
  const options = { cropSize: 16, precision: "int8" } as const;
  await assert.rejects(openBackbone("pixels", options), {
    message: "ConfigError: --int8: expected a Vision Transformer, whose linear layers it quantises, got a floor (pixels).",
  });
  await assert.rejects(openBackbone("random:resnet18", options), {
    message:
      "ConfigError: --int8: expected a Vision Transformer, whose linear layers it quantises, got a ResNet (random:resnet18).",
  });
  await assert.rejects(openBackbone("random:vit-q8", { cropSize: 16 }), {
    message:
      "ConfigError: --backbone random:vit-q8: expected a run folder, a file of weights, one of vit-ti, vit-s, vit-b, vit-l, vit-g and a patch size (vit-ti8), " +
      'or one of resnet18, resnet34, resnet50, got "vit-q8".',
  });
  await assert.rejects(attentionMaps("random:resnet18", pictures(1, 16)), {
    message: "ConfigError: --backbone random:resnet18: expected a Vision Transformer, got a ResNet, which has no attention.",
  });
});

test("files of other tensors, tensors that do not fit and settings that are no JSON are told", async () => {
  writeSafetensors(at("other.safetensors"), new Map([["fc.weight", ndArray("float32", [1], Float32Array.of(1))]]));
  await assert.rejects(openBackbone(at("other.safetensors"), { cropSize: 16 }), {
    message:
      `CheckpointError: ${at("other.safetensors")}: expected a Vision Transformer (patch_embed.proj.weight, cls_token), a ResNet ` +
      "(conv1.weight, layer1.0.conv1.weight) or a MobileNetV2 (l0.weight, l51.weight), got 1 other tensor.",
  });
  const arrays = sampleArrays(RESNET);
  arrays.delete("bn1.running_mean");
  arrays.set("bn1.bias", ndArray("float32", [2], Float32Array.of(1, 2)));
  arrays.set("layer1.0.se.weight", ndArray("float32", [1], Float32Array.of(1)));
  writeSafetensors(at("lacking.safetensors"), arrays);
  await assert.rejects(openBackbone(at("lacking.safetensors"), { cropSize: 16 }), {
    message:
      `CheckpointError: ${at("lacking.safetensors")}: 3 tensors do not fit: "bn1.bias": expected float32 [4], got float32 [2]; ` +
      '"bn1.running_mean": expected float32 [4], got none; "layer1.0.se.weight": expected no such tensor, got float32 [1].',
  });
  writeSafetensors(at("no-json.safetensors"), arrays, { backbone: "{" });
  await assert.rejects(openBackbone(at("no-json.safetensors"), { cropSize: 16 }), {
    message: `CheckpointError: ${at("no-json.safetensors")}: metadata: "backbone" is not JSON.`,
  });
});
