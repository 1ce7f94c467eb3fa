// Numbers of 16 bits against numpy's, and back: every one of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { halfBits, halfValue } from "#base/array";

test("16 bits stand for numpy's values of them", () => {
  // numpy.uint16([...]).view(numpy.float16)
  const values = [
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x0001, 2 ** -24],
    [0x7bff, 65504],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e00, Number.NaN],
  ] as const;
  for (const [bits, value] of values) assert.equal(halfValue(bits), value);
});

test("every number of 16 bits comes back as the same bits", () => {
  for (let bits = 0; bits < 2 ** 16; bits++) {
    const value = halfValue(bits);
    if (!Number.isNaN(value)) assert.equal(halfBits(value), bits, `${bits}: ${value}`);
  }
  assert.ok(Number.isNaN(halfValue(halfBits(Number.NaN))));
});

test("other numbers go to the nearest, ties to the even one, and beyond the largest to infinity", () => {
  // numpy.float16(x).view(numpy.uint16)
  const rounded = [
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1.0004883, 0x3c01],
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -24, 0x0002],
    [0.1, 0x2e66],
    [2047.9999, 0x6800],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [-1e9, 0xfc00],
  ] as const;
  for (const [value, bits] of rounded) assert.equal(halfBits(value), bits, `${value}`);
});
