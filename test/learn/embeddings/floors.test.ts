// The floors: what they measure, by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { floorBackbone, imageStatistics, PIXELS_SIZE, STATISTICS } from "#learn/embeddings";

test("the statistics of a picture are those of the textbook", () => {
  const pixels = Float32Array.from({ length: 101 }, (_, index) => index / 100).reverse();
  const found = Object.fromEntries(imageStatistics(pixels).map((value, index) => [STATISTICS[index]!, value]));
  const wanted = {
    mean: 0.5,
    // Of 0, 1, ..., n - 1: sqrt((n² - 1) / 12).
    standardDeviation: Math.sqrt((101 ** 2 - 1) / 12) / 100,
    median: 0.5,
    percentile90: 0.9,
    percentile99: 0.99,
    maximum: 1,
    nonZeroFraction: 100 / 101,
  };
  assert.deepEqual(Object.keys(found), Object.keys(wanted));
  for (const [name, value] of Object.entries(wanted)) assert.ok(Math.abs(found[name]! - value) < 1e-7, `${name}: ${found[name]}`);
});

test("the statistics floor looks at each crop by itself, at the crop's own size", async () => {
  const backbone = floorBackbone("statistics", 3);
  assert.deepEqual([backbone.inputSize, backbone.dim, backbone.name], [3, STATISTICS.length, "statistics"]);
  const images = Float32Array.of(...new Array<number>(9).fill(0), ...new Array<number>(9).fill(0.5));
  const embeddings = await backbone.embed(images, 2);
  assert.deepEqual(Array.from(embeddings), [0, 0, 0, 0, 0, 0, 0, 0.5, 0, 0.5, 0.5, 0.5, 0.5, 1]);
});

test("the pixels floor gives the shrunken picture itself", async () => {
  const backbone = floorBackbone("pixels", 256);
  assert.deepEqual([backbone.inputSize, backbone.dim], [PIXELS_SIZE, PIXELS_SIZE ** 2]);
  const images = Float32Array.from({ length: 2 * PIXELS_SIZE ** 2 }, (_, index) => index);
  assert.deepEqual(await backbone.embed(images, 2), images);
});

test("the mean floor gives every crop the same", async () => {
  const backbone = floorBackbone("mean", 256);
  assert.deepEqual(Array.from(await backbone.embed(Float32Array.of(0, 0.3, 0.7), 3)), [1, 1, 1]);
});
