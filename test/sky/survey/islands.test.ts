import assert from "node:assert/strict";
import { test } from "node:test";
import type { Image } from "#base/image";
import { findIslands } from "#sky/survey";

/** A picture drawn in text: digits are values, dots are 0. */
function drawn(...rows: readonly string[]): Image {
  const pixels = Float32Array.from(rows.join(""), (character) => (character === "." ? 0 : Number(character)));
  return { height: rows.length, width: rows[0]!.length, pixels };
}

test("pixels that touch by a side or a corner are one island, with its peak where the brightest is", () => {
  const picture = drawn("1..2", ".3..", "..2.", "....", "7..5");
  assert.deepEqual(findIslands(picture, 1), [
    { numPixels: 3, y: 1, x: 1, peak: 3 },
    { numPixels: 1, y: 0, x: 3, peak: 2 },
    { numPixels: 1, y: 4, x: 0, peak: 7 },
    { numPixels: 1, y: 4, x: 3, peak: 5 },
  ]);
});

test("islands of too few pixels are left out, and an island never wraps around the picture's edge", () => {
  const picture = drawn("11..1", "1....", "....1");
  assert.deepEqual(
    findIslands(picture, 3).map(({ numPixels }) => numPixels),
    [3],
  );
  assert.equal(findIslands(picture, 1).length, 3);
});

test("a picture that is one island counts once, and an empty one not at all", () => {
  assert.deepEqual(findIslands({ height: 300, width: 300, pixels: new Float32Array(90_000).fill(1) }, 5), [
    { numPixels: 90_000, y: 0, x: 0, peak: 1 },
  ]);
  assert.deepEqual(findIslands({ height: 3, width: 3, pixels: new Float32Array(9) }, 1), []);
});
