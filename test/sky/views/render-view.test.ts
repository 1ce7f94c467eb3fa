import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { parseSafetensors } from "#base/files";
import { type CropPixels, renderView, stretchCrop, type ViewParameters } from "#sky/views";
import { casesIn, imageFrom, largestDifference } from "../../base/image/image-cases.ts";
import { projectRoot } from "../../real-data.ts";
import { type ViewCase, viewOf } from "./view-cases.ts";

/** Noise from -1 to 2 in flux, stretched from 0 to 1: a third of the pixels on either side are clipped. */
function noiseCrop(size: number, cropSize: number): CropPixels {
  const random = randomFor(1, "render test", size);
  const pixels = Float32Array.from({ length: size * size }, () => random.uniformBetween(-1, 2));
  return { id: "noise", index: 0, pixels, size, cropSize, lowFlux: 0, highFlux: 1 };
}

const plain: ViewParameters = {
  viewSize: 20,
  rotationDeg: 0,
  box: { y0: 0, x0: 0, y1: 20, x1: 20 },
  isFlipped: false,
  blurSigma: 0,
  powerLawExponent: 1,
};

test("a view with given parameters equals PIL's and scipy's: turned, cut out, resized, flipped, blurred, clipped, bent", () => {
  const fixture = parseSafetensors(readFileSync(join(projectRoot, "test", "fixtures", "views", "views.safetensors")));
  const cases = casesIn<ViewCase>(fixture);
  assert.equal(cases.length, 8);
  for (const one of cases) {
    const view = viewOf(one, fixture.tensors);
    const difference = largestDifference(view, imageFrom(fixture.tensors, one.name));
    // A unit in the last place of 1 before the power law; below 0.01 the exponent 0.6 makes it ten times larger.
    assert.ok(difference < 2e-6, `${one.name}: differs by up to ${difference}`);
    assert.ok(Math.max(...view.pixels) - Math.min(...view.pixels) > 0.1);
  }
});

test("the whole crop at its own size, without augmentation, is the stretched crop without its margin", () => {
  const crop = noiseCrop(30, 20);
  const view = renderView(stretchCrop(crop), plain);
  view.pixels.forEach((value, index) => {
    const stored = crop.pixels[(5 + Math.floor(index / 20)) * 30 + 5 + (index % 20)]!;
    assert.equal(value, Math.fround(Math.min(Math.max(stored, 0), 1)));
  });
});

test("a quarter turn of the crop is a quarter turn of the view", () => {
  const stretched = stretchCrop(noiseCrop(30, 20));
  const upright = renderView(stretched, plain);
  const turned = renderView(stretched, { ...plain, rotationDeg: 90 });
  turned.pixels.forEach((value, index) => {
    // Counter-clockwise: row r, column c comes from row c, column n - 1 - r.
    assert.equal(value, upright.pixels[(index % 20) * 20 + 19 - Math.floor(index / 20)]);
  });
});

test("a turned crop takes its corners from the margin", () => {
  // Only the margin is bright: a 45 degree turn must bring it into the crop's corners, and nowhere else.
  const size = 46;
  const pixels = new Float32Array(size * size).fill(1);
  for (let row = 7; row < 39; row++) pixels.fill(0, row * size + 7, row * size + 39);
  const stretched = stretchCrop({ id: "frame", index: 0, pixels, size, cropSize: 32, lowFlux: 0, highFlux: 1 });
  const parameters = { ...plain, viewSize: 32, box: { y0: 0, x0: 0, y1: 32, x1: 32 } };
  assert.ok(renderView(stretched, parameters).pixels.every((value) => value === 0));
  const turned = renderView(stretched, { ...parameters, rotationDeg: 45 }).pixels;
  for (const corner of [0, 31, 31 * 32, 32 * 32 - 1]) assert.equal(turned[corner], 1);
  assert.equal(turned[16 * 32 + 16], 0);
});

test("views stay in [0, 1] although bicubic resampling overshoots", () => {
  const stretched = stretchCrop(noiseCrop(20, 20));
  for (const powerLawExponent of [1, 1 / 3, 3]) {
    const { pixels } = renderView(stretched, { ...plain, viewSize: 50, powerLawExponent });
    assert.ok(pixels.every((value) => value >= 0 && value <= 1));
    assert.ok(pixels.includes(0) && pixels.includes(1));
  }
});

test("a power law raises each value of the view to its exponent", () => {
  const stretched = stretchCrop(noiseCrop(20, 20));
  const before = renderView(stretched, plain).pixels;
  for (const powerLawExponent of [1 / 3, 0.8, 3]) {
    renderView(stretched, { ...plain, powerLawExponent }).pixels.forEach((value, index) => {
      assert.ok(Math.abs(value - before[index]! ** powerLawExponent) < 1e-7);
    });
  }
});

test("a crop that cannot be used is refused by name", () => {
  const crop = noiseCrop(4, 4);
  const cases: readonly { readonly change: Partial<CropPixels>; readonly message: string }[] = [
    { change: { size: 5 }, message: 'views: crop "noise": expected 25 pixels for 5 x 5, got 16.' },
    { change: { cropSize: 6 }, message: 'views: crop "noise": expected a crop size of 1 to 4 whole pixels, got 6.' },
    {
      change: { lowFlux: 1 },
      message: 'views: crop "noise": expected lowFlux below highFlux, got 1 and 1. Prepare the set again with wider percentiles.',
    },
    {
      change: { pixels: new Float32Array(16).fill(Number.NaN, 3, 5) },
      message: 'views: crop "noise": expected no NaN, got 2 NaN pixels. Prepare the set again without it.',
    },
  ];
  for (const { change, message } of cases)
    assert.throws(() => stretchCrop({ ...crop, ...change }), { name: "RangeError", message });
});
