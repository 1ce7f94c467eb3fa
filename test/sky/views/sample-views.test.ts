import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { type CropPixels, DEFAULT_VIEW_CONFIG, renderView, sampleViewParameters, sampleViews, stretchCrop } from "#sky/views";

const config = { ...DEFAULT_VIEW_CONFIG, globalViewSize: 24, numLocalViews: 3, localViewSize: 10 };

function noiseCrop(index: number): CropPixels {
  const random = randomFor(1, "sample test");
  const pixels = Float32Array.from({ length: 46 * 46 }, () => random.normal());
  return { id: `crop ${index}`, index, pixels, size: 46, cropSize: 32, lowFlux: -2, highFlux: 3 };
}

const draw = { seed: 1, epoch: 0 };

test("the same seed, epoch and crop give the same bytes, and the crop is not changed", () => {
  const crop = noiseCrop(3);
  const before = crop.pixels.slice();
  assert.deepEqual(sampleViews(crop, config, draw), sampleViews(noiseCrop(3), config, draw));
  assert.deepEqual(crop.pixels, before);
});

test("another seed, epoch or crop index gives other views", () => {
  const views = sampleViews(noiseCrop(3), config, draw);
  const others = [
    sampleViews(noiseCrop(3), config, { ...draw, seed: 2 }),
    sampleViews(noiseCrop(3), config, { ...draw, epoch: 1 }),
    sampleViews(noiseCrop(4), config, draw),
  ];
  for (const other of others) {
    assert.notDeepEqual(other.globalViews, views.globalViews);
    assert.notDeepEqual(other.localViews, views.localViews);
  }
});

test("view v is rendered from the draws of (seed, epoch, crop, v), global views first", () => {
  const crop = noiseCrop(3);
  const { globalViews, localViews } = sampleViews(crop, config, { seed: 7, epoch: 2 });
  assert.equal(globalViews.length, 2 * 24 * 24);
  assert.equal(localViews.length, 3 * 10 * 10);
  const expected = Array.from({ length: 5 }, (_, view) => {
    const parameters = sampleViewParameters(config, view, 32, randomFor(7, "views", 2, 3, view));
    return [...renderView(stretchCrop(crop), parameters).pixels];
  });
  assert.deepEqual([...globalViews, ...localViews], expected.flat());
});

test("more local views leave the first ones as they were", () => {
  const few = sampleViews(noiseCrop(3), config, draw);
  const many = sampleViews(noiseCrop(3), { ...config, numLocalViews: 6 }, draw);
  assert.deepEqual(many.globalViews, few.globalViews);
  assert.deepEqual(many.localViews.subarray(0, few.localViews.length), few.localViews);
  assert.equal(sampleViews(noiseCrop(3), { ...config, numLocalViews: 0 }, draw).localViews.length, 0);
});
