import assert from "node:assert/strict";
import { test } from "node:test";
import { boxOf, gaussianAt, gaussianForm } from "#sky/instrument";

const PIXEL = 1.25 / 3600;
const BEAM = { majorDeg: 9 / 3600, minorDeg: 6 / 3600, positionAngleDeg: 30 };

test("a beam falls to one half at half its FWHM, along its axes and nowhere nearer", () => {
  const form = gaussianForm(BEAM, PIXEL);
  // The major axis points 30 degrees from north to east; east is to the left, where columns fall.
  const [east, north] = [Math.sin(Math.PI / 6), Math.cos(Math.PI / 6)];
  const major = 9 / 1.25 / 2;
  const minor = 6 / 1.25 / 2;
  assert.ok(Math.abs(gaussianAt(form, -east * major, north * major) - 0.5) < 1e-12);
  assert.ok(Math.abs(gaussianAt(form, north * minor, east * minor) - 0.5) < 1e-12);
  assert.ok(gaussianAt(form, east * major, north * major) < 0.4);
  assert.equal(gaussianAt(form, 0, 0), 1);
});

test("a beam's pixels sum to pi a b / (4 ln 2)", () => {
  const form = gaussianForm(BEAM, PIXEL);
  const expected = (Math.PI * (9 / 1.25) * (6 / 1.25)) / (4 * Math.log(2));
  let sum = 0;
  for (let y = -40; y <= 40; y++) for (let x = -40; x <= 40; x++) sum += gaussianAt(form, x + 0.3, y - 0.2);
  assert.ok(Math.abs(sum - expected) < 1e-6 * expected);
});

test("outside its box a beam is below the level, and on the box's sides it reaches the level", () => {
  const form = gaussianForm(BEAM, PIXEL);
  const { halfWidth, halfHeight } = boxOf(form, 1e-3);
  const greatestAt = (x: number) => Math.max(...Array.from({ length: 4001 }, (_, i) => gaussianAt(form, x, (i - 2000) / 200)));
  assert.ok(Math.abs(greatestAt(halfWidth) - 1e-3) < 1e-6);
  assert.ok(gaussianAt(form, 0, halfHeight * 1.01) < 1e-3);
});

test("a beam or pixel without size is refused by its number", () => {
  assert.throws(() => gaussianForm({ ...BEAM, minorDeg: 0 }, PIXEL), {
    name: "RangeError",
    message: "restoring beam: expected axes and pixel above 0 degrees, got 0.",
  });
});
