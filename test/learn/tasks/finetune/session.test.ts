// One network under fine-tuning: what moves, by how much, and what never does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndArray, randomFor } from "#base/array";
import { evaluateGraph, Graph, hostTensorOf, named } from "#engine/graph";
import {
  type BackboneConfig,
  layerGroups,
  type ParameterArrays,
  parameterConstants,
  type SupervisedConfig,
  sampleParameters,
  supervisedNetwork,
  supervisedParameters,
} from "#engine/nn";
import type { Device } from "#engine/runtime/native";
import { type FinetuneNetwork, finetuneRule } from "#learn/tasks";
import { type FinetuneSession, openFinetuneSession } from "#learn/tasks/native";
import { assertClose } from "../../../compare.ts";
import { SIDE, TINY_RESNET, TINY_VIT, withDevice } from "./bent-sources.ts";

const BATCH = 8;
const KINDS = { "a ResNet": TINY_RESNET, "a Vision Transformer": TINY_VIT } as const;

interface Case {
  readonly supervised: SupervisedConfig;
  readonly arrays: ParameterArrays;
  readonly network: FinetuneNetwork;
}

function caseOf(backbone: BackboneConfig, numLayers: number): Case {
  const numFrozenGroups = layerGroups(backbone).length - numLayers;
  const supervised = { backbone, head: { hiddenDim: 12, numOutputs: 3 }, numFrozenGroups };
  const { trained, followedBuffers, frozen, frozenBuffers } = supervisedParameters(supervised);
  const arrays = sampleParameters([...trained, ...followedBuffers, ...frozen, ...frozenBuffers], 4);
  const ofFrozen = new Map([...frozen, ...frozenBuffers].map(({ name }) => [name, arrays.get(name)!]));
  return { supervised, arrays, network: { supervised, frozen: ofFrozen, inputSize: SIDE, toInput: (images) => images } };
}

function pictures(seed: number): Float32Array {
  const random = randomFor(seed, "pictures");
  return Float32Array.from({ length: BATCH * SIDE * SIDE }, () => random.uniform());
}

const classes = Array.from({ length: BATCH }, (_, row) => row % 3);

async function opened(device: Device, { network, arrays }: Case, numLayers: number): Promise<FinetuneSession> {
  return openFinetuneSession(device, network, finetuneRule(numLayers, BATCH), { batchSize: BATCH, arrays });
}

function copyOf(arrays: ParameterArrays): Map<string, Float32Array> {
  return new Map([...arrays].map(([name, { data }]) => [name, data.slice()]));
}

/** Logits in float64, all layers by their running averages. */
function wantedLogits(supervised: SupervisedConfig, arrays: ParameterArrays, images: Float32Array): Float64Array {
  const graph = new Graph("wanted");
  const shape = [BATCH, 1, SIDE, SIDE];
  const input = named(graph.input("images", shape), "B C H W", "images");
  graph.output(
    "logits",
    supervisedNetwork(input, parameterConstants(graph, arrays), supervised, { mode: "running" }).predictions,
  );
  return evaluateGraph(graph, new Map([["images", hostTensorOf(ndArray("float32", shape, images))]])).get("logits")!.data;
}

for (const [kind, backbone] of Object.entries(KINDS)) {
  test(`the head alone of ${kind} learns, and leaves the backbone bit for bit`, async () => {
    const one = caseOf(backbone, 0);
    const before = copyOf(one.arrays);
    await withDevice(async (device) => {
      const session = await opened(device, one, 0);
      const losses: number[] = [];
      for (let step = 0; step < 20; step++) losses.push(await session.update({ pictures: pictures(1), classes }, 0.05));
      assert.ok(losses.at(-1)! < losses[0]!, `${losses[0]} to ${losses.at(-1)}`);
      const learnt = await session.learnt();
      assert.deepEqual([...learnt.keys()].toSorted(), ["head.0.bias", "head.0.weight", "head.1.bias", "head.1.weight"]);
      for (const [name, { data }] of learnt) assert.notDeepEqual(data, before.get(name), name);
      // The session predicts with the head as learnt on the very backbone that it was given.
      const wanted = wantedLogits(one.supervised, new Map([...one.arrays, ...learnt]), pictures(2));
      assertClose(await session.logits(pictures(2)), wanted, 1e-4, "logits");
      session.close();
    });
    assert.deepEqual(copyOf(one.arrays), before);
  });

  test(`trained groups of ${kind} move with their running averages, frozen ones never do`, async () => {
    const one = caseOf(backbone, 2);
    const before = copyOf(one.arrays);
    const { trained, followedBuffers } = supervisedParameters(one.supervised);
    await withDevice(async (device) => {
      const session = await opened(device, one, 2);
      for (let step = 0; step < 3; step++) await session.update({ pictures: pictures(step), classes }, 1e-3);
      const learnt = await session.learnt();
      assert.deepEqual(
        [...learnt.keys()],
        [...trained, ...followedBuffers].map(({ name }) => name),
      );
      for (const [name, { data }] of learnt) assert.notDeepEqual(data, before.get(name), name);
      const wanted = wantedLogits(one.supervised, new Map([...one.arrays, ...learnt]), pictures(9));
      assertClose(await session.logits(pictures(9)), wanted, 1e-4, "logits");
      session.close();
    });
    assert.deepEqual(copyOf(one.arrays), before);
    const groups = layerGroups(backbone).map(({ name }) => name);
    assert.ok(
      trained.every(
        ({ name }) =>
          name.startsWith("head.") ||
          name.startsWith(groups.at(-1)!) ||
          name.startsWith(groups.at(-2)!) ||
          name.startsWith("norm."),
      ),
    );
  });

  test(`Adam's first step moves the vectors of each group of ${kind} by the rate times 0.75 to the number of groups above`, async () => {
    const groups = layerGroups(backbone);
    const one = caseOf(backbone, groups.length);
    const rate = 1e-3;
    await withDevice(async (device) => {
      const session = await opened(device, one, groups.length);
      await session.update({ pictures: pictures(1), classes }, rate);
      const learnt = await session.learnt();
      const largestOf = (names: readonly string[]) => Math.max(...names.map((name) => largestChange(one.arrays, learnt, name)));
      for (const [index, { name, parameters }] of groups.entries()) {
        // Without weight decay the first step is rate x sign(gradient), where the gradient is not next to nothing.
        const vectors = parameters.filter(({ shape }) => shape.length === 1).map((spec) => spec.name);
        const wanted = rate * 0.75 ** (groups.length - 1 - index);
        assert.ok(Math.abs(largestOf(vectors) / wanted - 1) < 2e-3, `${name}: ${largestOf(vectors)} of ${wanted}`);
      }
      assert.ok(Math.abs(largestOf(["head.0.bias", "head.1.bias"]) / rate - 1) < 2e-3);
      session.close();
    });
  });
}

function largestChange(before: ParameterArrays, after: ParameterArrays, name: string): number {
  const [old, now] = [before.get(name)!.data, after.get(name)!.data];
  return old.reduce((most, value, index) => Math.max(most, Math.abs(now[index]! - value)), 0);
}

test("what was put aside comes back, parameters and running averages alike", async () => {
  const one = caseOf(TINY_RESNET, 9);
  await withDevice(async (device) => {
    const session = await opened(device, one, 9);
    await session.update({ pictures: pictures(1), classes }, 1e-3);
    const kept = await session.learnt();
    const logits = await session.logits(pictures(2));
    await session.update({ pictures: pictures(1), classes }, 1e-2);
    assert.notDeepEqual(await session.logits(pictures(2)), logits);
    await session.restore(kept);
    assert.deepEqual(await session.logits(pictures(2)), logits);
    assert.deepEqual(await session.learnt(), kept);
    session.close();
  });
});

test("the rates are the published ones: 0.1 and 0.001 for 256 crops, smoothing and decay only where layers are trained", () => {
  assert.deepEqual(finetuneRule(0, 64), {
    ...{ optimiser: "sgd", learningRate: 0.025, weightDecay: 0, layerDecay: 1, labelSmoothing: 0 },
  });
  assert.deepEqual(finetuneRule(3, 64), {
    ...{ optimiser: "adamw", learningRate: 0.00025, weightDecay: 0.05, layerDecay: 0.75, labelSmoothing: 0.1 },
  });
});
