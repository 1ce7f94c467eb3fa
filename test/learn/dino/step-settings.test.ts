// What holds at each step of a run, against DINO's lists of values written out as plain loops.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DINO_PRESETS, dinoConfigSchema, peakLearningRate, stepSettingsOf } from "#learn/dino";
import { assertClose } from "../../compare.ts";
import { plainCosineValues, plainTemperatureValues } from "./plain-dino.ts";

const STEPS_PER_EPOCH = 4;
const config = dinoConfigSchema.parse({
  batchSize: 8,
  numAccumulatedBatches: 6,
  learningRatePer256: 0.00625,
  numEpochs: 12,
  numWarmupEpochs: 3,
  numFrozenPrototypeEpochs: 2,
  warmupTeacherTemperature: 0.04,
  teacherTemperature: 0.07,
  numTeacherTemperatureWarmupEpochs: 5,
});
const settings = Array.from({ length: 12 * STEPS_PER_EPOCH }, (_, step) => stepSettingsOf(config, STEPS_PER_EPOCH)(step));

test("the paper's ViT rate is 0.0012 at its height: 0.00625 per 256 crops, 48 crops a step", () => {
  assert.ok(Math.abs(peakLearningRate(config) - 0.001171875) < 1e-15);
  assert.equal(peakLearningRate(dinoConfigSchema.parse(DINO_PRESETS["paper-vit"])), peakLearningRate(config));
});

test("learning rate, weight decay and teacher momentum follow DINO's cosines at every step of a run", () => {
  const values = (name: "learningRate" | "weightDecay" | "teacherMomentum") => settings.map((step) => step[name]);
  assertClose(values("learningRate"), plainCosineValues(0.001171875, 1e-6, 48, 12), 1e-12, "learning rate");
  assertClose(values("weightDecay"), plainCosineValues(0.04, 0.4, 48, 0), 1e-12, "weight decay");
  assertClose(values("teacherMomentum"), plainCosineValues(0.996, 1, 48, 0), 1e-12, "teacher momentum");
});

test("the teacher's temperature changes from epoch to epoch alone", () => {
  const wanted = plainTemperatureValues(0.04, 0.07, 5, 12).flatMap((value) => new Array<number>(STEPS_PER_EPOCH).fill(value));
  assertClose(
    settings.map((step) => step.teacherTemperature),
    wanted,
    1e-12,
    "teacher temperature",
  );
});

test("the prototypes are frozen for the first two epochs and never again", () => {
  assert.deepEqual(
    settings.map((step) => step.arePrototypesFrozen),
    settings.map((_, step) => step < 2 * STEPS_PER_EPOCH),
  );
});

test("every preset fits the schema", () => {
  for (const [name, preset] of Object.entries(DINO_PRESETS)) assert.ok(dinoConfigSchema.parse(preset).batchSize > 0, name);
});
