import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { beamNoise, gaussianForm } from "#sky/instrument";

const SIDE = 512;
const FORM = gaussianForm({ majorDeg: 9 / 3600, minorDeg: 6 / 3600, positionAngleDeg: 60 }, 1.5 / 3600);
const NOISE = beamNoise(FORM, { height: SIDE, width: SIDE }, randomFor(3, "test noise"));

/** Mean of noise(x, y) noise(x + dx, y + dy). */
function autocovariance(dx: number, dy: number): number {
  let sum = 0;
  let count = 0;
  for (let y = Math.max(0, -dy); y < SIDE - Math.max(0, dy); y++) {
    for (let x = Math.max(0, -dx); x < SIDE - Math.max(0, dx); x++) {
      sum += NOISE[y * SIDE + x]! * NOISE[(y + dy) * SIDE + x + dx]!;
      count += 1;
    }
  }
  return sum / count;
}

// About 10,000 independent beams lie in the image: its variance scatters by about 1.5 %.
const TOLERANCE = 0.05;

test("beam noise has rms 1, mean 0 and the kurtosis of a Gaussian", () => {
  const mean = NOISE.reduce((sum, value) => sum + value, 0) / NOISE.length;
  const fourth = NOISE.reduce((sum, value) => sum + value ** 4, 0) / NOISE.length;
  const variance = autocovariance(0, 0);
  assert.ok(Math.abs(mean) < TOLERANCE);
  assert.ok(Math.abs(variance - 1) < TOLERANCE);
  assert.ok(Math.abs(fourth / variance ** 2 - 3) < 0.15);
});

test("the autocorrelation of beam noise is the beam, wider along its major axis", () => {
  // exp(-4 ln 2 r^2 / FWHM^2) along each axis, written out: axes 6 and 4 pixels, the major one 60 degrees from north to east.
  const beamAt = (dx: number, dy: number) => {
    const along = -dx * Math.sin(Math.PI / 3) + dy * Math.cos(Math.PI / 3);
    const across = dx * Math.cos(Math.PI / 3) + dy * Math.sin(Math.PI / 3);
    return Math.exp(-4 * Math.log(2) * ((along / 6) ** 2 + (across / 4) ** 2));
  };
  for (const [dx, dy] of [
    [1, 0],
    [2, 0],
    [0, 2],
    [3, -2],
    [3, 2],
    [-5, 3],
    [12, 12],
  ] as const) {
    assert.ok(Math.abs(autocovariance(dx, dy) - beamAt(dx, dy)) < TOLERANCE, `lag ${dx}, ${dy}`);
  }
  assert.ok(autocovariance(-3, 2) > autocovariance(3, 2) + 0.2);
});

test("beam noise is as loud on the image's edges as in its middle", () => {
  let squares = 0;
  for (let x = 0; x < SIDE; x++)
    for (const y of [0, 1, SIDE - 2, SIDE - 1]) squares += NOISE[y * SIDE + x]! ** 2 + NOISE[x * SIDE + y]! ** 2;
  assert.ok(Math.abs(squares / (8 * SIDE) - 1) < 0.15);
});

test("the same random source gives the same noise", () => {
  const again = beamNoise(FORM, { height: SIDE, width: SIDE }, randomFor(3, "test noise"));
  assert.deepEqual(again, NOISE);
  assert.notDeepEqual(beamNoise(FORM, { height: SIDE, width: SIDE }, randomFor(4, "test noise")), NOISE);
});
