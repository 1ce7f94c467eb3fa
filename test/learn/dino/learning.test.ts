// A tiny transformer on eight crops really learns, and the metrics tell learning from both collapses.
import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { DinoMetrics } from "#learn/dino";
import { syntheticCropSet, temporaryFolder, tinyConfig, train } from "./training-case.ts";

const NUM_STEPS = 50;
const NUM_PROTOTYPES = 128;
const LN_K = Math.log(NUM_PROTOTYPES);

/**
 * Fifty steps are few for DINO, so everything that is slow by design is made fast: a center that follows within two steps, a
 * teacher that follows within thirty, a cold teacher, and views that share most of their crop. In a network as small as this one
 * the embeddings of all crops begin nearly alike (spread 0.1), and prototypes begin peaked; the center must flatten them first.
 */
const LEARNING = {
  backbone: { patchSize: 4, embedDim: 32, depth: 2, numHeads: 2, mlpRatio: 2, imageSize: 16 },
  head: { hiddenDim: 128, bottleneckDim: 64, numPrototypes: NUM_PROTOTYPES },
  views: {
    ...{ globalViewSize: 16, localViewSize: 8, numLocalViews: 2, globalViewArea: [0.7, 1], localViewArea: [0.4, 0.7] },
    ...{ rotationProbability: 0, powerLawProbability: 0 },
  },
  batchSize: 8,
  numEpochs: NUM_STEPS,
  numWarmupEpochs: 10,
  learningRatePer256: 0.1,
  maxGradientNorm: 0.3,
  weightDecay: 0,
  finalWeightDecay: 0,
  teacherMomentum: 0.97,
  centerMomentum: 0.2,
  teacherTemperature: 0.03,
  warmupTeacherTemperature: 0.03,
  numFrozenPrototypeEpochs: 0,
  dropPathRate: 0,
  checkpoints: { everyEpochs: 1000 },
};

type Means = Readonly<Record<"loss" | "teacherEntropy" | "embeddingSpread", number>>;

function meansOf(metrics: readonly DinoMetrics[]): Means {
  const mean = (name: keyof Means) => metrics.reduce((sum, step) => sum + step[name], 0) / metrics.length;
  return { loss: mean("loss"), teacherEntropy: mean("teacherEntropy"), embeddingSpread: mean("embeddingSpread") };
}

/** Means over the first and the last five steps of a training of fifty. */
async function startAndEnd(t: TestContext, settings: Readonly<Record<string, unknown>>) {
  const metrics: DinoMetrics[] = [];
  const onStep = (step: DinoMetrics) => void metrics.push(step);
  await train(join(temporaryFolder(t), "run"), tinyConfig({ ...LEARNING, ...settings }), {
    cropSet: syntheticCropSet(8),
    onStep,
  });
  assert.equal(metrics.length, NUM_STEPS);
  return { start: meansOf(metrics.slice(0, 5)), end: meansOf(metrics.slice(-5)) };
}

const learners = [
  { optimiser: "adamw", seed: 0 },
  { optimiser: "adamw", seed: 3 },
  { optimiser: "sgd", seed: 0, learningRatePer256: 3 },
];
for (const { optimiser, seed, ...settings } of learners) {
  test(`fifty steps of ${optimiser} from seed ${seed} lower the loss and tell crops apart`, async (t) => {
    const { start, end } = await startAndEnd(t, { optimiser, seed, ...settings });
    // A flat teacher costs ln K = 4.85 and so does a student that knows nothing. Both must be left well behind, not grazed:
    // the loss ends at 2.9 to 3.9, while the entropy stays a mixture of prototypes and embeddings spread two- to fourfold.
    assert.ok(end.loss < start.loss - 0.4, `loss from ${start.loss} to ${end.loss}`);
    assert.ok(end.loss < LN_K - 0.5, `loss ${end.loss}, ln K ${LN_K}`);
    assert.ok(end.teacherEntropy > 1 && end.teacherEntropy < LN_K - 0.5, `teacher entropy ${end.teacherEntropy}`);
    assert.ok(end.embeddingSpread > 2 * start.embeddingSpread, `spread from ${start.embeddingSpread} to ${end.embeddingSpread}`);
    assert.ok(end.embeddingSpread > 0.2, `spread ${end.embeddingSpread}`);
  });
}

/** A ResNet spreads its embeddings from the start: normalisation over the batch sees to that. */
test("fifty steps of a tiny ResNet lower the loss, and neither collapse comes", async (t) => {
  const backbone = { kind: "resnet", depth: 18, width: 8, stemKernelSize: 3, stemStride: 1, stemPooling: "none", imageSize: 16 };
  const { start, end } = await startAndEnd(t, { backbone, optimiser: "adamw", learningRatePer256: 0.1 });
  assert.ok(end.loss < start.loss - 0.4, `loss from ${start.loss} to ${end.loss}`);
  assert.ok(end.loss < LN_K - 0.5, `loss ${end.loss}, ln K ${LN_K}`);
  assert.ok(end.teacherEntropy > 1 && end.teacherEntropy < LN_K - 0.5, `teacher entropy ${end.teacherEntropy}`);
  assert.ok(end.embeddingSpread > 0.2, `spread ${end.embeddingSpread}`);
});

test("without a center the teacher chooses one prototype: the loss falls to nothing, and entropy and spread show it", async (t) => {
  const { start, end } = await startAndEnd(t, { centerMomentum: 1 });
  assert.ok(end.loss < 0.1, `loss ${end.loss}`);
  assert.ok(end.teacherEntropy < 0.1, `teacher entropy ${end.teacherEntropy}`);
  assert.ok(end.embeddingSpread < start.embeddingSpread, `spread from ${start.embeddingSpread} to ${end.embeddingSpread}`);
});

test("a teacher as warm as its student goes flat: loss and entropy stay at ln K", async (t) => {
  const { end } = await startAndEnd(t, { teacherTemperature: 0.1, warmupTeacherTemperature: 0.1 });
  assert.ok(Math.abs(end.loss - LN_K) < 0.05, `loss ${end.loss}`);
  assert.ok(end.teacherEntropy > LN_K - 0.05, `teacher entropy ${end.teacherEntropy}`);
});
