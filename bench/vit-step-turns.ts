// Suricate's side of bench vit-step: a whole training step a turn, over views made once.
import { ndArray, randomFor, sizeOf } from "#base/array";
import { openDevice } from "#engine/runtime/native";
import { buildGradientGraph, type DinoConfig, dinoConfigSchema, initialState, sampleDropPathScales } from "#learn/dino";
import { openTrainingStep, type StepBatch, type StepSettings } from "#learn/dino/native";
import { measuredProductRate, productFlops } from "./flops.ts";
import { serveTurns } from "./turns.ts";
import type { VitStepSize } from "./vit-step.ts";

type Size = VitStepSize & { readonly numThreads: number };

/** The peer's settings: vit_step.py. */
const SETTINGS: StepSettings = {
  learningRate: 5e-4,
  weightDecay: 0.04,
  teacherMomentum: 0.996,
  teacherTemperature: 0.04,
  arePrototypesFrozen: false,
};

function configOf(size: Size): DinoConfig {
  return dinoConfigSchema.parse({
    backbone: { patchSize: size.patch, embedDim: size.dim, depth: size.depth, numHeads: size.heads, imageSize: size.globalSize },
    head: { hiddenDim: size.hidden, bottleneckDim: size.bottleneck, numPrototypes: size.prototypes },
    views: {
      numGlobalViews: size.numGlobal,
      globalViewSize: size.globalSize,
      numLocalViews: size.numLocal,
      localViewSize: size.localSize,
    },
    batchSize: size.images,
    optimiser: "adamw",
  });
}

function sampleBatch(
  { images, numGlobal, globalSize, numLocal, localSize, depth }: Size,
  { dropPathRate }: DinoConfig,
): StepBatch {
  const random = randomFor(0, "bench views");
  const views = (count: number, side: number) => {
    const shape = [count * images, 1, side, side];
    return ndArray(
      "float32",
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
    );
  };
  const draw = { seed: 0, epoch: 0, cropIndices: Array.from({ length: images }, (_, index) => index), depth, dropPathRate };
  return new Map([
    ["globalViews", views(numGlobal, globalSize)],
    ["localViews", views(numLocal, localSize)],
    ["globalDropPath", sampleDropPathScales({ ...draw, firstView: 0, numViews: numGlobal })],
    ["localDropPath", sampleDropPathScales({ ...draw, firstView: numGlobal, numViews: numLocal })],
  ]);
}

function stepGigaflop(config: DinoConfig): number {
  const { views, batchSize, studentTemperature } = config;
  return productFlops(buildGradientGraph(config, { ...views, batchSize, studentTemperature, dropPath: "fed" })) / 1e9;
}

const size: Size = JSON.parse(process.argv[2] ?? "{}");
const config = configOf(size);
const device = await openDevice({ device: "cpu", numThreads: size.numThreads });
const peakGigaflopPerSecond = (await measuredProductRate(device)) / 1e9;
const gigaflop = stepGigaflop(config);
const state = initialState(config, config.optimiser, 0);
const step = openTrainingStep(device, config, state);
const batch = sampleBatch(size, config);
let { counters } = state;

async function trainingStep(): Promise<{ readonly loss: number }> {
  const { loss } = await step.gradients([batch], SETTINGS);
  if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
  counters = { ...counters, step: counters.step + 1, numUpdates: await step.update(counters, SETTINGS) };
  return { loss };
}

await serveTurns({
  warm: async () => {
    await trainingStep();
  },
  turn: async () => ({ ...(await trainingStep()), gigaflop, peakGigaflopPerSecond }),
});
