// The real MiraBest: floors as measured independently, and the published code's leak.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import type { ClassRecord, Interval } from "#learn/tasks";
import { projectRoot, realData } from "../real-data.ts";
import { testFolder } from "../sky/survey/small-fields.ts";

const folder = testFolder();
const program = join(projectRoot, "dist", "apps", "cli", "main.js");
const miraBest = realData("mirabest/MiraBest_F_batches.tar.gz");

function suricate(...args: readonly string[]): unknown {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args, "--json"], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const holds = ([low, high]: Interval, value: number) => low <= value && value <= high;

test("on raw pixels of MiraBest sorted by class the published code's fitting errs by 5 %, the paper's by a third", {
  skip: miraBest.skip,
}, () => {
  const out = join(folder, "mirabest");
  suricate("import", "mirabest", miraBest.path, "--out", out);
  const args = ["--backbone", "pixels-centre-96", "--pca", "100", "--protocol", "both", "--rows", "class", "--seeds", "1"];
  const paper = suricate("evaluate", "fr", out, ...args) as ClassRecord;
  const { audit } = paper;
  // Measured independently with scikit-learn and PyTorch: 0.381 to 0.394 by the paper's fitting, 0.051 by the published code's.
  assert.ok(holds(paper.interval, 0.381) && paper.error > 0.25, `${paper.error} ${paper.interval}`);
  assert.ok(holds(audit!.interval, 0.051) && audit!.error < 0.1, `${audit!.error} ${audit!.interval}`);
  const [majority] = paper.floors;
  // 49 FRI of 104 test sources.
  assert.deepEqual([majority!.backbone, majority!.error.toFixed(3)], ["majority", "0.471"]);
  assert.deepEqual([paper.numTrain, paper.numTest], [729, 104]);
  assert.deepEqual(paper.exclusions, []);
});
