// bench pca, tsne and neighbours with both sides at a small size: what is timed must be the same work.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseNpy } from "#base/files";
import { readBytes } from "#base/files/disk";
import { assertAgreement, exploringContestants } from "../../bench/exploring.ts";
import { takeTurns } from "../../bench/harness.ts";
import { pythonSkip } from "../python.ts";
import { testFolder } from "../sky/survey/small-fields.ts";

const skip = pythonSkip(["numpy", "sklearn"]);
const folder = testFolder();

for (const { name, value, tolerance } of [
  { name: "pca", value: "explainedVariance", tolerance: 1e-3 },
  { name: "neighbours", value: "meanDistance", tolerance: 1e-4 },
] as const) {
  test(`both sides of bench ${name} find the same`, { skip }, async () => {
    const place = join(folder, name);
    mkdirSync(place);
    const timings = await takeTurns(exploringContestants(name, place, { numRows: 3000, numColumns: 300, k: 10 }), { turns: 1 });
    assert.ok(timings[0]!.values[value]! > 0);
    assertAgreement(timings, value, tolerance);
  });
}

test("both sides of bench tsne leave a point for every row", { skip }, async () => {
  const place = join(folder, "tsne");
  mkdirSync(place);
  await takeTurns(exploringContestants("tsne", place, { numRows: 400, numColumns: 10, k: 30 }), { turns: 1 });
  for (const side of ["suricate", "peer"]) {
    const { shape, data } = parseNpy(readBytes(join(place, `${side}.npy`)), side);
    assert.deepEqual(shape, [400, 2]);
    assert.ok(new Set(data as Float64Array).size > 700);
  }
});

test("sides that disagree are not compared", () => {
  const side = (variance: number) => ({ name: "one", seconds: [1], median: 1, peakBytes: 1, values: { variance } });
  const timings = [side(1), side(2)] as unknown as Parameters<typeof assertAgreement>[0];
  assert.throws(() => assertAgreement(timings, "variance", 1e-3), {
    message: "bench: variance: expected 2 as the peer, got 1.",
  });
});
