import assert from "node:assert/strict";
import { test } from "node:test";
import { primaryBeamPower } from "#sky/instrument";

test("the primary beam at 1.28 GHz has the powers that MeerKAT's cosine taper is tabulated with", () => {
  // Offsets in degrees and powers computed from Obit's constants: x = 1.18896 rho / (57.5' x 1.5 / 1.28).
  const table = [
    [0, 1],
    [0.1, 0.979],
    [0.2, 0.919],
    [0.3, 0.826],
    [0.4, 0.709],
    [0.5, 0.581],
    [0.5614, 0.5],
    [0.6, 0.451],
    [0.7, 0.33],
    [0.8, 0.225],
    [0.849, 0.181],
  ] as const;
  const fwhmDeg = (57.5 * (1.5 / 1.28)) / 60;
  for (const [offset, power] of table)
    assert.ok(Math.abs(primaryBeamPower(offset, fwhmDeg) - power) < 1e-3, `at ${offset} degrees`);
});

test("the primary beam is smooth where its formula is 0 / 0", () => {
  const singular = 0.5 / 1.1889647809329453;
  const near = (primaryBeamPower(singular - 1e-4, 1) + primaryBeamPower(singular + 1e-4, 1)) / 2;
  assert.ok(Math.abs(primaryBeamPower(singular, 1) - near) < 1e-6);
  assert.ok(Math.abs(near - (Math.PI / 4) ** 2) < 1e-6);
});
