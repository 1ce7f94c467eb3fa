// What the demo makes and trains: small enough for minutes on two cores, large enough that training shows.
import { type DinoConfig, dinoConfigSchema } from "#learn/dino";
import { type SkyConfig, SMALL_SKY } from "#sky/simulator";

/** Sixteen fields of 49 crops, so that some can be set aside. */
export const DEMO_SKY: SkyConfig = { ...SMALL_SKY, numFields: 16 };

/** Whole fields, the last of the sky, that neither training nor probe sees. */
export const NUM_TEST_FIELDS = 4;

export const CROP_SIZE = 64;

/** Half of 64 (sqrt 2 - 1), rounded up: a rotated view has no empty corners. */
export const CROP_MARGIN = 14;

/** Attention is looked at with the crop at twice its size, which gives four times the patches. */
export const ATTENTION_SIZE = 2 * CROP_SIZE;

/**
 * The demo's training settings. Three of them depart from DINO's defaults, for a network that sees six hundred dark crops for two
 * minutes: untrained, it tells crops apart so little that their common part drowns the rest. A quick centre (0.5) takes the common
 * part away before the student can follow it, a sharp teacher (0.02) makes the most of the differences, and mild views keep them.
 */
export function demoTraining(seed: number): DinoConfig {
  return dinoConfigSchema.parse({
    seed,
    backbone: { patchSize: 8, embedDim: 96, depth: 3, numHeads: 3, imageSize: CROP_SIZE },
    head: { hiddenDim: 256, bottleneckDim: 64, numPrototypes: 1024 },
    views: {
      globalViewSize: CROP_SIZE,
      globalViewArea: [0.5, 1],
      localViewSize: CROP_SIZE / 2,
      localViewArea: [0.2, 0.5],
      numLocalViews: 4,
      globalBlurProbabilities: [0.3, 0.1],
      localBlurProbability: 0.2,
      blurSigma: [0.1, 1],
      powerLawProbability: 0.2,
    },
    batchSize: 32,
    numEpochs: 30,
    numWarmupEpochs: 3,
    learningRatePer256: 4e-3,
    teacherMomentum: 0.98,
    centerMomentum: 0.5,
    teacherTemperature: 0.02,
    warmupTeacherTemperature: 0.02,
    dropPathRate: 0,
    // One checkpoint, at the end: the demo is over in minutes.
    checkpoints: { everyEpochs: 1000, everyMinutes: 60, keepLast: 1 },
  });
}
