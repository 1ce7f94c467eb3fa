// Similarity, oddness, shift and alignment: against counts by hand, and what they refuse.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import {
  evaluateAnomaly,
  evaluateCka,
  evaluateShift,
  evaluateSimilarity,
  rankingOf,
  weightedRanks,
  weightedRocAuc,
} from "#learn/tasks";
import { cropRecord, tableOf } from "../crop-sets.ts";

/** Eight training crops of two classes on a circle, and three test crops. */
const DEGREES = [0, 10, 20, 30, 90, 100, 110, 120, 5, 95, 44];
const LABELS = ["a", "a", "a", "a", "b", "b", "b", "b", "a", "b", "b"];
const circle = DEGREES.map((_, row) =>
  cropRecord({ id: `${row}`, field: `field ${row}`, label: LABELS[row]!, split: row < 8 ? "train" : "test" }),
);
const onCircle = (scale: number) =>
  DEGREES.map((angle, row) =>
    [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)].map((x) => x * (1 + scale * row)),
  );

const SEARCH = {
  floors: [],
  classes: null,
  split: "own",
  numRepeats: 1,
  numFolds: 5,
  splitSeed: 0,
  seenTestRows: "refuse",
  sharedRows: "report",
} as const;

test("precision at 1, 3 and 5 is counted by hand: the crop at 44 degrees finds a, a, a, then b", () => {
  const table = tableOf("angles", circle, onCircle(0));
  const record = evaluateSimilarity({ ...SEARCH, table, metric: "cosine" });
  // At 5 degrees: 4 of its own and the b at 90. At 95: 4 and the a at 30. At 44: a 30, 20, 10, then 0 (44 away) and b 90 (46 away).
  assert.deepEqual(
    record.precision.map(({ k, value }) => [k, value]),
    [
      [1, 2 / 3],
      [3, 2 / 3],
      [5, (4 / 5 + 4 / 5 + 1 / 5) / 3],
    ],
  );
  assert.equal(record.chance, 0.5);
  assert.equal(record.numTrain, 8);
  const stretched = evaluateSimilarity({ ...SEARCH, table: tableOf("angles", circle, onCircle(0.3)), metric: "cosine" });
  assert.deepEqual(stretched.precision, record.precision, "the cosine does not see lengths");
  const straight = evaluateSimilarity({ ...SEARCH, table, metric: "euclidean" });
  assert.deepEqual(straight.precision, record.precision, "on a circle both measures are one");
});

test("a floor of noise stands beside the backbone with its difference", () => {
  const random = randomFor(1, "noise");
  const noise = tableOf(
    "noise",
    circle,
    circle.map(() => [random.normal(), random.normal()]),
  );
  const record = evaluateSimilarity({
    ...SEARCH,
    table: tableOf("angles", circle, onCircle(0)),
    floors: [noise],
    metric: "cosine",
  });
  const [floor] = record.floors;
  const [comparison] = record.comparisons;
  assert.equal(comparison!.against, "noise");
  assert.ok(Math.abs(comparison!.difference - (record.value - floor!.value)) < 1e-15);
});

test("similarity refuses fewer training crops than neighbours", () => {
  const few = circle.filter((_, row) => row % 2 === 0 || row >= 8);
  const table = tableOf(
    "angles",
    few,
    onCircle(0).filter((_, row) => row % 2 === 0 || row >= 8),
  );
  assert.throws(() => evaluateSimilarity({ ...SEARCH, table, metric: "cosine" }), {
    message: "evaluate: expected at least 5 training crops for precision at 5, got 4.",
  });
});

test("weighted ranks are the ranks of rows written out as often as they weigh", () => {
  const values = [3, 1, 3, 2];
  const weights = [2, 1, 1, 0];
  // Written out: 1, 3, 3, 3: ranks 1, then 2 to 4.
  assert.deepEqual(Array.from(weightedRanks(rankingOf(values), weights)), [3, 1, 3, 1.5]);
  const scores = rankingOf([0.1, 0.4, 0.35, 0.8]);
  assert.equal(weightedRocAuc(scores, [0, 0, 1, 1], [1, 1, 1, 1]), 0.75);
  // The row at 0.4 three times: of 2 x 4 pairs those with it and 0.35 are lost.
  assert.equal(weightedRocAuc(scores, [0, 0, 1, 1], [1, 3, 1, 1]), 5 / 8);
});

const ODD = { floors: [], minInterest: 4, numNeighbours: 3, maxComponents: 5, seed: 0 };

/** Thirty crops about the middle and six far out, in all directions. */
function oddTable(interestOf: (row: number) => number | null) {
  const random = randomFor(9, "odd");
  const records = Array.from({ length: 36 }, (_, row) =>
    cropRecord({ id: `${row}`, field: `${row}`, interestScore: interestOf(row) }),
  );
  const vectors = records.map((_, row) => {
    const direction = Array.from({ length: 4 }, () => random.normal());
    return row < 30 ? direction : direction.map((value) => 30 * value);
  });
  return tableOf("a backbone", records, vectors);
}

test("crops far from all others are found where they are the interesting ones, by both scores", () => {
  const record = evaluateAnomaly({ ...ODD, table: oddTable((row) => (row < 30 ? 1 : 5)) });
  assert.equal(record.numInteresting, 6);
  for (const { name, rocAuc, rankCorrelation } of record.scorers) {
    assert.ok(rocAuc.value! > 0.95, `${name}: ${rocAuc.value}`);
    assert.ok(rankCorrelation.value! > 0.5);
  }
  const reversed = evaluateAnomaly({ ...ODD, table: oddTable((row) => (row < 30 ? 5 : 1)) });
  assert.ok(Math.abs(reversed.value + record.value - 1) < 1e-12, "turned round, chance's other side");
});

test("oddness refuses sets without interest scores and more neighbours than crops", () => {
  assert.throws(() => evaluateAnomaly({ ...ODD, table: oddTable(() => null) }), {
    message:
      "evaluate anomaly: expected at least 5 crops with an interest score from 4 on and as many below, got 0 of 0. Import a set with scores, or change --min-interest.",
  });
  assert.throws(() => evaluateAnomaly({ ...ODD, numNeighbours: 36, table: oddTable((row) => (row < 30 ? 1 : 5)) }), {
    message: "evaluate anomaly: --neighbours: expected 1 to 35, the other crops there are, got 36.",
  });
});

test("a shift needs two sets of one backbone and enough crops", () => {
  const table = oddTable(() => null);
  const options = { floors: [], maxComponents: 5, maxCrops: 100, numPermutations: 10, seed: 0 };
  assert.throws(() => evaluateShift({ ...options, tables: [table, { ...table, backbone: "another" }] }), {
    message: "evaluate shift: expected both sets through one backbone, got a backbone (4 numbers) and another (4).",
  });
  const few = tableOf(
    "a backbone",
    table.records.slice(0, 9),
    table.records.slice(0, 9).map(() => [1, 2, 3, 4]),
  );
  assert.throws(() => evaluateShift({ ...options, tables: [table, few] }), {
    message: "evaluate shift: expected at least 20 crops of tiny, got 9.",
  });
  const broken = { ...table, embeddings: table.embeddings.with(3, Number.NaN) };
  assert.throws(() => evaluateShift({ ...options, tables: [table, broken] }), {
    message: 'evaluate: embeddings of "a backbone": expected finite numbers, got 1 of 144 NaN or infinite.',
  });
});

test("a backbone is wholly aligned with itself turned and scaled, and hardly with shuffled crops", () => {
  const table = oddTable(() => null);
  const turned = tableOf(
    "turned",
    table.records,
    table.records.map((_, row) => {
      const [a, b, c, d] = table.embeddings.subarray(row * 4, row * 4 + 4) as unknown as [number, number, number, number];
      return [3 * b + 7, -3 * a, 3 * d, 3 * c];
    }),
  );
  const record = evaluateCka({ table, other: turned, maxCrops: 100, seed: 0 });
  assert.ok(Math.abs(record.value - 1) < 1e-6 && Math.abs(record.debiased - 1) < 1e-6);
  assert.ok(record.floors[0]!.value < 0.6);
  assert.throws(() => evaluateCka({ table, other: { ...table, records: table.records.toReversed() }, maxCrops: 9, seed: 0 }), {
    message: /expected the crops of "a backbone" in their order, got others/,
  });
});
