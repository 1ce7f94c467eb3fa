// Sources in the crops of 20 simulated fields: as many, as spread and as thinned outwards as MGCLS's (simulator specification, test 12).
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../bench/credibility.js", import.meta.url));

test("crops of 20 fields of all data qualities have 27 to 38 sources, a spread of 9 to 15, three to five times as many in the middle as in corners, and 1 to 4 % more than 60", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "--fields", "20", "--json"], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const { crops } = JSON.parse(stdout);
  assert.equal(crops.crops, 20 * 196);
  for (const name of ["mean", "deviation", "middleOverCorner", "shareOfManySources"]) {
    const { value, accepted } = crops[name];
    assert.ok(value >= accepted[0] && value <= accepted[1], `${name}: ${value}, expected ${accepted}`);
  }
});
