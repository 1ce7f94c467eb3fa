import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import type { Image } from "#base/image";
import { findIslands, litPixels, OVERLAP_CORRELATION, overlapJudge, shiftProposer } from "#sky/survey";

const SIZE = 200;

/** A sky of small bright spots on nothing, wide enough to cut pictures from. */
function sky(seed: number): Image {
  const random = randomFor(seed, "sky");
  const side = 2 * SIZE;
  const pixels = new Float32Array(side * side);
  for (let spot = 0; spot < 250; spot++) {
    const [y, x, flux] = [2 + random.integer(side - 4), 2 + random.integer(side - 4), 100 / (0.02 + random.uniform())];
    for (let dy = -2; dy <= 2; dy++) {
      for (let dx = -2; dx <= 2; dx++) pixels[(y + dy) * side + x + dx]! += Math.round(flux * Math.exp(-(dy * dy + dx * dx) / 3));
    }
  }
  return { height: side, width: side, pixels: pixels.map((value) => (value < 30 ? 0 : value)) };
}

/** A picture cut from a sky, scaled by a gain of its own. */
function picture({ width, pixels }: Image, y0: number, x0: number, gain: number): Image {
  const cut = Float32Array.from({ length: SIZE * SIZE }, (_, index) => {
    return Math.round(gain * pixels[(y0 + Math.floor(index / SIZE)) * width + x0 + (index % SIZE)]!);
  });
  return { height: SIZE, width: SIZE, pixels: cut };
}

function compare(first: Image, second: Image) {
  const shift = shiftProposer(SIZE, SIZE)(findIslands(first, 5), findIslands(second, 5));
  return shift && overlapJudge(litPixels(first))(litPixels(second), shift);
}

test("two pictures of one sky are found with the shift between them and the share that both show, whatever their scaling", () => {
  const whole = sky(1);
  for (const [dy, dx] of [
    [0, 0],
    [40, -70],
    [-90, 10],
    [110, 60],
  ] as const) {
    const overlap = compare(picture(whole, 110, 90, 1), picture(whole, 110 - dy, 90 - dx, 3.7))!;
    assert.deepEqual([overlap.dy, overlap.dx], [dy, dx]);
    assert.ok(overlap.correlation > 0.95, `correlation ${overlap.correlation}`);
    assert.equal(overlap.sharedArea, ((SIZE - Math.abs(dy)) * (SIZE - Math.abs(dx))) / SIZE ** 2);
  }
});

test("pictures of different skies are never called overlapping", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const overlap = compare(picture(sky(seed), 100, 100, 1), picture(sky(seed + 100), 100, 100, 1));
    assert.ok((overlap?.correlation ?? 0) < OVERLAP_CORRELATION / 2, `seed ${seed}: ${overlap?.correlation}`);
  }
});

test("the correlation over the shared rectangle is Pearson's, zeros included", () => {
  const first: Image = { height: 3, width: 3, pixels: Float32Array.of(0, 0, 0, 0, 5, 0, 0, 2, 9) };
  const second: Image = { height: 3, width: 3, pixels: Float32Array.of(4, 0, 0, 3, 8, 0, 0, 0, 1) };
  const best = overlapJudge(litPixels(first))(litPixels(second), { dy: -1, dx: -1 });
  // Best at the proposed shift: [5, 0; 2, 9] on [4, 0; 3, 8].
  const [a, b] = [[5, 0, 2, 9].map(Math.log1p), [4, 0, 3, 8].map(Math.log1p)];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const covariance = (p: readonly number[], q: readonly number[]) =>
    mean(p.map((value, index) => (value - mean(p)) * (q[index]! - mean(q))));
  assert.deepEqual([best.dy, best.dx, best.sharedArea], [-1, -1, 4 / 9]);
  assert.ok(Math.abs(best.correlation - covariance(a!, b!) / Math.sqrt(covariance(a!, a!) * covariance(b!, b!))) < 1e-6);
});
