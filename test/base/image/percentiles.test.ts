import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { countedPercentiles, Float32Counts, percentiles } from "#base/image";

/** The definition, from a sorted copy: rank (n - 1) p / 100, linear between its neighbours. */
function fromSorted(values: Float32Array, percents: readonly number[]): number[] {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  return percents.map((percent) => {
    const position = ((sorted.length - 1) * percent) / 100;
    const below = sorted[Math.floor(position)]!;
    return below + (sorted[Math.ceil(position)]! - below) * (position - Math.floor(position));
  });
}

/** By counting, which `percentiles` leaves to many values. */
function fromCounts(values: Float32Array, percents: readonly number[]): number[] {
  const counts = new Float32Counts();
  counts.add(values);
  return countedPercentiles(values, counts, percents);
}

test("percentiles equal numpy's on a small list", () => {
  // numpy 1.24: np.percentile([3, 1, 4, 1, 5, 9, 2, 6], [0, 2, 25, 50, 75, 98, 100])
  const expected = [1, 1, 1.75, 3.5, 5.25, 8.579999999999998, 9];
  const given = [3, 1, 4, 1, 5, 9, 2, 6];
  const percents = [0, 2, 25, 50, 75, 98, 100];
  assert.deepEqual(percentiles(Float32Array.from(given), percents), expected);
  assert.deepEqual(fromCounts(Float32Array.from(given), percents), expected);
  assert.deepEqual(percentiles(given, percents), expected);
  assert.deepEqual(percentiles(Float64Array.from(given), percents), expected);
});

test("percentiles of noise of any scale and sign equal those of a sorted copy", () => {
  const random = randomFor(3, "percentiles");
  const percents = [0, 0.1, 2, 33.3, 50, 98, 99.9, 100];
  for (const [offset, scale] of [[0, 1e-5] as const, [5, 1] as const, [-3e4, 10] as const, [0, 1e-42] as const]) {
    const values = Float32Array.from({ length: 50_001 }, () => offset + scale * random.normal());
    // Many are counted, few are sorted.
    for (const some of [values, values.subarray(0, 501)]) {
      const found = percentiles(some, percents);
      fromSorted(some, percents).forEach((value, index) => {
        assert.ok(
          Math.abs(found[index]! - value) <= 1e-12 * Math.abs(value),
          `${percents[index]} %: ${found[index]}, sorted ${value}`,
        );
      });
    }
  }
});

test("percentiles leave NaN of either sign out and count infinities", () => {
  const bits = Uint32Array.of(0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7f800000, 0xff800000);
  const values = Float32Array.of(...new Float32Array(bits.buffer), 1, 2, 3);
  // The signalling patterns may be quieted on the way; all four stay NaN.
  for (const found of [percentiles, fromCounts])
    assert.deepEqual(found(values, [0, 25, 50, 75, 100]), [-Infinity, 1, 2, 3, Infinity]);
});

test("percentiles look only at the part of a buffer they were given, in any order, and leave it unchanged", () => {
  const whole = Float32Array.of(100, 7, 5, 6, -100);
  for (const found of [percentiles, fromCounts]) assert.deepEqual(found(whole.subarray(1, 4), [100, 0, 50]), [7, 5, 6]);
  assert.deepEqual([...whole], [100, 7, 5, 6, -100]);
});

test("percentiles treat minus zero as zero and one value as every percentile", () => {
  for (const found of [percentiles, fromCounts]) {
    assert.equal(Math.abs(found(Float32Array.of(-0, 0, -0), [50])[0]!), 0);
    assert.deepEqual(found(Float32Array.of(2.5), [0, 50, 100]), [2.5, 2.5, 2.5]);
  }
});

test("percentiles of nothing but NaN, or beyond 100, are refused", () => {
  const nothing = "percentiles: expected at least one number, got 2 values, all NaN.";
  assert.throws(() => percentiles(Float32Array.of(Number.NaN, Number.NaN), [2]), { name: "RangeError", message: nothing });
  assert.throws(() => percentiles([Number.NaN, Number.NaN], [2]), { name: "RangeError", message: nothing });
  assert.throws(() => fromCounts(Float32Array.of(Number.NaN, Number.NaN), [2]), { name: "RangeError", message: nothing });
  const beyond = "percentiles: expected percentiles from 0 to 100, got 101.";
  assert.throws(() => percentiles([1], [101]), { name: "RangeError", message: beyond });
});

test("percentiles of values counted in pieces of any length are those of all at once", () => {
  const random = randomFor(4, "pieces");
  const values = Float32Array.from({ length: 2003 }, (_, index) => (index % 50 === 0 ? Number.NaN : random.normal()));
  const percents = [0, 2, 25, 75, 98, 100];
  const counts = new Float32Counts();
  for (let start = 0, length = 1; start < values.length; start += length, length += 3) {
    counts.add(values.subarray(start, start + length));
  }
  fromSorted(values, percents).forEach((value, index) => {
    assert.ok(Math.abs(countedPercentiles(values, counts, percents)[index]! - value) <= 1e-12 * Math.abs(value));
  });
});
