import assert from "node:assert/strict";
import { test } from "node:test";
import { type Random, randomFor } from "#base/array";

function drawsOf(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.uniform());
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return sum / values.length;
}

/** Pearson's statistic of counts that should all be alike. */
function chiSquared(counts: readonly number[]): number {
  const expected = meanOf(counts);
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

test("the same seed, purpose and key give the same draws, whatever was drawn elsewhere", () => {
  const first = drawsOf(randomFor(5, "rotation", 1, 2, 3, 4), 50);
  drawsOf(randomFor(5, "rotation", 1, 2, 3, 5), 7);
  assert.deepEqual(drawsOf(randomFor(5, "rotation", 1, 2, 3, 4), 50), first);
});

test("another seed, purpose, key number or key length gives other draws", () => {
  const streams = [
    randomFor(5, "rotation", 1, 2),
    randomFor(6, "rotation", 1, 2),
    randomFor(5, "flip", 1, 2),
    randomFor(5, "rotation", 2, 1),
    randomFor(5, "rotation", 1, 3),
    randomFor(5, "rotation", 1, 2, 1),
    randomFor(5, "rotation", 1, 2, 1, 1),
    randomFor(5, "rotation", 1, 2, 1, 2),
  ];
  const draws = streams.flatMap((random) => drawsOf(random, 40));
  assert.equal(new Set(draws).size, draws.length);
});

test("uniform draws fill [0, 1) evenly and neighbours do not follow each other", () => {
  const draws = drawsOf(randomFor(9, "uniformity"), 100_000);
  assert.ok(draws.every((draw) => draw >= 0 && draw < 1));
  const counts = new Array<number>(100).fill(0);
  for (const draw of draws) counts[Math.floor(100 * draw)]!++;
  // 99 degrees of freedom: mean 99, standard deviation 14; four of them on either side.
  const statistic = chiSquared(counts);
  assert.ok(statistic > 43 && statistic < 155, `chi squared ${statistic}`);
  const products = draws.slice(1).map((draw, index) => (draw - 0.5) * (draws[index]! - 0.5));
  assert.ok(Math.abs(meanOf(products)) < 4 / 12 / Math.sqrt(draws.length));
});

test("the first draws of neighbouring streams are as uniform as those of one stream", () => {
  const counts = new Array<number>(100).fill(0);
  for (let crop = 0; crop < 20_000; crop++) counts[Math.floor(100 * randomFor(0, "views", 3, crop, 1).uniform())]!++;
  const statistic = chiSquared(counts);
  assert.ok(statistic > 43 && statistic < 155, `chi squared ${statistic}`);
});

test("normal draws have mean 0, variance 1, and the normal's tails", () => {
  const random = randomFor(2, "normal");
  const draws = Array.from({ length: 100_000 }, () => random.normal());
  assert.ok(Math.abs(meanOf(draws)) < 4 / Math.sqrt(1e5));
  assert.ok(Math.abs(meanOf(draws.map((draw) => draw ** 2)) - 1) < 4 * Math.sqrt(2 / 1e5));
  assert.ok(Math.abs(meanOf(draws.map((draw) => draw ** 4)) - 3) < 4 * Math.sqrt(96 / 1e5));
  // P(|z| > 1.96) = 0.05
  const beyond = draws.filter((draw) => Math.abs(draw) > 1.959964).length / 1e5;
  assert.ok(Math.abs(beyond - 0.05) < 0.003, `${beyond}`);
});

test("uniformBetween stays in its range and integer reaches every whole number below its end, equally often", () => {
  const random = randomFor(3, "ranges");
  for (let repeat = 0; repeat < 1000; repeat++) {
    const value = random.uniformBetween(-3, 5);
    assert.ok(value >= -3 && value < 5);
  }
  const counts = new Array<number>(7).fill(0);
  for (let repeat = 0; repeat < 70_000; repeat++) counts[random.integer(7)]!++;
  // 6 degrees of freedom: beyond 27.9 once in ten thousand.
  assert.ok(chiSquared(counts) < 27.9);
});

test("chance comes true as often as its probability, never at 0 and always at 1", () => {
  const random = randomFor(4, "chance");
  const rateOf = (probability: number) => meanOf(Array.from({ length: 20_000 }, () => Number(random.chance(probability))));
  assert.equal(rateOf(0), 0);
  assert.equal(rateOf(1), 1);
  assert.ok(Math.abs(rateOf(0.3) - 0.3) < 4 * Math.sqrt((0.3 * 0.7) / 20_000));
});

test("a permutation holds every index once, and all orders are equally likely", () => {
  const long = randomFor(6, "permutation").permutation(1000);
  assert.deepEqual(
    [...long].toSorted((a, b) => a - b),
    Array.from({ length: 1000 }, (_, index) => index),
  );
  assert.notDeepEqual(
    [...long],
    [...long].toSorted((a, b) => a - b),
  );
  assert.equal(randomFor(6, "permutation").permutation(0).length, 0);
  const counts = new Map<string, number>();
  const random = randomFor(7, "permutation");
  for (let repeat = 0; repeat < 24_000; repeat++) {
    const order = random.permutation(4).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 24);
  // 23 degrees of freedom: beyond 55 once in five thousand.
  assert.ok(chiSquared([...counts.values()]) < 55);
});
