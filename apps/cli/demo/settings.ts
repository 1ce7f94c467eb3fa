// What the demo makes and trains: small enough for minutes on two cores, large enough that training shows.
import { type DinoConfig, dinoConfigSchema } from "#learn/dino";
import { DEFAULT_SIMPLE_SKY, type SimpleSkyConfig } from "#sky/simulator";

export const DEMO_SKY: SimpleSkyConfig = DEFAULT_SIMPLE_SKY;

/** Whole fields, the last of the sky, that neither training nor probe sees. */
export const NUM_TEST_FIELDS = 2;

export const CROP_SIZE = 64;

/** Half of 64 (sqrt 2 - 1), rounded up: a rotated view has no empty corners. */
export const CROP_MARGIN = 14;

/** Attention is looked at with the crop at twice its size, which gives four times the patches. */
export const ATTENTION_SIZE = 2 * CROP_SIZE;

/** The demo's training settings. */
export function demoTraining(seed: number): DinoConfig {
  return dinoConfigSchema.parse({
    seed,
    backbone: { patchSize: 8, embedDim: 128, depth: 4, numHeads: 4, imageSize: CROP_SIZE },
    head: { hiddenDim: 512, bottleneckDim: 64, numPrototypes: 1024 },
    views: { globalViewSize: CROP_SIZE, localViewSize: CROP_SIZE / 2, numLocalViews: 4 },
    batchSize: 32,
    numEpochs: 25,
    numWarmupEpochs: 2,
    learningRatePer256: 4e-3,
    teacherMomentum: 0.99,
    dropPathRate: 0,
    // One checkpoint, at the end: the demo is over in minutes.
    checkpoints: { everyEpochs: 1000, everyMinutes: 60, keepLast: 1 },
  });
}
