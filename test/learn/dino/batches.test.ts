// Which crops each step takes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTraining, stepRows, stepsPerEpochOf, trainingRows } from "#learn/dino";
import { syntheticCropSet, tinyConfig } from "./training-case.ts";

const config = tinyConfig({ batchSize: 3, numAccumulatedBatches: 2 });
const rows = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

/** The crops of an epoch, in order. */
function epochRows(epoch: number, { seed = 0 } = {}): number[] {
  return [0, 1].flatMap((step) => stepRows({ ...config, seed }, rows, epoch, step).flat());
}

test("an epoch's order is a permutation of the rows to train on", () => {
  for (const epoch of [0, 1, 7])
    assert.deepEqual(
      epochRows(epoch).toSorted((a, b) => a - b),
      rows,
    );
});

test("every epoch and every seed has an order of its own", () => {
  const orders = [epochRows(0), epochRows(1), epochRows(2), epochRows(0, { seed: 1 }), epochRows(1, { seed: 1 })];
  assert.equal(new Set(orders.map(String)).size, orders.length);
  assert.deepEqual(epochRows(1), epochRows(1));
});

test("a step takes as many batches of as many crops as the configuration says", () => {
  assert.deepEqual(
    stepRows(config, rows, 0, 1).map((batch) => batch.length),
    [3, 3],
  );
});

test("an epoch has only whole steps", () => {
  assert.equal(stepsPerEpochOf(config, 12), 2);
  assert.equal(stepsPerEpochOf(config, 17), 2);
  assert.equal(stepsPerEpochOf(config, 6), 1);
});

test("too few crops for one step are refused in one clear line", () => {
  assert.throws(() => stepsPerEpochOf(config, 5), {
    name: "ConfigError",
    message:
      "ConfigError: train: expected at least the 6 crops of one step (batchSize 3 x numAccumulatedBatches 2), " +
      "got a crop set with 5 to train on. Lower batchSize.",
  });
  assert.throws(() => checkTraining(syntheticCropSet(2, { testRows: [0, 1] }), config), {
    message:
      "ConfigError: train: expected at least the 6 crops of one step (batchSize 3 x numAccumulatedBatches 2), " +
      'got a crop set with 0 to train on. Crops whose split is "test" are never trained on.',
  });
});

test("the rows to train on are all but those whose split is test", () => {
  assert.deepEqual(trainingRows(syntheticCropSet(6, { testRows: [1, 5] })), [0, 2, 3, 4]);
});
