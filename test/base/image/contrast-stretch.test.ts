import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { contrastStretch, imageOf, undoContrastStretch } from "#base/image";

const limits = { lowFlux: -2e-5, highFlux: 6e-5 };

test("contrast stretch maps its limits to 0 and 1, their middle to a half, and clips the rest", () => {
  const stretched = contrastStretch(imageOf(1, 5, Float32Array.of(-2e-5, 6e-5, 2e-5, -1, 1)), limits);
  [0, 1, 0.5, 0, 1].forEach((expected, index) => {
    assert.ok(Math.abs(stretched.pixels[index]! - expected) < 1e-6);
  });
  assert.deepEqual([stretched.height, stretched.width], [1, 5]);
});

test("contrast stretch is monotone, and invertible inside its limits", () => {
  const random = randomFor(1, "contrast-stretch");
  const sorted = Float32Array.from({ length: 1000 }, () => random.uniformBetween(-4e-5, 8e-5)).sort();
  const image = imageOf(10, 100, sorted);
  const stretched = contrastStretch(image, limits);
  const restored = undoContrastStretch(stretched, limits);
  sorted.forEach((flux, index) => {
    if (index > 0) assert.ok(stretched.pixels[index]! >= stretched.pixels[index - 1]!);
    const inside = Math.min(Math.max(flux, limits.lowFlux), limits.highFlux);
    assert.ok(Math.abs(restored.pixels[index]! - inside) < 1e-11);
  });
});

test("contrast stretch keeps NaN", () => {
  assert.ok(Number.isNaN(contrastStretch(imageOf(1, 1, Float32Array.of(Number.NaN)), limits).pixels[0]));
});

test("contrast stretch refuses limits that do not ascend", () => {
  const message =
    "contrastStretch: expected lowFlux below highFlux, got 0 and 0. An image that is mostly one value needs wider percentiles.";
  assert.throws(() => contrastStretch(imageOf(1, 1, Float32Array.of(0)), { lowFlux: 0, highFlux: 0 }), {
    name: "RangeError",
    message,
  });
  assert.throws(() => contrastStretch(imageOf(1, 1, Float32Array.of(0)), { lowFlux: Number.NaN, highFlux: 0 }), RangeError);
});

test("an image whose pixels do not fill its size is refused", () => {
  assert.throws(() => imageOf(2, 3, new Float32Array(5)), {
    name: "RangeError",
    message: "image: expected 6 pixels for 2 x 3, got 5.",
  });
});
