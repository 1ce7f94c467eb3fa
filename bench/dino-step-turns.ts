// Suricate's side of bench vit-step and resnet-step: a whole training step a turn, over views made once.
import { ndArray, randomFor, sizeOf } from "#base/array";
import { numDroppableBlocks } from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import { type DinoConfig, hasDropPath, initialState, type StepBatch, sampleDropPathScales } from "#learn/dino";
import { openTrainingStep, type StepSettings } from "#learn/dino/native";
import { configOf, type StepSize } from "./dino-step-config.ts";
import { serveTurns } from "./turns.ts";

/** The peer's settings: dino_step.py. */
const SETTINGS = {
  learningRate: 5e-4,
  teacherMomentum: 0.996,
  teacherTemperature: 0.04,
  arePrototypesFrozen: false,
};

function sampleBatch({ images, numGlobal, globalSize, numLocal, localSize }: StepSize, config: DinoConfig): StepBatch {
  const random = randomFor(0, "bench views");
  const views = (count: number, side: number) => {
    const shape = [count * images, 1, side, side];
    return ndArray(
      "float32",
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
    );
  };
  const batch = new Map([
    ["globalViews", views(numGlobal, globalSize)],
    ["localViews", views(numLocal, localSize)],
  ]);
  if (!hasDropPath(config)) return batch;
  const cropIndices = Array.from({ length: images }, (_, index) => index);
  const { dropPathRate } = config;
  const draw = { seed: 0, epoch: 0, cropIndices, depth: numDroppableBlocks(config.backbone), dropPathRate };
  return batch
    .set("globalDropPath", sampleDropPathScales({ ...draw, firstView: 0, numViews: numGlobal }))
    .set("localDropPath", sampleDropPathScales({ ...draw, firstView: numGlobal, numViews: numLocal }));
}

const size: StepSize = JSON.parse(process.argv[2] ?? "{}");
const config = configOf(size);
const settings: StepSettings = { ...SETTINGS, weightDecay: size.weightDecay };
const device = await openDevice({ device: "cpu", numThreads: size.numThreads });
const state = initialState(config, config.optimiser, 0);
const step = await openTrainingStep(device, config, state);
const batch = sampleBatch(size, config);
let { counters } = state;

async function trainingStep(): Promise<{ readonly loss: number }> {
  const { loss } = await step.gradients([batch], settings);
  if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
  counters = { ...counters, step: counters.step + 1, numUpdates: await step.update(counters, settings) };
  return { loss };
}

await serveTurns({
  warm: async () => {
    await trainingStep();
  },
  turn: trainingStep,
});
