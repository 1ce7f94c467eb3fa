// Seeds of pre-training and of training, nested: what the bootstrap draws, and what a fine-tuning says of its replicas.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { crossedSums, NUM_DRAWS, nestedSums, seedSpreads } from "#learn/tasks";
import { evaluateFinetune } from "#learn/tasks/native";
import {
  frozenTable,
  optionsOf,
  SMALL_SETTINGS,
  sourceSet,
  TINY_RESNET,
  TINY_VIT,
  trainable,
  withDevice,
} from "./finetune/bent-sources.ts";

/** Rows that are all the same: nothing but members and their repeats can differ between draws. */
const rowsOf = (errors: readonly number[]) =>
  Array.from({ length: 5 }, () => Float64Array.from(errors.flatMap((error) => [1, error])));

/** Shares of draws by their mean error. */
function shares(clusters: readonly Float64Array[], repeatsOf: readonly number[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const [count, sum] of nestedSums(clusters, repeatsOf, 3)) {
    const mean = sum! / count!;
    found.set(mean, (found.get(mean) ?? 0) + 1 / NUM_DRAWS);
  }
  return found;
}

const isNear = (share: number | undefined, wanted: number) =>
  assert.ok(Math.abs((share ?? 0) - wanted) < 0.04, `${share} for ${wanted}`);

test("one member's repeats are drawn with replacement, as a binomial says", () => {
  // Repeats err by 0 and 1; two are drawn: 0, 1/2, 1 at 1/4, 1/2, 1/4.
  const found = shares(rowsOf([0, 1]), [2]);
  assert.deepEqual([...found.keys()].toSorted(), [0, 0.5, 1]);
  isNear(found.get(0), 0.25);
  isNear(found.get(0.5), 0.5);
});

test("repeats that agree add nothing to the spread between members, however many they are", () => {
  // Member one errs by 0, member two by 1, in each of their three repeats: again a binomial of two.
  const found = shares(rowsOf([0, 0, 0, 1, 1, 1]), [3, 3]);
  assert.deepEqual([...found.keys()].toSorted(), [0, 0.5, 1]);
  isNear(found.get(0.5), 0.5);
  // Were all six repeats drawn freely, as without nesting, a mean of 1/6 or 5/6 would be common.
  const free = crossedSums(rowsOf([0, 0, 0, 1, 1, 1]), 6, 3).map(([count, sum]) => sum! / count!);
  assert.ok(free.some((mean) => Math.abs(mean - 1 / 6) < 1e-9));
});

test("members of one repeat are drawn as the crossed bootstrap draws repeats", () => {
  const random = randomFor(1, "nested");
  const clusters = Array.from({ length: 8 }, () => Float64Array.from({ length: 6 }, () => random.normal()));
  assert.deepEqual(nestedSums(clusters, [1, 1, 1], 5), crossedSums(clusters, 3, 5));
});

test("a family's score is the mean over seeds of pre-training of the mean over seeds of training", () => {
  const losses = new Map([
    ["a", [rowLosses([0, 0, 1, 1]), rowLosses([0, 0, 0, 0])]],
    ["b", [rowLosses([1, 1, 1, 1]), rowLosses([1, 1, 1, 0])]],
  ]);
  const [spread] = seedSpreads([{ name: "both", backbones: ["a", "b"] }], losses, { clusters: [[0], [1], [2], [3]], seed: 0 });
  assert.deepEqual(spread!.perSeed, [0.25, 0.875]);
  assert.equal(spread!.value, 0.5625);
  assert.ok(Math.abs(spread!.deviation - 0.625 / Math.SQRT2) < 1e-12);
});

function rowLosses(errors: readonly number[]): Float64Array[] {
  return errors.map((error) => Float64Array.of(1, error));
}

test("replicas of a backbone are fine-tuned with the same seeds, and every family has an interval over both kinds of seeds", async () => {
  await withDevice(async (device) => {
    const cropSet = sourceSet("wide", { numTrain: 24, numTest: 20 });
    const [first, second] = [trainable(TINY_VIT, "one", 3), trainable(TINY_VIT, "two", 4)];
    const options = await optionsOf(cropSet, device, first, {
      ...{ layers: [1, 0], seeds: [0, 1], scratch: "trained", replicas: [second] },
      ...{ floors: [await frozenTable(cropSet, second)], settings: { ...SMALL_SETTINGS, numEpochs: 1 } },
    });
    const record = await evaluateFinetune(options);
    assert.deepEqual(
      [...record.points, ...record.replicas!, record.scratch!].map(({ backbone, numLayers }) => [backbone, numLayers]),
      [
        ["one", 0],
        ["one", 1],
        ["two", 0],
        ["two", 1],
        ["one from scratch", 3],
      ],
    );
    assert.deepEqual([record.backbone, record.numLayers], ["one", 1]);
    const families = record.pretrainingSeeds!;
    assert.deepEqual(
      families.map(({ name, backbones }) => [name, backbones.length]),
      [
        ["one and replicas, 1 layers", 2],
        ["one and replicas, 0 layers", 2],
        ["one from scratch", 1],
        ["one and replicas, frozen", 2],
      ],
    );
    const errorOf = (predictions: readonly (readonly (number | null)[])[]) => {
      const wrong = predictions.flatMap((row) => row.filter((place, index) => place !== record.test.truth[index]));
      return wrong.length / (predictions.length * 20);
    };
    const [one, two] = [record.points[1]!, record.replicas![1]!].map(({ predictions }) => errorOf(predictions));
    const [own, , , frozen] = families;
    assert.deepEqual(own!.perSeed.map(round), [one!, two!].map(round));
    assert.deepEqual(
      frozen!.perSeed.map(round),
      [record.floors[0]!, record.floors[1]!].map(({ predictions }) => round(errorOf(predictions))),
    );
    assert.equal(own!.difference, null);
    assert.ok(Math.abs(frozen!.difference!.value - (own!.value - frozen!.value)) < 1e-12);
    for (const { value, interval } of families) assert.ok(interval[0] <= value && value <= interval[1]);
  });
});

const round = (value: number) => Math.round(value * 1e9);

test("a replica of another shape, or the backbone once more, is refused", async () => {
  await withDevice(async (device) => {
    const cropSet = sourceSet("wide", { numTrain: 8, numTest: 4 });
    const refused = async (replica: ReturnType<typeof trainable>) => {
      const options = await optionsOf(cropSet, device, trainable(TINY_VIT, "one"), { replicas: [replica] });
      return (await evaluateFinetune(options).catch((error: unknown) => error)) as Error;
    };
    assert.equal(
      (await refused(trainable(TINY_RESNET, "two"))).message,
      "ConfigError: fine-tuning: --replicas two: expected a network of the shape of one, got another. Compare others with an evaluation of their own.",
    );
    assert.equal(
      (await refused(trainable(TINY_VIT, "one"))).message,
      "ConfigError: fine-tuning: --replicas one: expected every backbone once, got it twice.",
    );
  });
});
