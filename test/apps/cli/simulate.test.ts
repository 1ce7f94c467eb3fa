import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readCatalogue } from "#sky/catalogue/disk";
import { readFieldImage } from "#sky/fits/disk";
import { projectRoot } from "../../real-data.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-simulate-"));
after(() => rmSync(folder, { recursive: true }));

function suricate(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(projectRoot, "dist", "apps", "cli", "main.js"), ...args], { encoding: "utf8" });
}

test("suricate simulate --json prints one document whose files are all there and agree with it", () => {
  const out = join(folder, "sky");
  const { status, stdout, stderr } = suricate(
    "simulate",
    "--out",
    out,
    "--fields",
    "2",
    "--size",
    "128",
    "--seed",
    "9",
    "--json",
  );
  assert.equal(status, 0, stderr);
  const sky = JSON.parse(stdout) as {
    simulator: string;
    seed: number;
    images: string[];
    catalogue: string;
    truth: string;
    numCatalogued: number;
  };
  assert.equal(sky.simulator, "meerkat");
  assert.equal(sky.seed, 9);
  assert.deepEqual(sky.images, [join(out, "SIM_9_00.fits"), join(out, "SIM_9_01.fits")]);
  for (const image of sky.images) assert.deepEqual([readFieldImage(image).height, readFieldImage(image).width], [128, 128]);
  assert.equal(readCatalogue(sky.catalogue).sources.length, sky.numCatalogued);
  assert.ok(existsSync(sky.truth));
});

test("a smaller simulated field keeps the shape of its primary beam, not its angle", () => {
  const out = join(folder, "small");
  assert.equal(suricate("simulate", "--out", out, "--small", "--fields", "1", "--size", "160").status, 0);
  const header = readFieldImage(join(out, "SIM_1_00.fits")).header;
  assert.ok(Math.abs(header.number("PBFWHM")! / (160 * header.number("CDELT2")!) - 0.93) < 1e-9);
});

test("suricate simulate refuses a size that is no whole number, in one line, with exit code 2", () => {
  const { status, stdout, stderr } = suricate("simulate", "--out", join(folder, "never"), "--size", "12.5");
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(
    stderr,
    /option '--size <pixels>' argument '12.5' is invalid. Expected a whole number from 1 to 4294967295, got "12.5"/,
  );
  assert.ok(!existsSync(join(folder, "never")));
});
