import assert from "node:assert/strict";
import { test } from "node:test";
import { gaussianForm } from "#sky/instrument";
import { paintSource, type TrueSource } from "#sky/simulator";

const PIXEL = 1.5 / 3600;
const BEAM = gaussianForm({ majorDeg: 8 / 3600, minorDeg: 7 / 3600, positionAngleDeg: 40 }, PIXEL);
// pi a b / (4 ln 2), in pixels.
const BEAM_PIXELS = (Math.PI * (8 / 1.5) * (7 / 1.5)) / (4 * Math.log(2));
const POINT: TrueSource = {
  id: "P0",
  kind: "point",
  x: 40,
  y: 40,
  fluxJy: 3e-4,
  separationDeg: null,
  lobeDeg: null,
  positionAngleDeg: null,
};

function painted(source: TrueSource) {
  const canvas = { height: 101, width: 91, pixels: new Float32Array(101 * 91) };
  paintSource(canvas, source, BEAM, PIXEL);
  return canvas;
}

function sumOf(pixels: Float32Array): number {
  return pixels.reduce((sum, value) => sum + value, 0);
}

test("the peak of a point source on a pixel's centre is its flux density", () => {
  const { pixels, width } = painted(POINT);
  assert.ok(Math.abs(pixels[40 * width + 40]! / 3e-4 - 1) < 1e-3);
  assert.equal(Math.max(...pixels), pixels[40 * width + 40]);
});

test("a point source keeps its flux density wherever inside a pixel it lies", () => {
  for (const [x, y] of [
    [40.5, 40],
    [40.25, 39.7],
    [39.5, 60.5],
  ] as const) {
    assert.ok(Math.abs(sumOf(painted({ ...POINT, x, y }).pixels) / BEAM_PIXELS / 3e-4 - 1) < 1e-3);
  }
});

test("the first moments of a painted source are its exact position", () => {
  const { pixels, width } = painted({ ...POINT, x: 40.3, y: 52.85 });
  let [sumX, sumY] = [0, 0];
  pixels.forEach((value, index) => {
    sumX += value * (index % width);
    sumY += value * Math.floor(index / width);
  });
  assert.ok(Math.abs(sumX / sumOf(pixels) - 40.3) < 1e-3);
  assert.ok(Math.abs(sumY / sumOf(pixels) - 52.85) < 1e-3);
});

test("a source half outside the image is painted as far as the image goes", () => {
  const canvas = painted({ ...POINT, x: -0.5, y: 50 });
  assert.ok(Math.abs(sumOf(canvas.pixels) / BEAM_PIXELS / 3e-4 - 0.5) < 0.01);
});

test("a double keeps its flux density in two lobes, east and west where its angle is 90 degrees", () => {
  const double: TrueSource = {
    ...POINT,
    kind: "double",
    separationDeg: 30 / 3600,
    lobeDeg: 9 / 3600,
    positionAngleDeg: 90,
    x: 45,
    y: 50,
  };
  const { pixels, width } = painted(double);
  assert.ok(Math.abs(sumOf(pixels) / BEAM_PIXELS / 3e-4 - 1) < 1e-3);
  // 30" are 20 pixels: lobes 10 pixels left and right of the middle, which is fainter.
  const at = (x: number) => pixels[50 * width + x]!;
  assert.ok(at(35) > 5 * at(45) && at(55) > 5 * at(45));
  assert.ok(at(35) < 1.5e-4, "a lobe is broader than the beam, so its peak is below its flux density");
});
