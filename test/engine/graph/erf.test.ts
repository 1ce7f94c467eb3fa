// The error function against published values.
import assert from "node:assert/strict";
import { test } from "node:test";
import { erf } from "#engine/graph";
import { evaluated, hostTensor } from "../host-tensors.ts";

/** x and erf x, from scipy.special.erf 1.17.1 (float64). */
const VALUES: readonly (readonly [number, number])[] = [
  [1e-300, 1.1283791670955126e-300],
  [1e-10, 1.1283791670955126e-10],
  [0.01, 0.011283415555849616],
  [0.1, 0.1124629160182849],
  [0.5, 0.5204998778130465],
  [0.75, 0.7111556336535151],
  [1.0, 0.8427007929497148],
  [1.5, 0.9661051464753108],
  [1.9999999, 0.9953222629522538],
  [2.0, 0.9953222650189527],
  [2.5, 0.999593047982555],
  [2.75, 0.9998993780778803],
  [3.0, 0.9999779095030014],
  [3.5, 0.9999992569016276],
  [4.0, 0.9999999845827421],
  [5.0, 0.9999999999984626],
  [5.9999, 1.0],
  [6.0, 1.0],
  [30.0, 1.0],
];

test("erf agrees with scipy to 1.2e-15 on both sides of every change of method", () => {
  const points = VALUES.flatMap(([x, value]) => [
    [x, value],
    [-x, -value],
  ]) as readonly (readonly [number, number])[];
  const result = evaluated(
    {
      x: hostTensor(
        [points.length],
        points.map(([x]) => x),
      ),
    },
    ({ x }) => ({ y: erf(x!) }),
  ).get("y")!;
  for (const [index, [x, expected]] of points.entries()) {
    const got = result.data[index]!;
    assert.ok(Math.abs(got - expected) <= 1.2e-15 * Math.abs(expected), `erf(${x}): expected ${expected}, got ${got}`);
  }
});

test("erf of NaN is NaN, of infinity 1 and of 0 exactly 0", () => {
  const feeds = { x: hostTensor([4], [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]) };
  const result = evaluated(feeds, ({ x }) => ({ y: erf(x!) })).get("y")!;
  assert.deepEqual([...result.data], [Number.NaN, 1, -1, 0]);
});
