// Fine-tuning on WebGPU: its updates and predictions are those on the CPU, with frozen layers and without.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, randomFor } from "#base/array";
import { type BackboneConfig, layerGroups, sampleParameters, supervisedParameters } from "#engine/nn";
import { type DeviceName, openDevice } from "#engine/runtime/native";
import { finetuneRule } from "#learn/tasks";
import { openFinetuneSession } from "#learn/tasks/native";
import { relativeError } from "../compare.ts";
import { graphicsDeviceSkip } from "../graphics-device.ts";
import { SIDE, TINY_RESNET, TINY_VIT } from "../learn/tasks/finetune/bent-sources.ts";

const skip = graphicsDeviceSkip();
const BATCH = 4;

function pictures(step: number): Float32Array {
  const random = randomFor(step, "pictures");
  return Float32Array.from({ length: BATCH * SIDE * SIDE }, () => random.uniform());
}

interface Trained {
  readonly losses: readonly number[];
  readonly logits: Float32Array;
  readonly learnt: ReadonlyMap<string, NdArray<"float32">>;
}

async function trainedOn(device: DeviceName, backbone: BackboneConfig, numLayers: number): Promise<Trained> {
  const numFrozenGroups = layerGroups(backbone).length - numLayers;
  const supervised = { backbone, head: { hiddenDim: 8, numOutputs: 2 }, numFrozenGroups };
  const { trained, followedBuffers, frozen, frozenBuffers } = supervisedParameters(supervised);
  const arrays = sampleParameters([...trained, ...followedBuffers, ...frozen, ...frozenBuffers], 5);
  const ofFrozen = new Map([...frozen, ...frozenBuffers].map(({ name }) => [name, arrays.get(name)!]));
  const network = { supervised, frozen: ofFrozen, inputSize: SIDE, toInput: <T>(images: T) => images };
  const opened = openDevice({ device, numThreads: 2 });
  try {
    const session = await openFinetuneSession(opened, network, finetuneRule(numLayers, 256), { batchSize: BATCH, arrays });
    const losses: number[] = [];
    for (let step = 0; step < 2; step++)
      losses.push(await session.update({ pictures: pictures(step), classes: [0, 1, 1, 0] }, 1e-3));
    const kept = await session.learnt();
    await session.update({ pictures: pictures(3), classes: [0, 1, 1, 0] }, 1e-1);
    await session.restore(kept);
    const logits = (await session.logits(pictures(7))).slice();
    const result = { losses, logits, learnt: await session.learnt() };
    session.close();
    return result;
  } finally {
    opened.close();
  }
}

for (const [what, backbone, numLayers] of [
  ["a ResNet's last group", TINY_RESNET, 1],
  ["a whole transformer", TINY_VIT, 3],
] as const) {
  test(`${what} is fine-tuned on WebGPU as on the CPU`, { skip }, async () => {
    // WebGPU first: it looks for graphics devices when the process opens its first one.
    const onDevice = await trainedOn("webgpu", backbone, numLayers);
    const onCpu = await trainedOn("cpu", backbone, numLayers);
    assert.ok(relativeError(onDevice.losses, onCpu.losses) < 1e-4, `${onDevice.losses} for ${onCpu.losses}`);
    assert.ok(relativeError(onDevice.logits, onCpu.logits) < 1e-3);
    assert.deepEqual([...onDevice.learnt.keys()], [...onCpu.learnt.keys()]);
    for (const [name, { data }] of onCpu.learnt) {
      // Shifts of keys have no gradient but rounding, which AdamW makes steps of.
      const tolerance = name.endsWith("qkv.bias") ? 1e-1 : 2e-3;
      assert.ok(relativeError(onDevice.learnt.get(name)!.data, data) < tolerance, `${name} differs`);
    }
  });
}
