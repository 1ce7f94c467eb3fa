// Fewer labels: what is drawn, what is fitted on what, and the intervals over rows and draws.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import type { EmbeddingTable } from "#learn/embeddings";
import {
  bootstrapSums,
  crossedSums,
  evaluateClasses,
  evaluateFewLabels,
  type FewLabelsOptions,
  pairedDifference,
  repeatedScores,
} from "#learn/tasks";
import { cropRecord, tableOf } from "../crop-sets.ts";

const NUM_TRAIN = 120;
const NUM_TEST = 60;

/** Two classes, 2 to 1, a shift apart in the first of six numbers. */
function twoClasses(shift: number, name = "apart"): EmbeddingTable {
  const random = randomFor(3, `few labels ${name}`);
  const records = Array.from({ length: NUM_TRAIN + NUM_TEST }, (_, row) =>
    cropRecord({
      id: `${row}`,
      field: `${row}`,
      label: row % 3 === 0 ? "FRII" : "FRI",
      split: row < NUM_TRAIN ? "train" : "test",
    }),
  );
  const vectors = records.map(({ label }) => {
    const noise = Array.from({ length: 6 }, () => random.normal());
    return noise.map((value, index) => value + (index === 0 && label === "FRI" ? shift : 0));
  });
  return tableOf(name, records, vectors);
}

function optionsOf(table: EmbeddingTable, more: Partial<FewLabelsOptions> = {}): FewLabelsOptions {
  return {
    table,
    floors: [],
    classes: ["FRI", "FRII"],
    positiveClass: "FRI",
    pca: null,
    split: "own",
    splitSeed: 0,
    counts: [12, 60, NUM_TRAIN],
    numDraws: 10,
    seenTestRows: "refuse",
    sharedRows: "refuse",
    ...more,
  };
}

test("with all labels every draw is the exact probe of all training rows", async () => {
  const table = twoClasses(1.5);
  const { points } = await evaluateFewLabels(optionsOf(table));
  const whole = evaluateClasses("fr", {
    ...optionsOf(table),
    protocol: "paper",
    numRepeats: 1,
    numFolds: 1,
    probeSeeds: [0],
  });
  const last = points.at(-1)!;
  assert.deepEqual(last.errorPerDraw, new Array(10).fill(whole.error));
  assert.ok(last.drawDeviation < 1e-12);
  assert.ok(Math.abs(last.error.value! - whole.error) < 1e-12);
});

test("fewer labels err more and differ more from draw to draw, and an uninformative table stays at the smaller class's share", async () => {
  const { points, floors, comparisons } = await evaluateFewLabels(
    optionsOf(twoClasses(2), { floors: [twoClasses(0, "noise")], counts: [6, NUM_TRAIN], numDraws: 20 }),
  );
  const [few, all] = points;
  assert.ok(few!.error.value! > all!.error.value! + 0.02, `${few!.error.value} ${all!.error.value}`);
  assert.ok(few!.drawDeviation > 0.02);
  // Noise: a third of the rows are of the smaller class.
  assert.ok(Math.abs(floors[0]!.points[1]!.error.value! - 1 / 3) < 0.1);
  const { against, points: differences } = comparisons[0]!;
  assert.equal(against, "noise");
  for (const [index, { difference, p, interval }] of differences.entries()) {
    const expected = points[index]!.error.value! - floors[0]!.points[index]!.error.value!;
    assert.ok(Math.abs(difference - expected) < 1e-12);
    assert.ok(interval[0] < difference && difference < interval[1]);
    assert.ok(index === 0 || p < 0.05);
  }
});

test("the default sizes are the paper's shares of the training rows, rounded down", async () => {
  // Of MiraBest's 729 training rows they are Table 6's: 36, 72, 145, 291, 437, 583, 656, 729.
  const { points } = await evaluateFewLabels(optionsOf(twoClasses(1), { counts: null, numDraws: 2 }));
  assert.deepEqual(
    points.map(({ numLabels }) => numLabels),
    [6, 12, 24, 48, 72, 96, 108, 120],
  );
});

test("components and scaling are of all training rows, whatever their labels; test rows and labels touch neither", async () => {
  const table = twoClasses(1.5);
  const seen: (readonly number[])[] = [];
  const record = await evaluateFewLabels(
    optionsOf(table, {
      pca: 3,
      counts: [10],
      learners: [
        {
          name: "learner",
          dim: 7,
          classes: async ({ train, test: tested, problem }) => {
            seen.push(train);
            return tested.map((row) => problem.classOf[row]!);
          },
        },
      ],
    }),
  );
  assert.equal(record.numComponents, 3);
  // A learner that knows the truth never errs; and each draw was stratified, 2 to 1.
  assert.deepEqual(record.floors[0]!.points[0]!.errorPerDraw, new Array(10).fill(0));
  assert.equal(record.floors[0]!.embeddingDim, 7);
  assert.equal(seen.length, 10);
  assert.ok(new Set(seen.map(String)).size > 5);
  for (const rows of seen) {
    assert.equal(rows.length, 10);
    assert.ok(rows.every((row) => row < NUM_TRAIN));
    assert.equal(rows.filter((row) => row % 3 === 0).length, 3);
  }
  // A test crop as no other moves its own prediction alone: nothing was fitted on it.
  const far = table.embeddings.map((value, index) => (index >= NUM_TRAIN * 6 && index < (NUM_TRAIN + 1) * 6 ? 1e6 : value));
  const moved = await evaluateFewLabels(optionsOf({ ...table, embeddings: far }, { pca: 3, counts: [10] }));
  for (const [draw, error] of moved.points[0]!.errorPerDraw.entries())
    assert.ok(Math.abs(error - record.points[0]!.errorPerDraw[draw]!) <= 1 / NUM_TEST + 1e-12);
});

test("the same seed draws the same subsets, another seed others", async () => {
  const table = twoClasses(1);
  const errorsOf = async (splitSeed: number) =>
    (await evaluateFewLabels(optionsOf(table, { counts: [10], splitSeed }))).points[0]!.errorPerDraw;
  assert.deepEqual(await errorsOf(5), await errorsOf(5));
  assert.notDeepEqual(await errorsOf(5), await errorsOf(6));
});

test("sizes that the training rows do not have are refused with what they do have", async () => {
  const table = twoClasses(1);
  await assert.rejects(
    evaluateFewLabels(optionsOf(table, { counts: [121] })),
    new RangeError("evaluate: subset of labels: expected 4 to 120 rows for 2 classes, got 121."),
  );
  await assert.rejects(
    evaluateFewLabels(optionsOf(table, { counts: [3] })),
    new RangeError("evaluate: subset of labels: expected 4 to 120 rows for 2 classes, got 3."),
  );
  await assert.rejects(
    evaluateFewLabels(optionsOf(table, { numDraws: 0 })),
    new RangeError("evaluate: expected at least 1 draw of each subset, got 0."),
  );
  await assert.rejects(
    evaluateFewLabels(optionsOf(table, { counts: [] })),
    new RangeError("evaluate: expected at least one size of subset, got none."),
  );
});

test("with one repeat the crossed bootstrap is the plain one", () => {
  const random = randomFor(1, "crossed");
  const clusters = Array.from({ length: 30 }, () => Float64Array.of(1, random.normal()));
  assert.deepEqual(crossedSums(clusters, 1, 4), bootstrapSums(clusters, 4));
});

test("an interval over repeats that disagree is as wide as their own spread says", () => {
  // Every repeat is right everywhere or wrong everywhere: rows say nothing of the spread, so it is a binomial over repeats.
  const numRepeats = 16;
  const rows = { classes: ["a", "b"], classOf: new Int32Array(40), testRows: [...new Array(40).keys()], seed: 2 };
  const clusters = rows.testRows.map((place) => [place]);
  const predictions = Array.from({ length: numRepeats }, (_, repeat) => new Uint32Array(40).fill(repeat % 2));
  const { error, deviation } = repeatedScores(predictions, { ...rows, clusters }, -1);
  assert.equal(error.value, 0.5);
  const half = 1.96 * Math.sqrt(0.25 / numRepeats);
  assert.ok(Math.abs(error.interval![0] - (0.5 - half)) < 0.05, `${error.interval}`);
  assert.ok(Math.abs(error.interval![1] - (0.5 + half)) < 0.05, `${error.interval}`);
  assert.ok(Math.abs(deviation - Math.sqrt((0.25 * numRepeats) / (numRepeats - 1))) < 1e-12);
  const same = pairedDifference(predictions, predictions, { ...rows, clusters });
  assert.deepEqual(same, { difference: 0, interval: [0, 0], p: 1 });
});
