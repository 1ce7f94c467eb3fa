// The laws of stochastic depth's draws.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleDropPathScales } from "#learn/dino";

const draw = { seed: 1, epoch: 3, cropIndices: [5, 8, 13], firstView: 0, numViews: 4, depth: 3, dropPathRate: 0.2 };

/** The scales of one image, branch by branch. */
function imageScales(options: typeof draw, view: number, position: number): number[] {
  const { data } = sampleDropPathScales(options);
  const numImages = options.numViews * options.cropIndices.length;
  return Array.from(
    { length: 2 * options.depth },
    (_, branch) => data[branch * numImages + view * options.cropIndices.length + position]!,
  );
}

test("a branch is dropped at its block's rate, which grows from nothing, and what is kept is scaled up to the same mean", () => {
  const cropIndices = Array.from({ length: 5000 }, (_, index) => index);
  const { shape, data } = sampleDropPathScales({ ...draw, cropIndices, numViews: 1 });
  assert.deepEqual(shape, [6, 5000]);
  for (const [branch, rate] of [0, 0, 0.1, 0.1, 0.2, 0.2].entries()) {
    const scales = data.subarray(branch * 5000, (branch + 1) * 5000);
    const dropped = scales.filter((scale) => scale === 0).length / 5000;
    // Four sigma of a fraction of 5000 draws at 0.2 is 0.023.
    assert.ok(Math.abs(dropped - rate) < 0.023, `branch ${branch}: expected a share of ${rate}, got ${dropped}`);
    assert.ok(scales.every((scale) => scale === 0 || Math.abs(scale - 1 / (1 - rate)) < 1e-6));
  }
});

test("an image's draws belong to its crop and view, whatever the rest of the batch", () => {
  const alone = { ...draw, cropIndices: [8], firstView: 2, numViews: 1 };
  assert.deepEqual(imageScales(alone, 0, 0), imageScales(draw, 2, 1));
});

test("another seed, epoch, crop or view brings other draws", () => {
  const many = { ...draw, depth: 40, dropPathRate: 0.5 };
  const first = imageScales(many, 0, 0);
  const others = [
    imageScales({ ...many, seed: 2 }, 0, 0),
    imageScales({ ...many, epoch: 4 }, 0, 0),
    imageScales(many, 0, 1),
    imageScales(many, 1, 0),
  ];
  for (const other of others) assert.notDeepEqual(other, first);
});

test("a rate of zero drops nothing, and a single block is never dropped", () => {
  assert.ok(sampleDropPathScales({ ...draw, dropPathRate: 0 }).data.every((scale) => scale === 1));
  assert.ok(sampleDropPathScales({ ...draw, depth: 1, dropPathRate: 0.9 }).data.every((scale) => scale === 1));
});
