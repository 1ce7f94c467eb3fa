// Backbones that may be trained further: they show what the frozen ones of the same name show, and what cannot be trained is refused.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ndArray, randomFor } from "#base/array";
import { writeSafetensors } from "#base/files/disk";
import { evaluateGraph, Graph, hostTensorOf, named } from "#engine/graph";
import {
  backbone,
  backboneBuffers,
  backboneParameters,
  frozenSpecs,
  mobilenetConfigSchema,
  parameterConstants,
  resnetConfigSchema,
  sampleParameters,
} from "#engine/nn";
import { openBackbone, openTrainableBackbone } from "#learn/embeddings/native";
import { assertClose } from "../../compare.ts";

const SIDE = 32;
const COLOUR = resnetConfigSchema.parse({ kind: "resnet", depth: 18, width: 4, imageSize: SIDE, imageChannels: 3 });

const REGISTRY = `
colour:
  title: Colour
  file: colour.safetensors
  input: { resize: ${SIDE}, channels: 3, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
grey:
  title: Grey
  file: colour.safetensors
  input: { resize: ${SIDE}, channels: 1, mean: 0.1, std: 0.2 }
`;

let folder = "";
const registryBefore = process.env["SURICATE_BACKBONES"];

before(() => {
  folder = mkdtempSync(join(tmpdir(), "suricate-trainable-"));
  const arrays = sampleParameters([...backboneParameters(COLOUR), ...backboneBuffers(COLOUR)], 3);
  writeSafetensors(join(folder, "colour.safetensors"), arrays, { backbone: JSON.stringify(COLOUR) });
  const mobilenet = mobilenetConfigSchema.parse({ kind: "mobilenetv2", imageChannels: 3 });
  writeSafetensors(join(folder, "mobilenet.safetensors"), sampleParameters(frozenSpecs(mobilenet), 1), {
    backbone: JSON.stringify(mobilenet),
  });
  writeFileSync(join(folder, "model.onnx"), new Uint8Array(8));
  writeFileSync(join(folder, "backbones.yaml"), REGISTRY);
  process.env["SURICATE_BACKBONES"] = join(folder, "backbones.yaml");
});

after(() => {
  if (registryBefore === undefined) delete process.env["SURICATE_BACKBONES"];
  else process.env["SURICATE_BACKBONES"] = registryBefore;
  rmSync(folder, { recursive: true, force: true });
});

for (const [name, channels] of [
  ["colour", 3],
  ["grey", 1],
] as const) {
  test(`the trainable network of a recipe of ${channels} channels embeds as the frozen one does`, async () => {
    const random = randomFor(2, "pictures");
    const pictures = Float32Array.from({ length: 2 * SIDE * SIDE }, () => random.uniform());
    const frozen = await openBackbone(name, { cropSize: SIDE, numThreads: 2 });
    const wanted = await frozen.embed(pictures, 2);
    frozen.close();

    const { config, arrays, toInput } = openTrainableBackbone(name);
    assert.equal(config.imageChannels, channels);
    const graph = new Graph("trainable");
    const shape = [2, 1, SIDE, SIDE];
    const images = toInput(named(graph.input("images", shape), "B C H W", "images"));
    graph.output("embedding", backbone(images, parameterConstants(graph, arrays), config, { mode: "running" }).embedding);
    const fed = new Map([["images", hostTensorOf(ndArray("float32", shape, pictures))]]);
    assertClose(evaluateGraph(graph, fed).get("embedding")!.data, wanted, 1e-4, name);
  });
}

test("a random network is drawn as for embedding, and floors, ONNX models and MobileNetV2 are refused", () => {
  const { name, config } = openTrainableBackbone("random:resnet18:2");
  assert.deepEqual([name, config.kind], ["random:resnet18:2", "resnet"]);
  const refused = (text: string, what: string) =>
    assert.throws(() => openTrainableBackbone(text), {
      message: `ConfigError: --backbone ${text}: expected a ResNet or a Vision Transformer (a run, weights or random:SHAPE), got ${what}, which cannot be trained here.`,
    });
  refused("pixels", "a floor");
  refused(join(folder, "model.onnx"), "an ONNX model");
  refused(join(folder, "mobilenet.safetensors"), "a MobileNetV2");
});
