// The labelled sets as their makers give them, with the counts of their papers and README files.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { openCropSet } from "#sky/survey/disk";
import { projectRoot, realData } from "../real-data.ts";
import { testFolder } from "../sky/survey/small-fields.ts";

const folder = testFolder();
const program = join(projectRoot, "dist", "apps", "cli", "main.js");

function imported(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "import", ...args, "--json"], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

/** "train/FRI": 395. */
async function countedByBoth(out: string): Promise<Record<string, number>> {
  const set = await openCropSet(out);
  set.close();
  const counts: Record<string, number> = {};
  for (const { split, label } of set.records) counts[`${split}/${label}`] = (counts[`${split}/${label}`] ?? 0) + 1;
  return counts;
}

const miraBest = realData("mirabest/MiraBest_F_batches.tar.gz");

test("the real MiraBest has 833 confident sources, 397 FRI and 436 FRII, 104 of them for testing", {
  skip: miraBest.skip,
}, async () => {
  const out = join(folder, "mirabest");
  const { crops, labels, splits, warnings } = imported("mirabest", miraBest.path, "--out", out);
  assert.deepEqual(
    { crops, labels, splits, warnings },
    { crops: 833, labels: { FRI: 397, FRII: 436 }, splits: { train: 729, test: 104 }, warnings: [] },
  );
  // The makers' test batch has 49 FRI and 55 FRII of the confident.
  assert.deepEqual(await countedByBoth(out), { "train/FRI": 348, "train/FRII": 381, "test/FRI": 49, "test/FRII": 55 });
  const parts = ["uncertain", "hybrid", "all"].map((subset) =>
    imported("mirabest", miraBest.path, "--subset", subset, "--out", join(folder, subset)),
  );
  // 1,256 in all: 833 confident, 389 uncertain, 34 hybrid (Porter & Scaife 2023, table 3).
  assert.deepEqual(
    parts.map(({ crops }) => crops),
    [389, 34, 1256],
  );
});

const rgd = realData("rgd/galaxy_data.zip");

test("the real RadioGalaxyDataset has the counts by class and split of its README", { skip: rgd.skip }, async () => {
  const out = join(folder, "rgd");
  const { crops, warnings } = imported("rgd", rgd.path, "--out", out);
  assert.equal(crops, 2158);
  assert.deepEqual(warnings, ["22.446_0.776_3_Proctor_Tab1.png: all pixels are 0; kept as it is in the set."]);
  const few = { FRI: 50, FRII: 50, Compact: 50, Bent: 50 };
  const expected = Object.entries({ train: { FRI: 395, FRII: 824, Compact: 291, Bent: 248 }, valid: few, test: few });
  assert.deepEqual(
    await countedByBoth(out),
    Object.fromEntries(
      expected.flatMap(([split, labels]) => Object.entries(labels).map(([label, count]) => [`${split}/${label}`, count])),
    ),
  );
});

const protege = realData("mgcls_protege");

test("the real Protege cutouts have fields of MGCLS, and scores of 1 to 5 where a person gave one", {
  skip: protege.skip,
}, async () => {
  const out = join(folder, "protege");
  assert.equal(imported("protege", protege.path, "--out", out).crops, 1366);
  const set = await openCropSet(out);
  set.close();
  assert.ok(set.records.every(({ survey }) => survey === "MGCLS"));
  // Knowles et al. (2022) have 115 fields.
  const fields = new Set(set.records.map(({ field }) => field));
  assert.ok(fields.size > 80 && fields.size <= 115, `${fields.size} fields`);
  const scores = set.records.flatMap(({ interestScore }) => interestScore ?? []);
  assert.ok(scores.length > 300 && scores.every((score) => score >= 1 && score <= 5), `${scores.length} scores`);
});
