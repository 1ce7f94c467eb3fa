import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { gaussianBlur, type Image, imageOf, type ResampleFilter, resample, resize } from "#base/image";
import { largestDifference } from "./image-cases.ts";

const FILTERS: readonly ResampleFilter[] = ["bilinear", "bicubic"];

function noise(height: number, width: number): Image {
  const random = randomFor(1, "resample test", height, width);
  return imageOf(
    height,
    width,
    Float32Array.from({ length: height * width }, () => random.normal()),
  );
}

function transposed({ height, width, pixels }: Image): Image {
  return imageOf(
    width,
    height,
    Float32Array.from(pixels, (_, index) => pixels[(index % height) * width + Math.floor(index / height)]!),
  );
}

test("resampling a constant gives the constant, at every size and box", () => {
  const constant = imageOf(20, 31, new Float32Array(620).fill(0.7));
  for (const filter of FILTERS) {
    for (const size of [1, 3, 20, 64]) {
      const resampled = resample(constant, { y0: 1.3, x0: 0, y1: 19.2, x1: 30.9 }, size, 2 * size, filter);
      assert.equal(resampled.pixels.length, 2 * size * size);
      for (const value of resampled.pixels) assert.ok(Math.abs(value - 0.7) < 1e-6);
    }
  }
});

test("resizing to the same size changes no bit", () => {
  const image = noise(13, 9);
  for (const filter of FILTERS) assert.deepEqual(resize(image, 13, 9, filter), image);
});

test("resampling treats both axes alike", () => {
  const image = noise(24, 15);
  for (const filter of FILTERS) {
    const upright = resample(image, { y0: 2, x0: 3.5, y1: 20.5, x1: 14 }, 11, 33, filter);
    const lying = resample(transposed(image), { y0: 3.5, x0: 2, y1: 14, x1: 20.5 }, 33, 11, filter);
    assert.ok(largestDifference(transposed(lying), upright) < 1e-6);
  }
});

test("enlarging a plane gives the plane away from the edges, so pixel centres are where they should be", () => {
  const plane = imageOf(
    16,
    16,
    Float32Array.from({ length: 256 }, (_, index) => 3 * Math.floor(index / 16) - (index % 16)),
  );
  for (const filter of FILTERS) {
    const enlarged = resize(plane, 48, 80, filter);
    for (let row = 9; row < 39; row++) {
      for (let column = 15; column < 65; column++) {
        // The centre of output pixel i lies at (i + 0.5) scale - 0.5 in input pixels.
        const expected = 3 * ((row + 0.5) / 3 - 0.5) - ((column + 0.5) / 5 - 0.5);
        assert.ok(Math.abs(enlarged.pixels[row * 80 + column]! - expected) < 1e-4);
      }
    }
  }
});

test("shrinking by a whole factor keeps the flux of sources away from the edges", () => {
  const points = new Float32Array(60 * 60);
  points[29 * 60 + 31] = 5;
  points[35 * 60 + 20] = 2;
  const sources = gaussianBlur(imageOf(60, 60, points), 1.5);
  for (const filter of FILTERS) {
    for (const factor of [2, 3, 4]) {
      const small = resize(sources, 60 / factor, 60 / factor, filter);
      const flux = factor ** 2 * small.pixels.reduce((sum, value) => sum + value, 0);
      assert.ok(Math.abs(flux - 7) < 1e-4, `${filter} by ${factor}: ${flux}`);
    }
  }
});

test("shrinking averages a checkerboard away instead of picking one colour", () => {
  const board = imageOf(
    64,
    64,
    Float32Array.from({ length: 4096 }, (_, index) => (Math.floor(index / 64) + (index % 64)) % 2),
  );
  for (const filter of FILTERS) {
    for (const value of resize(board, 14, 14, filter).pixels) assert.ok(Math.abs(value - 0.5) < 0.03, `${filter}: ${value}`);
  }
});

test("resampling refuses boxes outside the image and sizes below one pixel", () => {
  const image = noise(4, 6);
  assert.throws(() => resample(image, { y0: 0, x0: 0, y1: 4, x1: 7 }, 2, 2, "bicubic"), {
    name: "RangeError",
    message: "resample: expected a box inside the 4 x 6 image, got rows 0 to 4, columns 0 to 7.",
  });
  assert.throws(() => resample(image, { y0: 2, x0: 0, y1: 2, x1: 6 }, 2, 2, "bicubic"), RangeError);
  assert.throws(() => resample(image, { y0: Number.NaN, x0: 0, y1: 2, x1: 6 }, 2, 2, "bicubic"), RangeError);
  assert.throws(() => resize(image, 0, 2.5, "bilinear"), {
    name: "RangeError",
    message: "resample: expected a size of whole pixels above 0, got 0 x 2.5.",
  });
});
