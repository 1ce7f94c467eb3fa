// Shapes of pictures whose numbers are known, and samples whose distance is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { kolmogorovSmirnov, pictureShape } from "../../bench/picture-shape.ts";

const SIZE = 40;

function picture(lit: readonly (readonly [x: number, y: number, value: number])[]): Float32Array {
  const pixels = new Float32Array(SIZE * SIZE);
  for (const [x, y, value] of lit) pixels[y * SIZE + x] = value;
  return pixels;
}

test("a bar with a peak at each end has its peaks apart by its extent, no width, and the Gini coefficient of its pixels", () => {
  const bar = Array.from({ length: 11 }, (_, index) => [15 + index, 20, index === 0 || index === 10 ? 3 : 1] as const);
  const shape = pictureShape(picture(bar), SIZE)!;
  assert.deepEqual([shape.separationOverExtent, shape.axisRatio], [1, 0]);
  // Nine ones and two threes: mean absolute difference 2 * 18 * 2 / (11 * 10), over twice the mean 15 / 11.
  assert.ok(Math.abs(shape.gini - (2 * 18 * 2) / (11 * 10) / (2 * (15 / 11))) < 1e-12);
});

test("a square is as wide as long, has one peak at most, and equal pixels have a Gini coefficient of 0", () => {
  const square = Array.from({ length: 25 }, (_, index) => [18 + (index % 5), 18 + Math.floor(index / 5), 2] as const);
  assert.deepEqual(pictureShape(picture(square), SIZE), { separationOverExtent: 0, axisRatio: 1, gini: 0 });
});

test("what does not touch the middle is not the galaxy, and an empty middle has no shape", () => {
  assert.equal(
    pictureShape(
      picture([
        [1, 1, 9],
        [2, 1, 9],
      ]),
      SIZE,
    ),
    null,
  );
});

test("samples of one distribution are near, of two are apart, as scipy.stats.ks_2samp(method='asymp') says of the distance", () => {
  const even = Array.from({ length: 100 }, (_, index) => index);
  assert.deepEqual(kolmogorovSmirnov(even, even), { distance: 0, p: 1 });
  const shifted = even.map((value) => value + 30);
  const { distance, p } = kolmogorovSmirnov(even, shifted);
  assert.ok(Math.abs(distance - 0.3) < 1e-12 && p > 1e-5 && p < 1e-3, `${distance} ${p}`);
  assert.equal(
    kolmogorovSmirnov(
      even,
      even.map((value) => value + 200),
    ).distance,
    1,
  );
});
