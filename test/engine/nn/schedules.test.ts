// The schedules, step by step, against DINO's lists of values written out as plain loops.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cosineSchedule, warmupSchedule } from "#engine/nn";
import { plainCosineValues, plainTemperatureValues } from "../../learn/dino/plain-dino.ts";

const near = (got: number, wanted: number, where: string) =>
  assert.ok(Math.abs(got - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted)), `${where}: expected ${wanted}, got ${got}`);

const cosines = [
  { start: 0.0012, end: 1e-6, numSteps: 50, numWarmupSteps: 10 },
  { start: 0.04, end: 0.4, numSteps: 37 },
  { start: 0.996, end: 1, numSteps: 100 },
  { start: 0.1, end: 0, numSteps: 5, numWarmupSteps: 1 },
  { start: 0.1, end: 0, numSteps: 8, numWarmupSteps: 8 },
];
for (const options of cosines) {
  test(`a cosine schedule holds DINO's values at every step: ${JSON.stringify(options)}`, () => {
    const schedule = cosineSchedule(options);
    const wanted = plainCosineValues(options.start, options.end, options.numSteps, options.numWarmupSteps ?? 0);
    assert.equal(wanted.length, options.numSteps);
    for (const [step, value] of wanted.entries()) near(schedule(step), value, `step ${step}`);
  });
}

test("a learning rate's warm-up begins at zero and reaches its height exactly at its last step", () => {
  const learningRateAt = cosineSchedule({ start: 0.5, end: 0.1, numSteps: 100, numWarmupSteps: 11 });
  assert.equal(learningRateAt(0), 0);
  assert.equal(learningRateAt(5), 0.25);
  assert.equal(learningRateAt(10), 0.5);
  assert.equal(learningRateAt(11), 0.5);
  assert.ok(learningRateAt(12) < 0.5);
});

test("a cosine is half way at half time and keeps its last value beyond the end", () => {
  const schedule = cosineSchedule({ start: 1, end: 0, numSteps: 10 });
  near(schedule(5), 0.5, "step 5");
  assert.equal(schedule(200), schedule(9));
});

test("the teacher's temperature warms up epoch by epoch as DINO's list says", () => {
  const wanted = plainTemperatureValues(0.04, 0.07, 4, 9);
  const temperatureAt = warmupSchedule({ start: 0.04, end: 0.07, numWarmupEpochs: 4, stepsPerEpoch: 3 });
  for (let step = 0; step < 27; step++) near(temperatureAt(step), wanted[Math.floor(step / 3)]!, `step ${step}`);
});

test("without warm-up the teacher's temperature is final from the first step", () => {
  assert.equal(warmupSchedule({ start: 0.01, end: 0.04, numWarmupEpochs: 0, stepsPerEpoch: 7 })(0), 0.04);
});
