// WebGPU against the float64 evaluator and the CPU: every operator, gradients, whole training steps. Sessions refuse to fall back to
// the CPU, so what passes here ran on the device. On SwiftShader networks must be tiny.
import assert from "node:assert/strict";
import { test } from "node:test";
import { float32, ndArray, randomFor, sizeOf } from "#base/array";
import { evaluateGraph, Graph, hostTensorOf, matMul, type OpName } from "#engine/graph";
import { type Device, type DeviceName, openDevice } from "#engine/runtime/native";
import { type DinoConfig, dinoConfigSchema, initialState, type StepBatch, sampleDropPathScales } from "#learn/dino";
import { openTrainingStep } from "#learn/dino/native";
import { relativeError } from "../compare.ts";
import { differentiatedCase } from "../engine/autodiff/gradient-check.ts";
import { type CaseGraph, graphOfCase, OP_CASES } from "../engine/op-cases.ts";
import { assertParity } from "../engine/runtime/parity.ts";
import { graphicsDeviceSkip } from "../graphics-device.ts";

const skip = graphicsDeviceSkip();

/** Operators that lowering refuses for WebGPU, by name and with a reason; lowered-graph.test.ts has their errors. */
const REFUSED: readonly OpName[] = ["DynamicQuantizeMatMul", "IsNaN"];

/** Cases in numbers of 64 bits, which WebGPU has none of (WGSL, section 6.2): refused when the graph is opened, not run elsewhere. */
const IN_64_BITS: Readonly<Record<"forward" | "gradient", readonly string[]>> = {
  forward: [
    "Cast: there and back",
    "Cast: from whole numbers",
    "Equal: numbers with equals",
    "Add: whole numbers",
    "Mul: whole numbers with a number",
    "MaxPool: where the largest were found",
  ],
  gradient: ["Cast: there and back", "Gather: computed indices of two axes", "Gather: negative computed indices"],
};
const REFUSAL = /expected operators that webgpu knows, got .*\. Nothing runs on the CPU in silence: use --device cpu\.$/;

async function withDevice(name: DeviceName, work: (device: Device) => Promise<void>): Promise<void> {
  const device = openDevice({ device: name, numThreads: 2 });
  try {
    await work(device);
  } finally {
    device.close();
  }
}

/** What is wrong with a case: a value, or that it is refused or not as the list says. */
async function mismatch(
  device: Device,
  { graph, feeds }: Pick<CaseGraph, "graph" | "feeds">,
  name: string,
  refused: readonly string[],
) {
  try {
    if (refused.includes(name)) {
      assert.throws(() => device.open(graph), REFUSAL);
      return [];
    }
    const session = device.open(graph);
    const got = await session.run(feeds);
    session.close();
    const truth = evaluateGraph(graph, new Map([...feeds].map(([input, array]) => [input, hostTensorOf(array)])));
    for (const [output, array] of got) assertParity(array, truth.get(output)!, `${name}, ${output}`);
    return [];
  } catch (error) {
    return [`${name}: ${(error as Error).message}`]; // assertions and sessions throw Errors
  }
}

test("every operator runs on WebGPU and agrees with the evaluator, or is refused by name", { skip }, async () => {
  await withDevice("webgpu", async (device) => {
    const cases = OP_CASES.filter(({ op }) => !REFUSED.includes(op));
    const wrong: string[] = [];
    for (const opCase of cases) {
      wrong.push(...(await mismatch(device, graphOfCase(opCase), opCase.name, IN_64_BITS.forward)));
    }
    assert.deepEqual(wrong, []);
    assert.ok(cases.length > 60, `${cases.length} cases`);
  });
});

test("the gradients of every operator run on WebGPU and agree with the evaluator", { skip }, async () => {
  await withDevice("webgpu", async (device) => {
    const wrong: string[] = [];
    for (const opCase of OP_CASES.filter(({ op }) => !REFUSED.includes(op))) {
      const found = differentiatedCase(opCase);
      if (found) wrong.push(...(await mismatch(device, found, opCase.name, IN_64_BITS.gradient)));
    }
    assert.deepEqual(wrong, []);
  });
});

test("arrays stay on the device, are overwritten there, and come back when they are copied", { skip }, async () => {
  await withDevice("webgpu", async (device) => {
    const graph = new Graph("power");
    const x = graph.input("x", [2, 2]);
    graph.output("y", matMul(x, x));
    const session = device.open(graph);
    const resident = await device.upload(float32([2, 2], [1, 1, 0, 1]));
    for (let doubling = 0; doubling < 3; doubling++) {
      const outputs = await session.run(new Map([["x", resident]]), new Map([["y", resident]]));
      assert.equal(outputs.size, 0, "nothing comes back to the host by itself");
    }
    const back = float32([2, 2], [0, 0, 0, 0]);
    await device.copy(resident, back);
    assert.deepEqual([...back.data], [1, 8, 0, 1]);
    device.release(resident);
  });
});

const VIEWS = { globalViewSize: 32, localViewSize: 16, numLocalViews: 2 };
const HEAD = { hiddenDim: 16, bottleneckDim: 8, numPrototypes: 32 };
const CONFIGS: Readonly<Record<string, DinoConfig>> = {
  "a Vision Transformer with AdamW, drop path and two accumulated batches": dinoConfigSchema.parse({
    backbone: { embedDim: 12, depth: 2, numHeads: 2, patchSize: 8, imageSize: 32 },
    head: HEAD,
    views: VIEWS,
    batchSize: 2,
    optimiser: "adamw",
    dropPathRate: 0.3,
    numAccumulatedBatches: 2,
  }),
  "a ResNet-18 with SGD": dinoConfigSchema.parse({
    backbone: { kind: "resnet", depth: 18, width: 4 },
    head: HEAD,
    views: VIEWS,
    batchSize: 2,
    optimiser: "sgd",
    dropPathRate: 0,
  }),
};

function batchOf({ batchSize, backbone, dropPathRate, views }: DinoConfig, epoch: number): StepBatch {
  const random = randomFor(epoch, "webgpu views");
  const drawn = (count: number, side: number) => {
    const shape = [count * batchSize, 1, side, side];
    return ndArray(
      "float32",
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
    );
  };
  const batch = new Map([
    ["globalViews", drawn(views.numGlobalViews, views.globalViewSize)],
    ["localViews", drawn(views.numLocalViews, views.localViewSize)],
  ]);
  if (dropPathRate === 0) return batch;
  const draw = { seed: 0, epoch, cropIndices: [0, 1], depth: "depth" in backbone ? backbone.depth : 0, dropPathRate };
  return batch
    .set("globalDropPath", sampleDropPathScales({ ...draw, firstView: 0, numViews: views.numGlobalViews }))
    .set("localDropPath", sampleDropPathScales({ ...draw, firstView: views.numGlobalViews, numViews: views.numLocalViews }));
}

/** Losses of three steps, and the student, teacher and running averages after them. */
async function threeSteps(device: Device, config: DinoConfig) {
  const state = initialState(config, config.optimiser, 0);
  const step = await openTrainingStep(device, config, state);
  const settings = {
    learningRate: 1e-3,
    weightDecay: 1e-4,
    teacherMomentum: 0.9,
    teacherTemperature: 0.04,
    arePrototypesFrozen: false,
  };
  let { counters } = state;
  const losses: number[] = [];
  for (let index = 0; index < 3; index++) {
    const batches = Array.from({ length: config.numAccumulatedBatches }, (_, place) => batchOf(config, 2 * index + place));
    losses.push((await step.gradients(batches, settings)).loss);
    counters = { ...counters, numUpdates: await step.update(counters, settings) };
  }
  await step.settle();
  step.close();
  return { losses, arrays: state.arrays };
}

for (const [name, config] of Object.entries(CONFIGS)) {
  test(`three training steps of ${name} on WebGPU are those on the CPU`, { skip }, async () => {
    const taken: Awaited<ReturnType<typeof threeSteps>>[] = [];
    for (const device of ["cpu", "webgpu"] as const) {
      await withDevice(device, async (opened) => {
        taken.push(await threeSteps(opened, config));
      });
    }
    const [onCpu, onDevice] = taken as [(typeof taken)[0], (typeof taken)[0]]; // two devices
    assert.ok(relativeError(onDevice.losses, onCpu.losses) < 1e-4, `${onDevice.losses} for ${onCpu.losses}`);
    const initial = initialState(config, config.optimiser, 0).arrays;
    let moved = 0;
    for (const [array, { data }] of onCpu.arrays) {
      if (!/^(student|teacher)\./.test(array)) continue;
      // Shifts of keys have no gradient but rounding, which AdamW makes steps of.
      const tolerance = array.endsWith("qkv.bias") ? 1e-1 : 2e-3;
      assert.ok(relativeError(onDevice.arrays.get(array)!.data, data) < tolerance, `${array} differs`);
      moved += relativeError(data, initial.get(array)!.data) > 1e-4 ? 1 : 0;
    }
    assert.ok(moved > 20, `${moved} arrays moved`);
  });
}

test("a device that does not compute in 16 bits refuses them in one line before a training begins, one that does trains", {
  skip,
}, async () => {
  const config: DinoConfig = { ...Object.values(CONFIGS)[0]!, precision: "float16" };
  await withDevice("webgpu", async (device) => {
    try {
      const { losses } = await threeSteps(device, config);
      await withDevice("cpu", async (processor) => {
        const { losses: wanted } = await threeSteps(processor, { ...config, precision: "float32" });
        assert.ok(relativeError(losses, wanted) < 2e-2, `${losses} for ${wanted}`);
      });
    } catch (error) {
      const refusal =
        /^ConfigError: precision: expected a device that computes in 16 bits, got webgpu, which says: .*f16.* Set precision=float32\.$/;
      assert.match((error as Error).message, refusal);
    }
  });
});
