import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { gaussianBlur, imageOf } from "#base/image";

test("blurring a point gives the Gaussian of its sigma", () => {
  const point = imageOf(41, 41, new Float32Array(41 * 41));
  point.pixels[20 * 41 + 20] = 1;
  const blurred = gaussianBlur(point, 2.5);
  for (const [dy, dx] of [[0, 0] as const, [1, 0] as const, [0, 3] as const, [-4, 5] as const]) {
    const expected = Math.exp(-(dy * dy + dx * dx) / (2 * 2.5 ** 2)) / (2 * Math.PI * 2.5 ** 2);
    const value = blurred.pixels[(20 + dy) * 41 + 20 + dx]!;
    // The cut at 4 sigma takes 1e-4 of the volume away, given back to all.
    assert.ok(Math.abs(value / expected - 1) < 3e-4, `${dy}, ${dx}: ${value}, formula ${expected}`);
  }
});

test("a blur keeps an image's sum, edges and all, even where the kernel is wider than the image", () => {
  const random = randomFor(2, "blur test");
  const image = imageOf(
    9,
    14,
    Float32Array.from({ length: 126 }, () => random.uniform()),
  );
  const sumOf = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0);
  for (const sigma of [0.3, 1, 2, 8]) {
    const blurred = gaussianBlur(image, sigma);
    assert.ok(Math.abs(sumOf(blurred.pixels) - sumOf(image.pixels)) < 1e-4);
    assert.notDeepEqual(blurred.pixels, image.pixels);
  }
});

test("a blur of sigma 0 is a copy, and the input is never changed", () => {
  const pixels = Float32Array.of(1, 2, 3, 4, 5, 6);
  const image = imageOf(2, 3, pixels);
  const copy = gaussianBlur(image, 0);
  assert.deepEqual(copy, image);
  assert.notEqual(copy.pixels, pixels);
  gaussianBlur(image, 1);
  assert.deepEqual([...pixels], [1, 2, 3, 4, 5, 6]);
});

test("a blur of negative or NaN sigma is refused", () => {
  const image = imageOf(1, 1, new Float32Array(1));
  const message = "gaussianBlur: expected a sigma of 0 or more pixels, got -1.";
  assert.throws(() => gaussianBlur(image, -1), { name: "RangeError", message });
  assert.throws(() => gaussianBlur(image, Number.NaN), RangeError);
});
