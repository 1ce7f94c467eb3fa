// Crops as regions, and angles between positions, against known ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCropRegions, skySeparationDeg } from "#sky/survey";
import { cropRecord } from "../../learn/crop-sets.ts";

test("a crop with corners is a polygon, one with a centre a cross, and one without a position is left out", () => {
  const records = [
    cropRecord({ id: "a{1}", raDeg: 10, decDeg: -5, cornersRaDeg: [11, 9, 9, 11], cornersDecDeg: [-6, -6, -4, -4] }),
    cropRecord({ id: "b", raDeg: 0.25, decDeg: 1 }),
    cropRecord({ id: "nowhere" }),
  ];
  assert.equal(
    formatCropRegions(records, ({ id }, index) => `${index + 1} ${id}`),
    [
      "# Region file format: DS9 version 4.1",
      "global color=green width=1",
      "icrs",
      "polygon(11,-6,9,-6,9,-4,11,-4) # text={1 a 1 }",
      "point(0.25,1) # point=cross text={2 b}",
      "",
    ].join("\n"),
  );
});

test("angles on the sky are right at the pole, across 0 h, and for a thousandth of an arcsecond", () => {
  const angle = (a: readonly [number, number], b: readonly [number, number]) =>
    skySeparationDeg({ raDeg: a[0], decDeg: a[1] }, { raDeg: b[0], decDeg: b[1] });
  assert.ok(Math.abs(angle([0, 89], [180, 89]) - 2) < 1e-12);
  assert.ok(Math.abs(angle([359.5, 0], [0.5, 0]) - 1) < 1e-12);
  assert.ok(Math.abs(angle([10, -30], [10, -30 + 1e-3 / 3600]) * 3600e3 - 1) < 1e-6);
  assert.ok(Math.abs(angle([0, 0], [90, 45]) - 90) < 1e-12);
});
