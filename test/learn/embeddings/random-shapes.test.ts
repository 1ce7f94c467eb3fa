// Untrained networks of the shape of someone's weights: random:FILE, for every key layout that is told by names.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { writeSafetensors } from "#base/files/disk";
import {
  type BackboneConfig,
  backboneBuffers,
  backboneConfigOf,
  backboneParameters,
  resnetConfigSchema,
  sampleParameters,
} from "#engine/nn";
import { openBackbone, openTrainableBackbone } from "#learn/embeddings/native";
import { untrainedShape } from "../../../apps/cli/evaluate/untrained-shape.ts";

let folder = "";
const at = (name: string) => join(folder, name);

before(() => {
  folder = mkdtempSync(join(tmpdir(), "suricate-shapes-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const SHAPES: Readonly<Record<string, BackboneConfig>> = {
  ...Object.fromEntries(["vit-ti8", "resnet18"].map((name) => [name, backboneConfigOf(name)!])),
  "narrow-resnet18": resnetConfigSchema.parse({ kind: "resnet", depth: 18, width: 4, imageSize: 32 }),
};

for (const [name, config] of Object.entries(SHAPES)) {
  test(`an untrained network has the shape that the names in weights of ${name} tell`, () => {
    const specs = [...backboneParameters(config), ...backboneBuffers(config)];
    const path = at(`${name}.safetensors`);
    // No word of the shape beside the tensors, as in files of others.
    writeSafetensors(path, sampleParameters(specs, 5), {});
    const { arrays } = openTrainableBackbone(`random:${path}:7`);
    const shapesOf = (all: ReadonlyMap<string, { readonly shape: readonly number[] }>) =>
      [...all].map(([key, { shape }]) => `${key} ${shape}`).toSorted();
    const wanted = shapesOf(openTrainableBackbone(path).arrays);
    assert.deepEqual(shapesOf(arrays), wanted);
    const [first] = backboneParameters(config);
    assert.notDeepEqual(arrays.get(first!.name), openTrainableBackbone(path).arrays.get(first!.name));
    assert.deepEqual(untrainedShape(path), { shape: path });
    rmSync(path);
  });
}

test("random:FILE embeds into the width of the file's network, with seeds that differ", async () => {
  const config = SHAPES["narrow-resnet18"]!;
  const path = at("narrow.safetensors");
  writeSafetensors(path, sampleParameters([...backboneParameters(config), ...backboneBuffers(config)], 5), {});
  const pictures = Float32Array.from({ length: 32 * 32 }, (_, index) => (index % 7) / 7);
  const embedded = async (text: string) => {
    const opened = await openBackbone(text, { cropSize: 32, inputSize: 32, batchSize: 1 });
    try {
      return { name: opened.name, values: await opened.embed(pictures, 1) };
    } finally {
      opened.close();
    }
  };
  const [own, zero, one] = [await embedded(path), await embedded(`random:${path}`), await embedded(`random:${path}:1`)];
  assert.deepEqual([zero.name, one.name], [`random:${path}:0`, `random:${path}:1`]);
  assert.equal(zero.values.length, own.values.length);
  assert.notDeepEqual(zero.values, one.values);
  assert.notDeepEqual(zero.values, own.values);
});

test("an ONNX model tells no shape, nor does a table of another program; floors and untrained networks have no untrained floor", async () => {
  writeFileSync(at("model.onnx"), "");
  assert.equal(untrainedShape(at("model.onnx")), "unknown");
  assert.equal(untrainedShape("features.csv"), "unknown");
  assert.equal(untrainedShape("pixels"), "none");
  assert.equal(untrainedShape("random:resnet18:2"), "none");
  await assert.rejects(openBackbone(`random:${at("model.onnx")}`, { cropSize: 8 }), {
    message: `ConfigError: --backbone random:${at("model.onnx")}:0: expected weights, whose names tell the network's shape, got an ONNX model. Name the shape: random:resnet50 or random:vit-s8.`,
  });
});
