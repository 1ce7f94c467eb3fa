import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { openCropSet } from "#sky/survey/disk";
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
  assert.match(stderr, /said-set: 3 crops of 1 field\(s\), 1 rejected for NaN, 1 of 2 sources counted\.\n$/);
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

test("prepare that is killed leaves no crop set, and the next run clears what it left", async () => {
  const many = join(folder, "many");
  mkdirSync(many);
  for (let index = 0; index < 40; index++) writeField(many, `field-${index}`, { height: 512, width: 512, seed: index });
  const place = join(folder, "place");
  mkdirSync(place);
  const args = ["prepare", many, "--size", "64", "--out", join(place, "set")];
  for (const delay of [0, 30, 90, 200]) {
    const child = spawn(process.execPath, [program, ...args], { stdio: "ignore" });
    const ended = once(child, "exit");
    // Killed once it has begun to write, sooner or later.
    while (readdirSync(place).length === 0 && child.exitCode === null) await pause(1);
    await pause(delay);
    child.kill("SIGKILL");
    await ended;
    if (existsSync(join(place, "set"))) (await openCropSet(join(place, "set"))).close();
  }
  const { status, stderr } = suricate(...args, "--force");
  assert.equal(status, 0, stderr);
  assert.deepEqual(readdirSync(place), ["set"]);
  const set = await openCropSet(join(place, "set"));
  assert.equal(set.records.length, 40 * 64);
  set.close();
});
