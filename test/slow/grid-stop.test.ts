// suricate grid stopped by a signal and by a killed cell: what is done stays, and the same command goes on.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { formatYaml } from "#base/yaml";
import { readRun } from "#learn/runs/disk";
import { startSuricate, suricateProcess } from "../apps/cli/suricate.ts";
import { TINY_SETTINGS, writeSyntheticCrops } from "../learn/dino/training-case.ts";

let folder = "";
const at = (...names: readonly string[]) => join(folder, ...names);
const grid = (out: string) => [
  "grid",
  "crops",
  "--config",
  "settings.yaml",
  "--over",
  "seed=0,1",
  "--threads",
  "1",
  "--out",
  out,
];

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "suricate-grid-stop-"));
  await writeSyntheticCrops(at("crops"), 24);
  writeFileSync(at("settings.yaml"), formatYaml({ ...TINY_SETTINGS, numEpochs: 60, checkpoints: { everyEpochs: 20 } }));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Waits until a cell has taken so many steps. */
async function untilSteps(run: string, numSteps: number): Promise<void> {
  const file = at(run, "metrics.jsonl");
  for (let wait = 0; wait < 600; wait++) {
    if (existsSync(file) && readFileSync(file, "utf8").split("\n").length > numSteps) return;
    await sleep(50);
  }
  assert.fail(`${run} took no ${numSteps} steps in 30 s`);
}

test("a grid that is asked to stop leaves its cell with a checkpoint, and ends in the same table as one that never stopped", async () => {
  const started = startSuricate(folder, ...grid("stopped"));
  await untilSteps("stopped/cells/seed=0/run", 5);
  started.child.kill("SIGTERM");
  const { code, stderr } = await started.ended;
  assert.equal(code, 143, stderr);
  const { metrics, checkpoints } = readRun(at("stopped/cells/seed=0/run"));
  assert.ok(metrics.length >= 5 && checkpoints.length > 0);
  assert.ok(!existsSync(at("stopped/cells/seed=0/cell.json")));
  assert.ok(!existsSync(at("stopped/cells/seed=1")));
  // No process of the cell is left behind that goes on writing.
  await sleep(1000);
  assert.equal(readRun(at("stopped/cells/seed=0/run")).metrics.length, metrics.length);

  assert.equal(suricateProcess(folder, ...grid("stopped")).status, 0);
  assert.equal(suricateProcess(folder, ...grid("whole")).status, 0);
  assert.equal(readFileSync(at("stopped/grid.csv"), "utf8"), readFileSync(at("whole/grid.csv"), "utf8"));
});

test("a cell whose process is killed is recorded with how it ended, the others go on, and --retry mends it", async () => {
  const started = startSuricate(folder, ...grid("killed"));
  await untilSteps("killed/cells/seed=0/run", 5);
  const { pid } = started.child;
  const [cell] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  process.kill(cell!, "SIGKILL");
  const { code, stderr } = await started.ended;
  assert.equal(code, 0, stderr);
  const record = JSON.parse(readFileSync(at("killed/cells/seed=0/cell.json"), "utf8")) as { readonly error: string };
  assert.equal(record.error, "its process ended with signal SIGKILL. Its last words are in killed/cells/seed=0/log.txt.");
  assert.match(stderr, /2 of 2 cells are done, 1 of them failed/);
  const again = suricateProcess(folder, ...grid("killed"), "--retry");
  assert.match(again.stderr, /^2 cells, 1 of them done before; 1 at a time\.\n/);
  assert.match(again.stderr, /2 of 2 cells are done: /);
});
