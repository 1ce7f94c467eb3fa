// Preparing that was broken off goes on where it was; test/slow/prepare-cli.test.ts kills a real process.
import assert from "node:assert/strict";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type PrepareOptions, prepareCropSet } from "#sky/survey/disk";
import { testFolder, writeCatalogue, writeField } from "./small-fields.ts";

const root = testFolder();

/** Four fields, the last of them cut short; a catalogue; a zone; NaN in the first. */
function brokenOff(name: string) {
  const folder = join(root, name);
  mkdirSync(folder);
  const inputs = [0, 1, 2, 3].map((index) =>
    writeField(folder, `f${index}`, {
      height: 40,
      width: 40,
      raDeg: 10 + 0.02 * index,
      seed: index,
      change: (pixels) => (index === 0 ? pixels.fill(Number.NaN, 0, 9) : undefined),
    }),
  );
  const whole = readFileSync(inputs[3]!);
  truncateSync(inputs[3]!, 2880);
  const catalogue = writeCatalogue(join(folder, "cat.csv"), [
    [0, 0],
    [-3, 12],
    [-19, 2],
    [17, -6],
  ]);
  const options = (out: string): PrepareOptions => ({
    ...{ inputs, catalogue, out: join(folder, out), cropSize: 24, margin: 3, maxNanFraction: 0.5 },
    footprints: [{ raDeg: 10, decDeg: -30, radiusDeg: 0.017 }],
  });
  const mend = () => writeFileSync(inputs[3]!, whole);
  return { folder, inputs, options, mend };
}

function sameFiles(a: string, b: string): void {
  assert.deepEqual(readdirSync(a), readdirSync(b));
  for (const name of readdirSync(a)) {
    const [first, second] = [a, b].map((folder) =>
      readFileSync(join(folder, name), "latin1").replaceAll(/"name": "(set|anew)"/g, ""),
    ) as [string, string];
    assert.ok(first === second, name);
  }
}

test("after a file that cannot be read the next run cuts the fields that are left, and the set is that of one run", async () => {
  const { folder, options, mend } = brokenOff("mended");
  await assert.rejects(prepareCropSet(options("set")), /f3\.fits: data ends/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes("set")),
    [".set.unfinished"],
  );
  mend();
  const seen: boolean[] = [];
  const summary = await prepareCropSet(options("set"), ({ isResumed }) => seen.push(isResumed));
  assert.deepEqual(seen, [true, true, true, false]);
  assert.equal(summary.resumedFields, 3);
  const anew = await prepareCropSet(options("anew"));
  assert.equal(anew.resumedFields, 0);
  assert.deepEqual({ ...anew, out: "", resumedFields: 0 }, { ...summary, out: "", resumedFields: 0 });
  assert.ok(summary.ownedSources! > 0 && summary.sourcesExcluded! > 0 && summary.fields[0]!.filledPixels > 0);
  sameFiles(join(folder, "set"), join(folder, "anew"));
  assert.ok(!existsSync(join(folder, ".set.unfinished")));
});

test("a field that has changed since, and all after it, are cut again", async () => {
  const { inputs, options, mend } = brokenOff("changed");
  await assert.rejects(prepareCropSet(options("set")));
  mend();
  const later = new Date(Date.now() + 5000);
  utimesSync(inputs[1]!, later, later);
  assert.equal((await prepareCropSet(options("set"))).resumedFields, 1);
});

test("fields are cut again where they are to be cut in another way, but not for another catalogue", async () => {
  const { folder, options, mend } = brokenOff("otherwise");
  for (const [change, resumed] of [
    [{ margin: 4 }, 0],
    [{ footprints: [{ raDeg: 10, decDeg: -30, radiusDeg: 0.2 }] }, 0],
    [{ minCoverage: 0.1 }, 3],
    [{ testFields: ["f1"] }, 3],
  ] as const) {
    const out = `set-${JSON.stringify(change).length}`;
    const { inputs } = options(out);
    truncateSync(inputs[3]!, 2880);
    await assert.rejects(prepareCropSet(options(out)));
    mend();
    assert.equal((await prepareCropSet({ ...options(out), ...change })).resumedFields, resumed, JSON.stringify(change));
  }
  assert.ok(readdirSync(folder).every((name) => !name.endsWith(".unfinished")));
});

test("a journal whose last line was not finished, or whose crops are gone, costs no more than the fields it tells of", async () => {
  const { folder, options, mend } = brokenOff("torn");
  const unfinished = join(folder, ".set.unfinished");
  await assert.rejects(prepareCropSet(options("set")));
  appendFileSync(join(unfinished, "fields.jsonl"), '{"stamp":{"path":"');
  mend();
  const copy = join(folder, "kept.jsonl");
  copyFileSync(join(unfinished, "fields.jsonl"), copy);
  assert.equal((await prepareCropSet(options("set"))).resumedFields, 3);

  mkdirSync(unfinished);
  copyFileSync(copy, join(unfinished, "fields.jsonl"));
  writeFileSync(join(unfinished, "crops.npy"), "short");
  assert.equal((await prepareCropSet({ ...options("set"), existing: "replace" })).resumedFields, 0);
  sameFiles(join(folder, "set"), join(folder, "set"));
});

test("what a process that was killed at the tables has left is written over, and no field is cut again", async () => {
  const { folder, options, mend } = brokenOff("tables");
  const unfinished = join(folder, ".set.unfinished");
  await assert.rejects(prepareCropSet(options("set")));
  mend();
  for (const name of ["shown.float64", "crops.parquet", "sources.parquet", "cropset.json"])
    writeFileSync(join(unfinished, name), "of an earlier process, and longer than what comes of a field or two".repeat(99));
  assert.equal((await prepareCropSet(options("set"))).resumedFields, 3);
  await prepareCropSet(options("anew"));
  sameFiles(join(folder, "set"), join(folder, "anew"));
});

test("two processes do not write one set", async () => {
  const { folder, options, mend } = brokenOff("twice");
  mend();
  const unfinished = join(folder, ".set.unfinished");
  mkdirSync(unfinished);
  // The process that started this one is alive, and another.
  writeFileSync(join(unfinished, "process"), String(process.ppid));
  await assert.rejects(prepareCropSet(options("set")), {
    message: `${join(folder, "set")}: is being written by another process, number ${process.ppid}. Wait for it, or remove ${join(unfinished, "process")} if it is something else.`,
  });
});
