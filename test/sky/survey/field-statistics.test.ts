import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { fieldStatistics } from "#sky/survey";

const RANGE = { lowPercentile: 2, highPercentile: 98 };

test("flux limits are numpy's percentiles of the whole field, NaN left out", () => {
  const pixels = Float32Array.from([5, Number.NaN, 1, 4, 2, Number.NaN, 3]);
  // numpy.percentile([1, 2, 3, 4, 5], [2, 98]) = 1.08, 4.92.
  const { lowFlux, highFlux } = fieldStatistics(pixels, RANGE, "field");
  assert.ok(Math.abs(lowFlux - 1.08) < 1e-12);
  assert.ok(Math.abs(highFlux - 4.92) < 1e-12);
});

test("the rms of a field is that of its noise, sources or none", () => {
  const random = randomFor(1, "noise");
  const noise = Float32Array.from({ length: 200_000 }, () => 3e-5 * random.normal());
  const withSources = noise.map((value, index) => (index % 50 === 0 ? value + 1 : value));
  // The standard error of the quartiles' distance is 0.3 % here; 2 % of sources push the quartiles up by some 2 %.
  assert.ok(Math.abs(fieldStatistics(noise, RANGE, "field").rms / 3e-5 - 1) < 0.01);
  assert.ok(Math.abs(fieldStatistics(withSources, RANGE, "field").rms / 3e-5 - 1) < 0.04);
});

test("a field of NaN and a field of one value are refused by name", () => {
  assert.throws(
    () => fieldStatistics(new Float32Array(6).fill(Number.NaN), RANGE, "dead.fits"),
    /^Error: dead\.fits: all of its 6 pixels are NaN\. Leave it out, or choose another --plane\.$/,
  );
  assert.throws(
    () => fieldStatistics(new Float32Array(6), RANGE, "flat.fits"),
    /^Error: flat\.fits: flux limits: expected the 2 % percentile below the 98 % one, got 0 and 0\. Choose other --low and --high\.$/,
  );
});
