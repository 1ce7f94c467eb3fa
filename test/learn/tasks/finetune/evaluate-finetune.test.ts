// Fine-tuning as a task: networks learn what probes of their frozen selves do not, by a record that says how.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { type ClassOptions, learningRows, mcnemarP, wilsonInterval } from "#learn/tasks";
import { evaluateFinetune } from "#learn/tasks/native";
import { cropRecord, tableOf } from "../../crop-sets.ts";
import { optionsOf, SMALL_SETTINGS, sourceSet, TINY_RESNET, TINY_VIT, trainable, withDevice } from "./bent-sources.ts";

const NUM_TEST = 80;

test("a ResNet's last groups learn bent from straight sources, better than its head alone and a frozen probe do", async () => {
  await withDevice(async (device) => {
    const cropSet = sourceSet("bent", { numTrain: 160, numTest: NUM_TEST });
    const options = await optionsOf(cropSet, device, trainable(TINY_RESNET), {
      layers: [3, 0],
      settings: { ...SMALL_SETTINGS, numEpochs: 9 },
      rateScale: 16,
    });
    const record = await evaluateFinetune(options);
    const [headAlone, tuned] = record.points;
    const errors = [tuned!.value, headAlone!.value, record.floors[0]!.value];
    assert.ok(errors[0]! < 0.05 && errors[1]! > 0.2 && errors[2]! > 0.12, `${errors}`);

    // The headline is the largest number of layers asked for, with Wilson's interval of its errors.
    assert.deepEqual([record.numLayers, record.value, record.metric], [3, tuned!.value, "error"]);
    const wrong = tuned!.predictions[0]!.filter((place, row) => place !== record.test.truth[row]).length;
    assert.ok(Math.abs(record.value - wrong / NUM_TEST) < 1e-12);
    assert.deepEqual(record.interval, wilsonInterval(tuned!.value * NUM_TEST, NUM_TEST));
    assert.deepEqual(tuned!.trainedGroups, ["layer3.1", "layer4.0", "layer4.1"]);
    // The head of embeddings 8 x 4 long: 32 x 16 + 16 and 16 x 2 + 2.
    assert.equal(headAlone!.numTrainedParameters, 32 * 16 + 16 + 16 * 2 + 2);

    const [, beside] = record.comparisons;
    assert.deepEqual([beside!.numLayers, beside!.against], [3, "tiny, frozen"]);
    assert.ok(Math.abs(beside!.difference - (tuned!.value - record.floors[0]!.value)) < 1e-12);
    const frozen = record.floors[0]!.predictions[0]!;
    const numOnly = (ours: readonly (number | null)[], theirs: readonly (number | null)[]) =>
      record.test.truth.filter((truth, row) => ours[row] === truth && theirs[row] !== truth).length;
    const counts = [numOnly(tuned!.predictions[0]!, frozen), numOnly(frozen, tuned!.predictions[0]!)] as const;
    const [mcnemar] = beside!.mcnemarPerSeed;
    assert.deepEqual([mcnemar!.onlyThisRight, mcnemar!.onlyOtherRight, mcnemar!.p], [...counts, mcnemarP(...counts)]);
  });
});

test("a transformer's blocks learn more than its head alone and a frozen probe", async () => {
  await withDevice(async (device) => {
    const cropSet = sourceSet("wide", { numTrain: 160, numTest: NUM_TEST });
    const options = await optionsOf(cropSet, device, trainable(TINY_VIT), {
      layers: [0, 3],
      settings: { ...SMALL_SETTINGS, numEpochs: 14 },
      rateScale: 16,
    });
    const record = await evaluateFinetune(options);
    const [headAlone, tuned] = record.points;
    assert.ok(tuned!.value < headAlone!.value - 0.1, `${tuned!.value} ${headAlone!.value}`);
    assert.ok(tuned!.value < record.floors[0]!.value, `${tuned!.value} ${record.floors[0]!.value}`);
    assert.deepEqual(tuned!.trainedGroups, ["patch_embed", "blocks.0", "blocks.1"]);
    assert.equal(record.scratch, null);
  });
});

test("several seeds are averaged, and each stands beside the same network from scratch and the frozen probe", async () => {
  await withDevice(async (device) => {
    const cropSet = sourceSet("wide", { numTrain: 32, numTest: 30 });
    const options = await optionsOf(cropSet, device, trainable(TINY_VIT), {
      ...{ layers: [0, 3], seeds: [0, 1], scratch: "trained", rateScale: 16 },
    });
    const record = await evaluateFinetune(options);
    assert.equal(record.scratch!.rule.layerDecay, 1);
    assert.deepEqual(record.scratch!.trainedGroups, ["patch_embed", "blocks.0", "blocks.1"]);
    assert.notDeepEqual(record.scratch!.trainLosses, record.points[1]!.trainLosses);
    for (const { errorPerSeed, value, seedDeviation, predictions } of [...record.points, record.scratch!]) {
      const errors = predictions.map((row) => row.filter((place, index) => place !== record.test.truth[index]).length / 30);
      for (const [seed, error] of errors.entries()) assert.ok(Math.abs(errorPerSeed[seed]! - error) < 1e-12);
      assert.ok(Math.abs(value - (errors[0]! + errors[1]!) / 2) < 1e-12);
      assert.ok(Math.abs(seedDeviation - Math.abs(errors[0]! - errors[1]!) / Math.SQRT2) < 1e-12);
    }
    const against = record.comparisons.map(({ numLayers, against: name, mcnemarPerSeed }) => [
      ...[numLayers, name, mcnemarPerSeed.length],
    ]);
    assert.deepEqual(against, [
      [0, "tiny from scratch", 2],
      [0, "tiny, frozen", 2],
      [3, "tiny from scratch", 2],
      [3, "tiny, frozen", 2],
    ]);
  });
});

test("four classes are one record with a confusion matrix of four rows, and no F1 told apart", async () => {
  await withDevice(async (device) => {
    const two = sourceSet("wide", { numTrain: 48, numTest: 40 });
    const classes = ["FRI", "FRII", "Compact", "Bent"];
    const records = two.records.map((record, row) => ({ ...record, label: classes[row % 4]! }));
    const options = await optionsOf({ ...two, records }, device, trainable(TINY_VIT), {
      layers: [3],
      classes,
      positiveClass: null,
    });
    const { points, test: tested, floors } = await evaluateFinetune(options);
    const { estimates, predictions, f1 } = points[0]!;
    assert.equal(f1, null);
    const wanted = classes.map((_, truth) =>
      classes.map((__, said) => predictions[0]!.filter((place, row) => place === said && tested.truth[row] === truth).length),
    );
    assert.deepEqual(estimates.confusion, wanted);
    assert.equal(floors[0]!.probes["exact"]!.confusion.length, 4);
  });
});

test("the same seed gives the same predictions and losses, another seed others", async () => {
  await withDevice(async (device) => {
    const cropSet = sourceSet("bent", { numTrain: 32, numTest: 16 });
    const options = await optionsOf(cropSet, device, trainable(TINY_VIT), { layers: [2] });
    const lossesOf = async (seed: number) => (await evaluateFinetune({ ...options, seeds: [seed] })).points[0]!;
    const [first, again, other] = [await lossesOf(0), await lossesOf(0), await lossesOf(1)];
    assert.deepEqual(first, again);
    assert.notDeepEqual(first.trainLosses, other.trainLosses);
    assert.ok(first.trainLosses[0]!.every(Number.isFinite));
  });
});

test("rows marked valid choose the epoch of the lowest loss, and none of them is trained or tested on", async () => {
  await withDevice(async (device) => {
    const cropSet = sourceSet("bent", { numTrain: 32, numTest: 16, numValid: 12 });
    const more = { layers: [3], validation: "own" as const, rateScale: 60, settings: { ...SMALL_SETTINGS, numEpochs: 6 } };
    const record = await evaluateFinetune(await optionsOf(cropSet, device, trainable(TINY_VIT), more));
    const { validLosses, epochs, predictions } = record.points[0]!;
    assert.deepEqual([record.numTrain, record.numValid, record.numTest], [32, 12, 16]);
    assert.equal(record.notes.at(-1), '12 crops, marked "valid", chose the epoch.');
    assert.equal(validLosses[0]!.length, 6);
    assert.equal(epochs[0], 1 + validLosses[0]!.indexOf(Math.min(...validLosses[0]!)));

    // Ended at that epoch with the same rates, the network says the same: what was chosen is what was tested.
    const last = await evaluateFinetune(
      await optionsOf(cropSet, device, trainable(TINY_VIT), { ...more, validation: "none" as const }),
    );
    assert.deepEqual(last.points[0]!.trainLosses, record.points[0]!.trainLosses);
    if (epochs[0] === 6) assert.deepEqual(last.points[0]!.predictions, predictions);
  });
});

test("no row that chooses the epoch is a test row, or shows the source of one, whatever the split", () => {
  const random = randomFor(1, "vectors");
  const records = Array.from({ length: 60 }, (_, row) =>
    cropRecord({
      ...{ id: `${row}`, field: `${row}`, label: row % 2 === 0 ? "straight" : "bent", raDeg: row, decDeg: 10 },
      split: row % 3 === 0 ? "valid" : "train",
    }),
  );
  // Row 0, marked valid, shows the source of test row 1; row 3 is itself tested.
  const near = records.map((record, row) => (row === 0 ? { ...record, raDeg: 1.001 } : record));
  const table = tableOf(
    "pixels",
    near,
    near.map(() => Array.from({ length: 9 }, () => random.normal())),
  );
  const classOf = Int32Array.from(near, (_, row) => row % 2);
  const problem = { classOf, classes: ["straight", "bent"], options: { table, splitSeed: 0 } as unknown as ClassOptions }; // all that is looked at
  const test = [1, 3, 4];
  const { train, valid } = learningRows(
    problem,
    { train: near.map((_, row) => row).filter((row) => !test.includes(row)), test },
    "own",
  );
  assert.deepEqual(
    valid,
    near.flatMap((_, row) => (row % 3 === 0 && row > 3 ? [row] : [])),
  );
  assert.ok(train.every((row) => !valid.includes(row) && !test.includes(row)));
});

test("a share of the training rows is set aside by class", async () => {
  await withDevice(async (device) => {
    const cropSet = sourceSet("bent", { numTrain: 40, numTest: 16 });
    const more = { layers: [0], validation: 0.25, settings: { ...SMALL_SETTINGS, numEpochs: 1 } };
    const record = await evaluateFinetune(await optionsOf(cropSet, device, trainable(TINY_VIT), more));
    assert.deepEqual([record.numTrain, record.numValid, record.numTest], [30, 10, 16]);
  });
});

test("what cannot be fine-tuned is refused before anything is computed", async () => {
  await withDevice(async (device) => {
    const cropSet = sourceSet("bent", { numTrain: 8, numTest: 4 });
    const resnet = await optionsOf(cropSet, device, trainable(TINY_RESNET));
    const vit = await optionsOf(cropSet, device, trainable(TINY_VIT));
    const refusal = async (more: Partial<typeof resnet>, options = resnet) => {
      const error: unknown = await evaluateFinetune({ ...options, ...more }).catch((reason: unknown) => reason);
      return (error as Error).message;
    };
    assert.equal(
      await refusal({ layers: [10] }),
      "ConfigError: fine-tuning: --layers 10: expected 0 to 9, the layer groups of this backbone (stem to layer4.1).",
    );
    assert.equal(
      await refusal({ layers: [4] }, vit),
      "ConfigError: fine-tuning: --layers 4: expected 0 to 3, the layer groups of this backbone (patch_embed to blocks.1).",
    );
    assert.equal(await refusal({ layers: [] }), "fine-tuning: expected at least one number of layers, got none.");
    assert.equal(await refusal({ seeds: [] }), "fine-tuning: expected at least one seed, got none.");
    assert.equal(
      await refusal({ settings: { ...SMALL_SETTINGS, centreSize: 96 } }),
      "ConfigError: fine-tuning: --centre 96: expected at most 32 pixels, the side of the crops. Say --centre 32.",
    );
    assert.equal(
      await refusal({ settings: { ...SMALL_SETTINGS, inputSize: 30 } }, vit),
      "ConfigError: fine-tuning: pictures of 30 pixels: expected a side that patches of 8 pixels divide. Say --resize 32.",
    );
    assert.equal(
      await refusal({ settings: { ...SMALL_SETTINGS, numEpochs: 0 } }),
      "ConfigError: fine-tuning: numEpochs: expected a whole number from 1 on, got 0.",
    );
    assert.equal(
      await refusal({ validation: "own" }),
      'fine-tuning: --valid own: expected crops marked "valid" that test crops do not share, got none. Say --valid 0.2.',
    );
    assert.equal(
      await refusal({ validation: 1 }),
      'fine-tuning: --valid: expected a share between 0 and 1, "own" or "none", got 1.',
    );
    assert.equal(
      await refusal({ classes: ["straight", "bent", "double"] }),
      "evaluate: expected crops with the labels straight, bent, double, got bent, straight. Name the classes with --classes.",
    );
    assert.equal(
      await refusal({ rateScale: 1e30, layers: [9], settings: { ...SMALL_SETTINGS, batchSize: 4 } }),
      "fine-tuning: the last 9 layer groups, seed 0, epoch 1 of 3: the loss is NaN. Lower the rate with --rate-scale 0.1.",
    );
    // One update: its loss is that of the network before it.
    assert.equal(
      await refusal({ rateScale: 1e30, layers: [0], settings: { ...SMALL_SETTINGS, numEpochs: 1 } }),
      "fine-tuning: the network's predictions are not finite. Lower the rate with --rate-scale 0.1.",
    );
  });
});

test("a class that only test rows have is refused by its name", async () => {
  await withDevice(async (device) => {
    const whole = sourceSet("bent", { numTrain: 8, numTest: 4 });
    const records = whole.records.map((record, row) => (row < 8 ? { ...record, label: "straight" } : record));
    const options = await optionsOf({ ...whole, records }, device, trainable(TINY_VIT));
    await assert.rejects(
      evaluateFinetune(options),
      new RangeError(
        'evaluate: expected at least 2 training crops of every class, got 0 of "bent". Leave the class out with --classes.',
      ),
    );
  });
});

test("an aborted evaluation ends after the update under way", async () => {
  await withDevice(async (device) => {
    const cropSet = sourceSet("bent", { numTrain: 32, numTest: 16 });
    const controller = new AbortController();
    let numUpdates = 0;
    const options = await optionsOf(cropSet, device, trainable(TINY_VIT), {
      signal: controller.signal,
      onUpdate: () => {
        numUpdates += 1;
        controller.abort();
      },
    });
    await assert.rejects(evaluateFinetune(options), { name: "AbortError" });
    assert.equal(numUpdates, 1);
  });
});
