import assert from "node:assert/strict";
import { test } from "node:test";
import type { Image } from "#base/image";
import { cropCutter } from "#sky/survey";

/** A field whose pixel (y, x) has the value 10 y + x. */
function ramp(height: number, width: number): Image {
  return {
    height,
    width,
    pixels: Float32Array.from({ length: height * width }, (_, index) => 10 * Math.floor(index / width) + (index % width)),
  };
}

function withHoles(field: Image, ...holes: readonly (readonly [y: number, x: number])[]): Image {
  const pixels = field.pixels.slice();
  for (const [y, x] of holes) pixels[y * field.width + x] = Number.NaN;
  return { ...field, pixels };
}

const PLAIN = { cropSize: 2, margin: 0, maxNanFraction: 0 };

test("a crop holds the field's own values, unscaled", () => {
  const cut = cropCutter(PLAIN)(ramp(4, 5), { y0: 1, x0: 3 });
  assert.deepEqual(cut, { pixels: Float32Array.of(13, 14, 23, 24), numFilled: 0 });
});

test("a crop with its margin inside the field holds the field's own values", () => {
  const cut = cropCutter({ ...PLAIN, margin: 1 })(ramp(4, 5), { y0: 1, x0: 1 });
  assert.deepEqual(Array.from(cut!.pixels), [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33]);
});

test("a margin that leaves the field mirrors it at the edge", () => {
  const cut = cropCutter({ ...PLAIN, margin: 2 })(ramp(4, 5), { y0: 0, x0: 3 });
  // numpy.pad(field, 2, mode="symmetric")[0:6, 3:9] with field = 10 y + x.
  assert.deepEqual(
    Array.from(cut!.pixels),
    [
      [11, 12, 13, 14, 14, 13],
      [1, 2, 3, 4, 4, 3],
      [1, 2, 3, 4, 4, 3],
      [11, 12, 13, 14, 14, 13],
      [21, 22, 23, 24, 24, 23],
      [31, 32, 33, 34, 34, 33],
    ].flat(),
  );
});

test("a margin wider than the field folds back as often as it takes", () => {
  const cut = cropCutter({ cropSize: 1, margin: 3, maxNanFraction: 0 })(ramp(1, 1), { y0: 0, x0: 0 });
  assert.deepEqual(cut!.pixels, new Float32Array(49));
});

test("one NaN or infinity rejects a crop, one in its margin alone does not", () => {
  const cut = cropCutter({ ...PLAIN, margin: 1 });
  assert.equal(cut(withHoles(ramp(4, 5), [1, 1]), { y0: 1, x0: 1 }), undefined);
  const infinite = ramp(4, 5);
  infinite.pixels[2 * 5 + 2] = -Infinity;
  assert.equal(cut(infinite, { y0: 1, x0: 1 }), undefined);
  assert.notEqual(cut(withHoles(ramp(4, 5), [0, 0]), { y0: 1, x0: 1 }), undefined);
});

test("a margin pixel without a value takes that of its mirror image in the crop", () => {
  const cut = cropCutter({ ...PLAIN, margin: 1 })(withHoles(ramp(4, 5), [0, 0], [0, 2], [3, 3]), { y0: 1, x0: 1 });
  assert.deepEqual(Array.from(cut!.pixels), [11, 1, 12, 3, 10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 22]);
  assert.equal(cut!.numFilled, 0);
});

test("crop pixels without a value become 0 and are counted where a NaN fraction is allowed, and their mirror images with them", () => {
  const field = withHoles(ramp(4, 5), [1, 1], [0, 0]);
  const cut = cropCutter({ cropSize: 2, margin: 1, maxNanFraction: 0.25 })(field, { y0: 1, x0: 1 });
  assert.deepEqual(Array.from(cut!.pixels).slice(0, 8), [0, 1, 2, 3, 10, 0, 12, 13]);
  assert.equal(cut!.numFilled, 1);
  assert.equal(cropCutter({ cropSize: 2, margin: 1, maxNanFraction: 0.24 })(field, { y0: 1, x0: 1 }), undefined);
});

test("a NaN is found wherever in a crop it lies", () => {
  for (const cropSize of [1, 2, 3, 4, 5, 6, 7]) {
    for (let hole = 0; hole < cropSize * cropSize; hole++) {
      const field = withHoles(ramp(8, 8), [Math.floor(hole / cropSize), hole % cropSize]);
      assert.equal(cropCutter({ ...PLAIN, cropSize })(field, { y0: 0, x0: 0 }), undefined, `size ${cropSize}, hole ${hole}`);
    }
  }
});
