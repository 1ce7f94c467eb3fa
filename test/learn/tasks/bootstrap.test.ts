// The bootstrap: how often its intervals hold the truth, and how often it cries wolf.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { bootstrapP, bootstrapSums, centralInterval, NUM_DRAWS } from "#learn/tasks";

const meanOf = ([rows, sum]: Float64Array) => sum! / rows!;

/** Whether the 95 % interval of a mean of squared errors holds the true mean, over many samples. */
function coverage(numSamples: number, sample: (index: number) => readonly Float64Array[], truth: number): number {
  let numHeld = 0;
  for (let index = 0; index < numSamples; index++) {
    const [low, high] = centralInterval(bootstrapSums(sample(index), index).map(meanOf));
    if (low <= truth && truth <= high) numHeld += 1;
  }
  return numHeld / numSamples;
}

test("95 % intervals hold the true mean squared error about 95 times in a hundred", () => {
  const held = coverage(
    150,
    (index) => {
      const random = randomFor(21, "coverage", index);
      return Array.from({ length: 60 }, () => Float64Array.of(1, random.normal() ** 2));
    },
    1,
  );
  // The percentile interval of 60 skewed values is known to hold a little less than it says; 150 samples know it to 2 %.
  assert.ok(held > 0.87 && held < 0.99, `${held}`);
});

test("drawn by field, intervals hold the truth where fields differ; drawn by row, they would be far too narrow", () => {
  /** 30 fields of 20 rows; half of the variance belongs to the field. */
  const fieldsOf = (index: number) => {
    const random = randomFor(22, "fields", index);
    return Array.from({ length: 30 }, () => {
      const shared = random.normal();
      return Array.from({ length: 20 }, () => Float64Array.of(1, shared + random.normal()));
    });
  };
  const summed = (rows: readonly Float64Array[]) =>
    Float64Array.of(
      rows.length,
      rows.reduce((sum, row) => sum + row[1]!, 0),
    );
  const byField = coverage(150, (index) => fieldsOf(index).map(summed), 0);
  const byRow = coverage(15, (index) => fieldsOf(index).flat(), 0);
  assert.ok(byField > 0.87 && byField < 0.99, `by field ${byField}`);
  assert.ok(byRow < 0.7, `by row ${byRow}`);
});

test("p is below 0.05 about one time in twenty where there is no difference, and tiny where there is one", () => {
  const pOf = (index: number, difference: number) => {
    const random = randomFor(23, "differences", index);
    const rows = Array.from({ length: 80 }, () => Float64Array.of(1, difference + random.normal()));
    return bootstrapP(bootstrapSums(rows, index).map(meanOf));
  };
  const numAlarms = Array.from({ length: 150 }, (_, index) => pOf(index, 0)).filter((p) => p < 0.05).length;
  // 7.5 are expected, 2.7 their deviation.
  assert.ok(numAlarms > 0 && numAlarms < 19, `${numAlarms}`);
  assert.equal(pOf(0, 2), 2 / (NUM_DRAWS + 1));
});

test("p is 1 where all differences are zero", () => {
  assert.equal(bootstrapP(new Array<number>(100).fill(0)), 1);
});

test("draws add up whole clusters, are the same for the same seed, and pair two scores of the same rows", () => {
  const clusters = [3, 5, 11].map((value) => Float64Array.of(1, value, 2 * value));
  const draws = bootstrapSums(clusters, 4);
  assert.equal(draws.length, NUM_DRAWS);
  const possible = new Set([3, 5, 11].flatMap((a) => [3, 5, 11].flatMap((b) => [3, 5, 11].map((c) => a + b + c))));
  assert.ok(draws.every(([rows, sum, twice]) => rows === 3 && possible.has(sum!) && twice === 2 * sum!));
  assert.equal(new Set(draws.map(([, sum]) => sum)).size, possible.size);
  assert.deepEqual(bootstrapSums(clusters, 4), draws);
  const alone = bootstrapSums(
    clusters.map(([rows, value]) => Float64Array.of(rows!, value!)),
    4,
  );
  assert.deepEqual(
    alone.map(([, sum]) => sum),
    draws.map(([, sum]) => sum),
  );
});

test("draws without a value are left out of an interval, and none gives none", () => {
  assert.deepEqual(centralInterval([Number.NaN, 4, Number.NaN]), [4, 4]);
  assert.deepEqual(centralInterval([Number.NaN]), [Number.NaN, Number.NaN]);
});
