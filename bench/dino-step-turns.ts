// Suricate's side of bench vit-step and resnet-step: a whole training step a turn, over views made once.
import { ndArray, randomFor, sizeOf } from "#base/array";
import { numDroppableBlocks } from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import {
  buildPassGraph,
  buildPrototypeGraph,
  buildTargetGraph,
  type DinoConfig,
  dinoConfigSchema,
  hasDropPath,
  initialState,
  passKinds,
  type StepBatch,
  sampleDropPathScales,
  stepShape,
} from "#learn/dino";
import { openTrainingStep, type StepSettings } from "#learn/dino/native";
import type { DinoStepSize } from "./dino-step.ts";
import { measuredProductRate, productFlops } from "./flops.ts";
import { serveTurns } from "./turns.ts";

type Size = DinoStepSize & { readonly numThreads: number };

/** The peer's settings: dino_step.py. */
const SETTINGS = {
  learningRate: 5e-4,
  teacherMomentum: 0.996,
  teacherTemperature: 0.04,
  arePrototypesFrozen: false,
};

function backboneOf({ backbone, patch, dim, depth, heads, globalSize }: Size) {
  if (backbone === "resnet50") return { kind: "resnet", depth: 50 };
  return { patchSize: patch, embedDim: dim, depth, numHeads: heads, imageSize: globalSize };
}

function configOf(size: Size): DinoConfig {
  return dinoConfigSchema.parse({
    backbone: backboneOf(size),
    head: { hiddenDim: size.hidden, bottleneckDim: size.bottleneck, numPrototypes: size.prototypes },
    views: {
      numGlobalViews: size.numGlobal,
      globalViewSize: size.globalSize,
      numLocalViews: size.numLocal,
      localViewSize: size.localSize,
    },
    batchSize: size.images,
    optimiser: size.optimizer,
  });
}

function sampleBatch({ images, numGlobal, globalSize, numLocal, localSize }: Size, config: DinoConfig): StepBatch {
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

function stepGigaflop(config: DinoConfig): number {
  const shape = stepShape(config);
  const kinds = passKinds(config, shape);
  const once = [buildTargetGraph(config, shape), buildPrototypeGraph(config, kinds, "replace")];
  const ofPasses = kinds.map((kind) => kind.numPasses * productFlops(buildPassGraph(config, shape, kind, "add")));
  return [...once.map(productFlops), ...ofPasses].reduce((sum, flops) => sum + flops, 0) / 1e9;
}

const size: Size = JSON.parse(process.argv[2] ?? "{}");
const config = configOf(size);
const settings: StepSettings = { ...SETTINGS, weightDecay: size.weightDecay };
const device = await openDevice({ device: "cpu", numThreads: size.numThreads });
const peakGigaflopPerSecond = (await measuredProductRate(device)) / 1e9;
const gigaflop = stepGigaflop(config);
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
  turn: async () => ({ ...(await trainingStep()), gigaflop, peakGigaflopPerSecond }),
});
