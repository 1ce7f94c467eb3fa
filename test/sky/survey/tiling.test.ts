import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { cropPlaces, firstPixels, type Tiling } from "#sky/survey";

/** Axis lengths and crop sizes drawn at random, the crop never larger than the axis. */
function* drawnSizes(purpose: string): Generator<{ length: number; cropSize: number }> {
  const random = randomFor(7, purpose);
  for (let draw = 0; draw < 500; draw++) {
    const cropSize = 1 + random.integer(300);
    yield { length: cropSize + random.integer(4000), cropSize };
  }
}

test("the cover tiling leaves no pixel of an axis out and needs every one of its crops", () => {
  for (const { length, cropSize } of drawnSizes("cover")) {
    const starts = firstPixels(length, cropSize, "cover");
    const isCovered = new Uint8Array(length);
    for (const start of starts) isCovered.fill(1, start, start + cropSize);
    assert.ok(
      isCovered.every((flag) => flag === 1),
      `${length} by ${cropSize}`,
    );
    assert.ok((starts.length - 1) * cropSize < length, `${length} by ${cropSize}: one crop fewer would do`);
  }
});

test("the crops of either tiling start and end with the axis, in order, and their overlaps differ by at most one pixel", () => {
  for (const tiling of ["cover", "paper"] as const satisfies readonly Tiling[]) {
    for (const { length, cropSize } of drawnSizes(tiling)) {
      const starts = firstPixels(length, cropSize, tiling);
      if (starts.length === 1) continue;
      const steps = starts.slice(1).map((start, index) => start - starts[index]!);
      assert.equal(starts[0], 0);
      assert.equal(starts.at(-1), length - cropSize);
      assert.ok(Math.min(...steps) > 0);
      assert.ok(Math.max(...steps) - Math.min(...steps) <= 1, `${length} by ${cropSize}: steps ${steps}`);
    }
  }
});

test("the paper's fields of 3457 and 3617 pixels get the numbers of crops that the two rules say", () => {
  // 3457 / 256 = 13.50 and 3617 / 256 = 14.13.
  assert.equal(firstPixels(3457, 256, "paper").length, 14);
  assert.equal(firstPixels(3457, 256, "cover").length, 14);
  assert.equal(firstPixels(3617, 256, "paper").length, 14);
  assert.equal(firstPixels(3617, 256, "cover").length, 15);
  const starts = firstPixels(3457, 256, "paper");
  // Overlap (14 * 256 - 3457) / 13 = 9.77 pixels.
  assert.deepEqual(starts.slice(0, 4), [0, 246, 492, 739]);
  assert.equal(cropPlaces({ height: 3457, width: 3457 }, { cropSize: 256, tiling: "paper" }, "field").length, 196);
});

test("a single crop lies in the middle of an axis that it does not fill", () => {
  assert.deepEqual(firstPixels(12, 10, "paper"), [1]);
  assert.deepEqual(firstPixels(10, 10, "cover"), [0]);
});

test("places run row by row over a field that is not square", () => {
  assert.deepEqual(cropPlaces({ height: 4, width: 5 }, { cropSize: 3, tiling: "cover" }, "field"), [
    { y0: 0, x0: 0 },
    { y0: 0, x0: 2 },
    { y0: 1, x0: 0 },
    { y0: 1, x0: 2 },
  ]);
});

test("a crop larger than the field is refused with both sizes", () => {
  assert.throws(
    () => cropPlaces({ height: 160, width: 174 }, { cropSize: 256, tiling: "cover" }, "small.fits"),
    /^Error: small\.fits: --size: expected 1 to 160 pixels, the shorter side of the field \(160 x 174\), got 256\.$/,
  );
});
