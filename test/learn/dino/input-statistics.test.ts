// Mean and spread of what a backbone is shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inputStatistics } from "#learn/dino";
import { cropRecord, cropSetOf } from "../crop-sets.ts";

const records = [0, 1, 2].map((row) => cropRecord({ id: `crop-${row}`, lowFlux: 1, highFlux: 3 }));

/** Three crops of 2 x 2 pixels; limits 1 and 3. */
const crops = cropSetOf(records, 2, [Float32Array.of(1, 1, 3, 3), Float32Array.of(0, 2, 2, 9), Float32Array.of(3, 3, 3, 3)]);

test("statistics are of the stretched pixels, clipped to [0, 1], of the rows asked for alone", () => {
  const { inputMean, inputStd } = inputStatistics(crops, [0, 1]);
  // Stretched: 0, 0, 1, 1 and 0, 0.5, 0.5, 1.
  assert.equal(inputMean, 0.5);
  assert.ok(Math.abs(inputStd - Math.sqrt((6 * 0.25) / 8)) < 1e-12, `${inputStd}`);
});

test("crops that are the same everywhere cannot be standardised", () => {
  assert.throws(() => inputStatistics(crops, [2]), /^RangeError: crop set .*: expected pixels that differ, got 1 everywhere\./);
});
