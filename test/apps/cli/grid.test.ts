// suricate grid: the cells of lists, what stays of a failure, what is not done again, and the table.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { formatYaml } from "#base/yaml";
import { readRun } from "#learn/runs/disk";
import { gridCsv, gridRows, seedSummaries } from "../../../apps/cli/grid/grid-table.ts";
import { cellName, gridCells, parseAxis } from "../../../apps/cli/grid/over.ts";
import { TINY_SETTINGS, tinyConfig, writeSyntheticCrops } from "../../learn/dino/training-case.ts";
import { suricate, suricateProcess } from "./suricate.ts";

let folder = "";
const at = (name: string) => join(folder, name);
const grid = (...args: readonly string[]) => suricate(folder, "grid", ...args);
const tiny = ["counted", "--config", "tiny.yaml", "--set", "numEpochs=1", "--threads", "1", "--view-threads", "0"];

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "suricate-grid-"));
  await writeSyntheticCrops(at("counted"), 26, { testRows: [0, 7] });
  writeFileSync(at("tiny.yaml"), formatYaml(TINY_SETTINGS));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("a list of values keeps commas inside brackets and quotes together", () => {
  const config = tinyConfig();
  assert.deepEqual(parseAxis("views.localViewArea=[0.05, 0.4],[0.2,0.5]", config), {
    key: "views.localViewArea",
    values: ["[0.05, 0.4]", "[0.2,0.5]"],
  });
  assert.deepEqual(parseAxis("optimiser=adamw,'sgd'", config).values, ["adamw", "'sgd'"]);
});

test("combinations are every value with every other, and one at a time is the settings as they are and each value alone", () => {
  const axes = [
    { key: "seed", values: ["0", "1"] },
    { key: "views.localViewArea", values: ["[0.05, 0.4]", "[0.2,0.5]"] },
  ];
  assert.deepEqual(gridCells(axes, "combinations").map(cellName), [
    "seed=0,views.localViewArea=_0.05_0.4_",
    "seed=0,views.localViewArea=_0.2_0.5_",
    "seed=1,views.localViewArea=_0.05_0.4_",
    "seed=1,views.localViewArea=_0.2_0.5_",
  ]);
  assert.deepEqual(gridCells(axes, "one-at-a-time").map(cellName), [
    "as-is",
    "seed=0",
    "seed=1",
    "views.localViewArea=_0.05_0.4_",
    "views.localViewArea=_0.2_0.5_",
  ]);
  const long = gridCells([{ key: "seed", values: ["1".repeat(200), "1".repeat(201)] }], "combinations").map(cellName);
  assert.ok(long.every((name) => name.length < 140));
  assert.notEqual(long[0], long[1]);
});

test("a list that names no setting, no value, a value twice or a wrong one is told before anything is written", async () => {
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [["--over", "bachSize=2,4"], 'ConfigError: --over bachSize: "bachSize" is not a setting. Did you mean "batchSize"?'],
    [
      ["--over", "batchSize"],
      'ConfigError: --over batchSize: expected key=value,value,..., got "batchSize". Write for example --over learningRatePer256=0.01,0.03.',
    ],
    [
      ["--over", "batchSize=2,,4"],
      'ConfigError: --over batchSize=2,,4: expected key=value,value,..., got "batchSize=2,,4". Write for example --over learningRatePer256=0.01,0.03.',
    ],
    [["--over", "batchSize=2,4,2"], "ConfigError: --over batchSize=2,4,2: expected different values, got 2 twice."],
    [["--over", "batchSize=2,four"], 'ConfigError: --over: "batchSize": expected a number, got "four".'],
    [
      ["--over", "seed=0,1", "--over", "seed=2"],
      "ConfigError: --over seed: expected each setting once, got it twice. Put its values into one list.",
    ],
  ];
  for (const [args, line] of wrong) {
    const { status, stdout, stderr } = await grid(...tiny, "--out", "none", ...args);
    assert.deepEqual([status, stdout, stderr], [2, "", `suricate: ${line}\n`]);
  }
  const { status, stderr } = await grid(...tiny, "--out", "none");
  assert.equal(status, 2);
  assert.match(stderr, /^suricate: required option '--over <key=a,b,\.\.\.>' not specified\n/);
  assert.ok(!existsSync(at("none")));
});

test("a grid trains and probes its cells, records the one that fails and goes on, and does nothing again", async () => {
  const args = [
    ...tiny,
    "--set",
    "probe.everyEpochs=1",
    "--out",
    "grid",
    "--jobs",
    "2",
    "--over",
    "views.localViewSize=8,9",
    "--over",
    "learningRatePer256=0.05,0.01",
  ];
  // Cells are started as this very program.
  const first = suricateProcess(folder, "grid", ...args, "--json");
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stderr, /^4 cells, 0 of them done before; 2 at a time\.\n/);
  const failure =
    "ConfigError: views.localViewSize: expected a side that patches of 4 pixels divide (backbone.patchSize), got 9.";
  assert.ok(first.stderr.includes(`views.localViewSize=9,learningRatePer256=0.01: failed: ${failure}\n`), first.stderr);
  const document = JSON.parse(first.stdout) as { readonly rows: readonly Record<string, unknown>[] };
  assert.deepEqual(
    document.rows.map(({ outcome }) => outcome),
    ["finished", "finished", "failed", "failed"],
  );
  assert.equal(readFileSync(at("grid/grid.json"), "utf8"), first.stdout);
  const [best, second] = document.rows as unknown as readonly {
    readonly error: number;
    readonly errorInterval: readonly number[];
  }[];
  assert.ok(best!.error <= second!.error && best!.errorInterval[0]! <= best!.error && best!.error <= best!.errorInterval[1]!);

  // The probe during training, on the teacher in memory, and the cell's, on the checkpoint, are one and the same.
  const probed = document.rows.filter(({ outcome }) => outcome === "finished");
  for (const { settings, error } of probed) {
    const { learningRatePer256 } = settings as Record<string, string>;
    const { metrics } = readRun(at(`grid/cells/views.localViewSize=8,learningRatePer256=${learningRatePer256}/run`));
    assert.equal(metrics.at(-1)!["probeError"], error);
  }

  const run = readRun(at("grid/cells/views.localViewSize=8,learningRatePer256=0.01/run"));
  assert.equal(run.info.config["learningRatePer256"], 0.01);
  // The mean of the epoch's losses, not the last step's.
  const mean = run.metrics.reduce((sum, { loss }) => sum + loss!, 0) / run.metrics.length;
  const row = document.rows.find(({ settings }) => (settings as Record<string, string>)["learningRatePer256"] === "0.01")!;
  assert.ok(Math.abs((row["loss"] as number) - mean) < 1e-9);

  const record = at("grid/cells/views.localViewSize=8,learningRatePer256=0.01/cell.json");
  const { ino } = statSync(record);
  const again = await grid(...args);
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stderr, /^4 cells, 4 of them done before; 2 at a time\.\n/);
  assert.match(again.stderr, /4 of 4 cells are done, 2 of them failed: grid\/grid\.md, grid\/grid\.csv\n$/);
  assert.equal(statSync(record).ino, ino);
  assert.match(
    readFileSync(at("grid/grid.csv"), "utf8"),
    /^views\.localViewSize,learningRatePer256,outcome,epochs,loss,lnK,meanSquaredError,low,high,/,
  );
  assert.match(
    readFileSync(at("grid/grid.md"), "utf8"),
    /\| 9 \| 0\.01 \| {2}\| {2}\| {2}\| {2}\| {2}\| {2}\| failed: ConfigError: views\.localViewSize/,
  );

  const other = await grid(...args, "--set", "seed=8");
  assert.equal(
    other.stderr,
    "suricate: ConfigError: --out grid: expected a new folder or this grid's own, got a grid with another config. Choose another --out.\n",
  );
});

const PROBED = { outcome: "finished", epochs: 4, seconds: 1, lnK: 3, embeddingSpread: 0.5 } as const;

/** A record whose probe errs by so much. */
function probed(settings: Readonly<Record<string, string>>, error: number) {
  const score = { value: error, interval: [error - 1, error + 1] };
  const floors = [{ value: error + 2 }];
  const comparisons = [{ difference: -2, interval: [-3, -1] }];
  // Only what the table reads of a result.
  const probe = { ...score, floors, comparisons } as unknown as NonNullable<
    Parameters<typeof gridRows>[0][number] & { probe: unknown }
  >["probe"];
  return { settings, ...PROBED, loss: 2, probe } as Parameters<typeof gridRows>[0][number];
}

test("rows stand in the order of their error, unprobed ones by their loss behind them, failed ones last", () => {
  const rows = gridRows([
    { settings: { a: "1" }, outcome: "failed", error: "no, never" },
    { settings: { a: "2" }, ...PROBED, loss: 5, probe: null },
    { settings: { a: "3" }, ...PROBED, loss: 4, probe: null },
    probed({ a: "4" }, 9),
    probed({ a: "5" }, 8),
  ]);
  assert.deepEqual(
    rows.map(({ settings }) => settings["a"]),
    ["5", "4", "3", "2", "1"],
  );
  const lines = gridCsv(rows, ["a"]).split("\r\n");
  assert.equal(lines[1], "5,finished,4,2,3,8,7,9,10,-2,-3,-1,");
  assert.equal(lines[5], '1,failed,,,,,,,,,,,"no, never"');
});

test("cells that differ in their seed alone have a mean and a deviation over seeds", () => {
  const rows = gridRows([
    probed({ lr: "1", seed: "0" }, 10),
    probed({ lr: "1", seed: "1" }, 14),
    probed({ lr: "2", seed: "0" }, 9),
    probed({ lr: "2", seed: "1" }, 10),
    probed({ lr: "2", seed: "2" }, 11),
    probed({ lr: "3", seed: "0" }, 1),
  ]);
  assert.deepEqual(seedSummaries(rows), [
    { settings: { lr: "2" }, numSeeds: 3, meanError: 10, deviation: 1 },
    { settings: { lr: "1" }, numSeeds: 2, meanError: 12, deviation: Math.sqrt(8) },
  ]);
});
