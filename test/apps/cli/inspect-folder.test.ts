// suricate inspect of folders, arrays and crop sets: what is there, at a glance.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatNpy } from "#base/files";
import { prepareCropSet } from "#sky/survey/disk";
import { testFolder, writeCatalogue, writeField } from "../../sky/survey/small-fields.ts";
import { suricate } from "./suricate.ts";

const folder = testFolder();
const fields = join(folder, "fields");
mkdirSync(fields);
writeField(fields, "a", { height: 40, width: 60 });
writeField(fields, "b", { height: 40, width: 60, seed: 2 });
writeField(fields, "c", { height: 20, width: 20, isPlaced: false, fluxUnit: "mJy/beam" });
writeFileSync(join(fields, "broken.fits"), "SIMPLE  = nothing");
writeCatalogue(join(fields, "a.srl"), [[0, 0]]);
writeFileSync(join(fields, "b.srl.fits"), "not looked at");
writeFileSync(join(fields, "notes.txt"), "by hand");
writeFileSync(
  join(fields, "features.npy"),
  formatNpy({ dtype: "float32", shape: [2, 3], data: Float32Array.of(1, -2.5, NaN, 4, Infinity, 0) }),
);

const inspected = async (...args: readonly string[]) => {
  const { status, stdout, stderr } = await suricate(folder, "inspect", ...args);
  assert.equal(status, 0, stderr);
  return args.includes("--json") ? JSON.parse(stdout) : stdout;
};

test("a folder is told by the kinds of its files, and what its images have in common", async () => {
  const lines: string[] = (await inspected("fields")).trimEnd().split("\n");
  assert.deepEqual(lines.slice(0, -1), [
    "fields",
    "  FITS images   3: 2 of 40 x 60 pixels, 1 of 20 x 20 pixels",
    "  flux          2 in Jy/beam, 1 in mJy/beam",
    '  pixel         3.6", not known of 1',
    '  beam          7.2", not known of 1',
    "  on the sky    2 of 3",
    "  arrays        1: float32 [2, 3]",
    "  source lists  2: a.srl, b.srl.fits",
    "  other         1 files and folders",
  ]);
  assert.match(lines.at(-1)!, /^ {2}warning: fields\/broken\.fits: /);
  const report = await inspected("fields", "--json");
  assert.deepEqual(
    [report.kind, report.fitsImages.length, report.fitsWithoutImage, report.png, report.others, report.unreadable.length],
    ["folder", 3, 0, 0, 1, 1],
  );
  assert.deepEqual(report.fitsImages[0].shape, [40, 60]);
});

test("an array is told by its form and the range of its finite numbers", async () => {
  assert.deepEqual((await inspected("fields/features.npy")).split("\n").slice(1, 4), [
    "  array          float32 [2, 3]",
    "  values         -2.5 to 4",
    "  without value  2 of 6",
  ]);
  const report = await inspected("fields/features.npy", "--json");
  assert.deepEqual([report.kind, report.lowest, report.highest, report.numMissing], ["npy", -2.5, 4, 2]);
});

test("a crop set is told with its collection, its survey and its catalogue", async () => {
  await prepareCropSet({
    inputs: [join(fields, "a.fits")],
    out: join(folder, "crops"),
    cropSize: 20,
    catalogue: join(fields, "a.srl"),
    survey: "MINE",
    collection: "MyPublishedSet",
  });
  const text: string = await inspected("crops");
  for (const fact of [/collection +MyPublishedSet/, /survey +MINE 6/, /catalogue +a\.srl/, /sources +0\.1667 a crop/])
    assert.match(text, fact);
  const { collection, surveys, catalogue } = await inspected("crops", "--json");
  assert.deepEqual(
    { collection, surveys, catalogue },
    {
      collection: "MyPublishedSet",
      surveys: [{ name: "MINE", count: 6 }],
      catalogue: "a.srl",
    },
  );
});

test("a folder of nothing that is known is refused in one line", async () => {
  mkdirSync(join(folder, "empty"));
  writeFileSync(join(folder, "empty", "notes.txt"), "");
  const { status, stderr } = await suricate(folder, "inspect", "empty");
  assert.equal(status, 1);
  assert.match(
    stderr,
    /empty: expected a crop set \(cropset\.json\), a run \(config\.yaml\), or a folder of FITS, \.npy or PNG files, source lists, crop sets or runs, got 1 other entries\. Name one of its files\.$/m,
  );
});

test("a folder of images with PyBDSF's FITS lists beside them is prepared: the lists are no images", async () => {
  const mixed = join(folder, "mixed");
  mkdirSync(mixed);
  writeField(mixed, "a", { height: 40, width: 40 });
  writeFileSync(join(mixed, "a.srl.fits"), "a table, not an image");
  const { status, stderr } = await suricate(folder, "prepare", "mixed", "--size", "20", "--out", "mixed-set");
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^mixed-set: 4 crops of 1 field\.$/m);
});
