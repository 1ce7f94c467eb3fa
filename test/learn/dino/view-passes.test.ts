// Passes: every view in one of them, and a step's gradients are the same however it is divided.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { float32 } from "#base/array";
import { readSafetensors } from "#base/files/disk";
import { hostTensorOf } from "#engine/graph";
import { OPTIMISERS } from "#engine/nn";
import { networkParameters, numLanesFor, passKinds, passViews, type StepShape } from "#learn/dino";
import { assertClose } from "../../compare.ts";
import { hostTensor } from "../../engine/host-tensors.ts";
import { projectRoot } from "../../real-data.ts";
import { evaluatedGradients } from "./evaluated-gradients.ts";
import { stepBatchesOf, stepCaseOf, stepShapeOf, trainingStateOf } from "./step-case.ts";

const head = { hiddenDim: 8, bottleneckDim: 4, numPrototypes: 16 };
const shape: StepShape = {
  ...{ batchSize: 2, numGlobalViews: 2, globalViewSize: 224, numLocalViews: 8, localViewSize: 96 },
  ...{ studentTemperature: 0.1, dropPath: "none" },
};
const vitS = { patchSize: 8, embedDim: 384, depth: 12, numHeads: 6, imageSize: 224, imageChannels: 1, mlpRatio: 4 } as const;
const summary = (kinds: ReturnType<typeof passKinds>) =>
  kinds.map(({ views, numImages, numPasses, firstRow }) => `${views} ${numPasses} x ${numImages} from ${firstRow}`);

test("the paper's ViT-S takes all local views at once and then two global ones at a time", () => {
  assert.deepEqual(summary(passKinds({ backbone: vitS, head }, shape)), ["local 1 x 16 from 4", "global 2 x 2 from 0"]);
});

test("in two lanes each has as many passes, of half the size; of an odd number of views, or with one thread, there is one lane", () => {
  const config = { backbone: vitS, head };
  assert.deepEqual(summary(passKinds(config, shape, { numLanes: 2 })), ["local 2 x 8 from 4", "global 4 x 1 from 0"]);
  assert.equal(numLanesFor(config, shape, 2), 2);
  assert.equal(numLanesFor(config, shape, 1), 1);
  assert.equal(numLanesFor(config, { ...shape, batchSize: 1, numLocalViews: 3 }, 2), 1);
});

test("passes are equally large: seven images of which three have room go through one by one", () => {
  const odd = { ...shape, batchSize: 7, numGlobalViews: 1, numLocalViews: 0 };
  const roomForThree = 3 * 785 * 384 * 12;
  assert.deepEqual(summary(passKinds({ backbone: vitS, head }, odd, { mostActivations: roomForThree })), ["global 7 x 1 from 0"]);
});

test("a network with batch normalisation takes all views of a size at once, the global ones first, as PyTorch's running averages have it", () => {
  const resnet = {
    kind: "resnet",
    imageSize: 224,
    depth: 50,
    width: 64,
    imageChannels: 1,
    stemKernelSize: 7,
    stemStride: 2,
    stemPooling: "max",
  } as const;
  const config = { backbone: resnet, head };
  const kinds = passKinds(config, { ...shape, batchSize: 64 });
  assert.equal(numLanesFor(config, shape, 8), 1);
  assert.deepEqual(summary(kinds), ["global 1 x 128 from 0", "local 1 x 512 from 128"]);
});

test("a pass is fed its own images and its own columns of the drop-path scales", () => {
  const counted = (sizes: readonly number[]) =>
    float32(
      sizes,
      Float32Array.from({ length: sizes.reduce((a, b) => a * b) }, (_, i) => i),
    );
  const batch = new Map([
    ["localViews", counted([6, 1, 2, 2])],
    ["localDropPath", counted([2, 6])],
  ]);
  const kind = { views: "local", viewSize: 2, numImages: 2, numPasses: 3, firstRow: 4 } as const;
  const fed = passViews(batch, kind, 1);
  assert.deepEqual(fed.get("views")!.shape, [2, 1, 2, 2]);
  assert.deepEqual([...fed.get("views")!.data], [8, 9, 10, 11, 12, 13, 14, 15]);
  assert.deepEqual(fed.get("dropPath")!.shape, [2, 2]);
  assert.deepEqual([...fed.get("dropPath")!.data], [2, 3, 8, 9]);
});

test("in float64 a step in passes of one image has the loss and the gradients of one pass a size", () => {
  const fixture = readSafetensors(join(projectRoot, "test", "fixtures", "dino-step", "small-2x3-sgd.safetensors"));
  const step = stepCaseOf(fixture);
  const state = trainingStateOf(step, fixture, OPTIMISERS[step.optimiser].stateNames);
  const values = new Map([...state.arrays].map(([name, array]) => [name, hostTensorOf(array)]));
  values.set("teacherTemperature", hostTensor([], [step.teacherTemperature]));
  const [batch] = stepBatchesOf(step, fixture);
  for (const [name, array] of batch!) values.set(name, hostTensorOf(array));
  const gradientsIn = (mostActivations?: number) => {
    const kinds = passKinds(step, stepShapeOf(step), mostActivations === undefined ? {} : { mostActivations });
    return { kinds, outputs: evaluatedGradients(step, stepShapeOf(step), values, batch!, kinds) };
  };
  const [whole, single] = [gradientsIn(), gradientsIn(1)];
  assert.ok(whole.kinds.every(({ numPasses }) => numPasses === 1));
  assert.ok(single.kinds.every(({ numImages, numPasses }) => numImages === 1 && numPasses > 1));
  const compared = ["loss", "gradientSquares", ...networkParameters(step).map(({ name }) => `gradient.${name}`)];
  for (const name of compared) {
    assertClose(single.outputs.get(name)!.data, whole.outputs.get(name)!.data, 1e-9, name, 1e-12);
  }
});
