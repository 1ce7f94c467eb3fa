import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { projectRoot, realData } from "../real-data.ts";
import { testFolder, writeCatalogue, writeField } from "../sky/survey/small-fields.ts";

const folder = testFolder();
const program = join(projectRoot, "dist", "apps", "cli", "main.js");
const sdc1 = realData("widefield/ska_sdc1");

function suricate(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

test("prepare --json prints one document with crops, sources and rejections, and nothing else", { skip: sdc1.skip }, () => {
  const out = join(folder, "sdc1");
  const catalogue = join(sdc1.path, "B1_1000h_0.3tr.pybdsm.srl");
  const { status, stdout } = suricate(
    "prepare",
    join(sdc1.path, "B1_1000h_0.3tr.fits"),
    "--catalogue",
    catalogue,
    "--size",
    "64",
    "--out",
    out,
    "--json",
  );
  assert.equal(status, 0);
  const { crops, ownedSources, rejected, fields } = JSON.parse(stdout);
  assert.deepEqual(
    { crops, ownedSources, rejected, fields: fields.length },
    { crops: 255, ownedSources: 1963, rejected: 0, fields: 1 },
  );
});

test("prepare without --json says in one sentence what it made, on stderr", () => {
  const field = writeField(folder, "said", { height: 40, width: 40, change: (pixels) => pixels.fill(Number.NaN, 0, 2) });
  const catalogue = writeCatalogue(join(folder, "said.csv"), [
    [5, 5],
    [400, 0],
  ]);
  const out = join(folder, "said-set");
  const { status, stdout, stderr } = suricate("prepare", field, "--catalogue", catalogue, "--size", "20", "--out", out);
  assert.deepEqual([status, stdout], [0, ""]);
  assert.match(stderr, /said-set: 3 crops of 1 field, 1 rejected for NaN, 1 of 2 sources counted\.\n$/);
});

test("bad input to prepare ends with exit code 1 and one line, wrong usage with 2", () => {
  const field = writeField(folder, "plain", { height: 40, width: 40 });
  const out = join(folder, "never");
  const empty = join(folder, "empty");
  mkdirSync(empty);
  writeFileSync(join(folder, "no-positions.csv"), "name,flux\na,1\n");
  const elsewhere = writeCatalogue(join(folder, "elsewhere.csv"), [[500, 0]]);
  const cases: readonly (readonly [args: readonly string[], status: number, message: RegExp])[] = [
    [[field, "--size", "41", "--out", out], 1, /plain\.fits: --size: expected 1 to 40 pixels/],
    [[empty, "--size", "8", "--out", out], 1, /empty: expected FITS files/],
    [[field, "--size", "8", "--out", out, "--catalogue", join(folder, "no-positions.csv")], 1, /no-positions\.csv: /],
    [[field, "--size", "8", "--out", out, "--catalogue", elsewhere], 1, /got none of 1\./],
    [[field, "--size", "8", "--out", out, "--plane", "3"], 1, /plane/],
    [[field, "--size", "eight", "--out", out], 2, /--size/],
    [[field, "--out", out], 2, /--size/],
    [[field, "--size", "8", "--out", out, "--tiling", "covr"], 2, /cover, paper/],
  ];
  for (const [args, status, message] of cases) {
    const result = suricate("prepare", ...args);
    assert.equal(result.status, status, `${args.join(" ")}: ${result.stderr}`);
    assert.match(result.stderr, message);
    assert.equal(result.stdout, "");
    if (status === 1)
      assert.equal(
        result.stderr
          .trim()
          .split("\n")
          .filter((line) => !line.startsWith("prepare: ")).length,
        1,
        result.stderr,
      );
    assert.ok(!existsSync(out));
  }
});

test("prepare that is killed goes on after the fields that it had finished, and its set is that of a run left alone", async () => {
  const many = join(folder, "many");
  mkdirSync(many);
  for (let index = 0; index < 40; index++) writeField(many, `field-${index}`, { height: 512, width: 512, seed: index });
  const catalogue = writeCatalogue(join(folder, "many.csv"), [
    [5, 5],
    [-100, 80],
  ]);
  const place = join(folder, "place");
  mkdirSync(place);
  const argsFor = (out: string) => ["prepare", many, "--size", "64", "--catalogue", catalogue, "--out", out, "--json"];
  const journal = join(place, ".set.unfinished", "fields.jsonl");
  // The first line says what the journal is of.
  const numFinished = () => (existsSync(journal) ? readFileSync(journal, "utf8").split("\n").length - 2 : 0);
  const killed: number[] = [];
  for (const wanted of [3, 9, 20]) {
    const child = spawn(process.execPath, [program, ...argsFor(join(place, "set"))], { stdio: "ignore" });
    const ended = once(child, "exit");
    while (numFinished() < wanted && child.exitCode === null) await pause(1);
    child.kill("SIGKILL");
    await ended;
    killed.push(numFinished());
    assert.deepEqual(readdirSync(place), [".set.unfinished"]);
  }
  assert.ok(
    killed.every((count, index) => count < 40 && count > (killed[index - 1] ?? 0)),
    killed.join(),
  );
  const { status, stdout, stderr } = suricate(...argsFor(join(place, "set")));
  assert.equal(status, 0, stderr);
  assert.ok(stderr.includes(`${killed[2]} of 40 fields were cut by an earlier run; going on after them.`), stderr);
  assert.equal(JSON.parse(stdout).resumedFields, killed[2]);
  assert.deepEqual(readdirSync(place), ["set"]);

  const alone = join(folder, "alone", "set");
  assert.equal(suricate(...argsFor(alone)).status, 0);
  assert.deepEqual(readdirSync(alone).toSorted(), ["crops.npy", "crops.parquet", "cropset.json", "sources.parquet"]);
  for (const name of readdirSync(alone))
    assert.ok(readFileSync(join(alone, name)).equals(readFileSync(join(place, "set", name))), name);
});
