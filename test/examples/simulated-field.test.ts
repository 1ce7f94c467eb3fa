import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../real-data.ts";

test("examples/simulated-field measures the field that its seed makes", () => {
  const run = (seed: string) =>
    spawnSync(process.execPath, [join(projectRoot, "dist", "examples", "simulated-field.js"), seed], { encoding: "utf8" });
  const { status, stdout, stderr } = run("3");
  assert.equal(status, 0, stderr);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 5);
  assert.equal(lines[0], "SIM_3_00: 448 x 448 pixels, simulated from seed 3");
  const [, low, median, high] = /2nd percentile (\S+) uJy\/beam, median (\S+) uJy\/beam, 98th percentile (\S+) uJy\/beam/.exec(
    lines[3]!,
  )!;
  assert.ok(Number(low) < 0 && Number(median) > Number(low) && Number(high) > 5 * Number(median));
  assert.notEqual(run("4").stdout, stdout);
});
