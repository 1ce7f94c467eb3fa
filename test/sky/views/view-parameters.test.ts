import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { DEFAULT_VIEW_CONFIG, sampleViewParameters, type ViewConfig, type ViewParameters } from "#sky/views";

const NUM_DRAWS = 4000;
const CROP_SIZE = 256;

function drawsOf(view: number, change: Partial<ViewConfig> = {}): ViewParameters[] {
  const config = { ...DEFAULT_VIEW_CONFIG, ...change };
  return Array.from({ length: NUM_DRAWS }, (_, crop) =>
    sampleViewParameters(config, view, CROP_SIZE, randomFor(1, "parameters test", crop, view)),
  );
}

const draws = { global0: drawsOf(0), global1: drawsOf(1), local: drawsOf(5) };
const all = Object.values(draws).flat();

function assertRate(chosen: readonly unknown[], total: number, expected: number): void {
  // Four standard deviations of a binomial count.
  const allowed = 4 * Math.sqrt((expected * (1 - expected)) / total);
  assert.ok(Math.abs(chosen.length / total - expected) <= allowed, `rate ${chosen.length / total}, expected ${expected}`);
}

/** Fails unless values that should be uniform in [low, high) are: their range, mean and variance. */
function assertUniform(values: readonly number[], low: number, high: number): void {
  const width = high - low;
  const scaled = values.map((value) => (value - low) / width);
  assert.ok(scaled.every((value) => value >= 0 && value < 1));
  const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length;
  const square = scaled.reduce((sum, value) => sum + value ** 2, 0) / scaled.length;
  assert.ok(Math.abs(mean - 1 / 2) < 4 * Math.sqrt(1 / 12 / scaled.length), `mean ${mean}`);
  assert.ok(Math.abs(square - 1 / 3) < 4 * Math.sqrt(4 / 45 / scaled.length), `mean square ${square}`);
}

const areaOf = ({ box }: ViewParameters) => ((box.y1 - box.y0) * (box.x1 - box.x0)) / CROP_SIZE ** 2;
const aspectOf = ({ box }: ViewParameters) => (box.x1 - box.x0) / (box.y1 - box.y0);

test("views have the sizes of their kind", () => {
  assert.ok([...draws.global0, ...draws.global1].every(({ viewSize }) => viewSize === 224));
  assert.ok(draws.local.every(({ viewSize }) => viewSize === 96));
});

test("boxes are whole pixels inside the crop, with areas and aspects in their ranges", () => {
  for (const parameters of all) {
    const { y0, x0, y1, x1 } = parameters.box;
    assert.ok([y0, x0, y1, x1].every(Number.isInteger));
    assert.ok(0 <= y0 && y0 < y1 && y1 <= CROP_SIZE && 0 <= x0 && x0 < x1 && x1 <= CROP_SIZE);
    // Half a pixel of rounding on each side of the smallest boxes, about 50 pixels long.
    assert.ok(aspectOf(parameters) > (3 / 4) * 0.98 && aspectOf(parameters) < (4 / 3) * 1.02);
  }
  assert.ok(draws.global0.every((one) => areaOf(one) > 0.395 && areaOf(one) <= 1));
  assert.ok(draws.local.every((one) => areaOf(one) > 0.049 && areaOf(one) < 0.405));
});

test("areas of local views are uniform, their aspects log-uniform, and boxes lie as often near one side as near the other", () => {
  // Local boxes always fit at the first try, so no draw is rejected; rounding moves an area by 1 %.
  const areas = draws.local.map((one) => Math.min(Math.max(areaOf(one), 0.05), 0.3999));
  assertUniform(areas, 0.05, 0.4);
  const aspects = draws.local.map((one) => Math.min(Math.max(Math.log(aspectOf(one)), Math.log(3 / 4)), Math.log(4 / 3) - 1e-9));
  assertUniform(aspects, Math.log(3 / 4), Math.log(4 / 3));
  for (const [start, end] of [["y0", "y1"] as const, ["x0", "x1"] as const]) {
    const places = draws.local.map(({ box }) => box[start] / (CROP_SIZE - (box[end] - box[start]) + 1));
    assert.ok(
      Math.abs(places.reduce((sum, place) => sum + place, 0) / NUM_DRAWS - 0.5) < 4 * Math.sqrt(1 / 12 / NUM_DRAWS) + 0.005,
    );
    assert.ok(draws.local.some(({ box }) => box[start] === 0) && draws.local.some(({ box }) => box[end] === CROP_SIZE));
  }
});

test("half the views are turned, by any angle, and half are flipped, one independent of the other", () => {
  const turned = all.filter(({ rotationDeg }) => rotationDeg !== 0);
  assertRate(turned, all.length, 0.5);
  assertUniform(
    turned.map(({ rotationDeg }) => rotationDeg),
    0,
    360,
  );
  assertRate(
    all.filter(({ isFlipped }) => isFlipped),
    all.length,
    0.5,
  );
  assertRate(
    turned.filter(({ isFlipped }) => isFlipped),
    turned.length,
    0.5,
  );
});

test("the first global view is always blurred, the second one time in ten, a local view every other time", () => {
  const blurred = (list: readonly ViewParameters[]) => list.filter(({ blurSigma }) => blurSigma !== 0);
  assert.equal(blurred(draws.global0).length, NUM_DRAWS);
  assertRate(blurred(draws.global1), NUM_DRAWS, 0.1);
  assertRate(blurred(draws.local), NUM_DRAWS, 0.5);
  assertUniform(
    blurred(all).map(({ blurSigma }) => blurSigma),
    0.1,
    2,
  );
});

test("half the views have a power law, its exponent log-uniform from a third to three", () => {
  const bent = all.filter(({ powerLawExponent }) => powerLawExponent !== 1);
  assertRate(bent, all.length, 0.5);
  assertUniform(
    bent.map(({ powerLawExponent }) => Math.log(powerLawExponent)),
    -Math.log(3),
    Math.log(3),
  );
});

test("switching one augmentation off leaves every other draw as it was", () => {
  const off: Partial<ViewConfig>[] = [
    { rotationProbability: 0 },
    { flipProbability: 0 },
    { localBlurProbability: 0 },
    { powerLawProbability: 0 },
  ];
  const identity = { rotationDeg: 0, isFlipped: false, blurSigma: 0, powerLawExponent: 1 };
  const names = ["rotationDeg", "isFlipped", "blurSigma", "powerLawExponent"] as const;
  off.forEach((change, index) => {
    const without = drawsOf(5, change);
    assert.deepEqual(
      without,
      draws.local.map((one) => ({ ...one, [names[index]!]: identity[names[index]!] })),
    );
  });
});

test("where no box of the asked area fits in ten tries, the largest centred box with a fitting aspect is taken", () => {
  const boxesOf = (aspectRatio: readonly [number, number]) =>
    new Set(drawsOf(0, { globalViewArea: [1, 1], aspectRatio }).map(({ box }) => JSON.stringify(box)));
  // torchvision: aspect below the range: full width, height / lowest aspect; above it: full height, width x highest aspect.
  assert.deepEqual([...boxesOf([2, 2])], [JSON.stringify({ y0: 64, x0: 0, y1: 192, x1: 256 })]);
  assert.deepEqual([...boxesOf([0.5, 0.5])], [JSON.stringify({ y0: 0, x0: 64, y1: 256, x1: 192 })]);
  assert.ok(boxesOf([3 / 4, 4 / 3]).has(JSON.stringify({ y0: 0, x0: 0, y1: 256, x1: 256 })));
});
