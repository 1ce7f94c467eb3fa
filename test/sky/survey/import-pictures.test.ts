// RadioGalaxyDataset and Protege in the form of their files; test/slow/import-sets.test.ts reads the real ones.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { formatPng } from "#base/files";
import { importProtege, importRadioGalaxyDataset, openCropSet } from "#sky/survey/disk";
import { testFolder } from "./small-fields.ts";

const root = testFolder();

function writePng(path: string, first: number, side = 6): void {
  mkdirSync(dirname(path), { recursive: true });
  const data = new Uint8Array(side * side);
  data[0] = first;
  data[1] = first === 0 ? 0 : 255;
  writeFileSync(path, formatPng({ height: side, width: side, channels: 1, data }));
}

test("RadioGalaxyDataset's folders are splits and classes, its folder of everything is left out, a black picture is told of", async () => {
  const path = join(root, "galaxy_data");
  writePng(join(path, "train", "FRI", "135.654_52.064_0_MiraBest.png"), 7);
  writePng(join(path, "valid", "Bent", "22.446_-0.776_3_Proctor_Tab1.png"), 0);
  writePng(join(path, "test", "Compact", "1_2.5_2_Baldi2018.png"), 9);
  writePng(join(path, "all", "Compact", "1_2.5_2_Baldi2018.png"), 9);
  const out = join(root, "rgd");
  assert.deepEqual(await importRadioGalaxyDataset({ path, out }), {
    out,
    crops: 3,
    rejected: 0,
    splits: { test: 1, train: 1, valid: 1 },
    labels: { Compact: 1, FRI: 1, Bent: 1 },
    warnings: ["22.446_-0.776_3_Proctor_Tab1.png: all pixels are 0; kept as it is in the set."],
  });
  const set = await openCropSet(out);
  assert.deepEqual(
    set.records.map(({ id, split, label, labelOrigin, raDeg, decDeg, lowFlux, highFlux }) => [
      ...[id, split, label, labelOrigin, raDeg, decDeg, lowFlux, highFlux],
    ]),
    [
      ["1_2.5_2_Baldi2018", "test", "Compact", "Baldi2018", 1, 2.5, 0, 255],
      ["135.654_52.064_0_MiraBest", "train", "FRI", "MiraBest", 135.654, 52.064, 0, 255],
      ["22.446_-0.776_3_Proctor_Tab1", "valid", "Bent", "Proctor_Tab1", 22.446, -0.776, 0, 255],
    ],
  );
  assert.equal(set.info.collection, "RadioGalaxyDataset");
  // 300 pixels of 1.8 arcseconds: 0.15 degrees, north up and east left.
  const { cornersRaDeg, cornersDecDeg } = set.records[0]!;
  assert.ok(Math.abs(cornersDecDeg![0]! - 2.425) < 1e-9 && Math.abs(cornersDecDeg![2]! - 2.575) < 1e-9);
  assert.ok(Math.abs(cornersRaDeg![0]! - (1 + 0.075 / Math.cos((2.425 * Math.PI) / 180))) < 1e-9);
  set.close();
});

test("RadioGalaxyDataset pictures whose name and folder disagree, and folders without any, are refused", async () => {
  const path = join(root, "wrong-class");
  writePng(join(path, "train", "FRII", "135.654_52.064_0_MiraBest.png"), 7);
  await assert.rejects(importRadioGalaxyDataset({ path, out: join(root, "never") }), {
    message: `${join(path, "train/FRII/135.654_52.064_0_MiraBest.png")}: expected class 0 to be FRI, got the folder FRII.`,
  });
  const empty = join(root, "nothing");
  mkdirSync(empty);
  await assert.rejects(importRadioGalaxyDataset({ path: empty, out: join(root, "never") }), {
    message: `${empty}: expected pictures such as train/FRI/135.654_52.064_0_MiraBest.png, got none.`,
  });
  await assert.rejects(importRadioGalaxyDataset({ path: join(root, "gone"), out: join(root, "never") }), {
    message: `${join(root, "gone")}: cannot be read: no such file or folder.`,
  });
});

const PROTEGE_HEAD =
  "objid,author_ML_score,protege_score,protege_rank,ra,dec,peak_flux,x,y,original_image,obj_size_pixels,evaluation_subset_author_ML_score";

test("Protege cutouts have their field's name, position, and the score of the evaluation before that of the training", async () => {
  const path = join(root, "protege");
  for (const rank of [0, 1, 2]) writePng(join(path, "gray128", `${rank}.png`), 20 + rank);
  const image = "Abell_22_aFix_pol_I_Farcsec_5pln_cor.FITS";
  const rows = [
    `img1_isl1,4,4.3,0,5.2379,-25.6637,0.1,1,2,${image},119,-1`,
    `img1_isl2,-1,4.2,1,5.3,-25.7,0.1,1,2,${image},119,2`,
    `img1_isl3,-1,4.1,2,5.4,-25.8,0.1,1,2,${image},119,-1`,
    `img1_isl4,5,4,3,5.5,-25.9,0.1,1,2,${image},119,-1`,
  ];
  const table = join(path, "protege_subset.csv");
  writeFileSync(table, `${[PROTEGE_HEAD, ...rows].join("\n")}\n`);
  const out = join(root, "protege-set");
  const summary = await importProtege({ path, out });
  assert.deepEqual([summary.crops, summary.warnings], [3, [`${table}: 1 of 4 rows have no picture.`]]);
  const set = await openCropSet(out);
  assert.deepEqual(
    set.records.map(({ id, field, survey, raDeg, decDeg, interestScore }) => [id, field, survey, raDeg, decDeg, interestScore]),
    [
      ["img1_isl1", "Abell 22", "MGCLS", 5.2379, -25.6637, 4],
      ["img1_isl2", "Abell 22", "MGCLS", 5.3, -25.7, 2],
      ["img1_isl3", "Abell 22", "MGCLS", 5.4, -25.8, null],
    ],
  );
  assert.equal(set.pixelsOf(2)[0], 22);
  assert.equal(set.info.collection, "MGCLS Protege");
  set.close();
  writeFileSync(table, `${[PROTEGE_HEAD, rows[0]!.replace("5.2379", "east")].join("\n")}\n`);
  await assert.rejects(importProtege({ path, out: join(root, "never") }), {
    message: `${table}: line 2: column "ra": expected a number, got "east".`,
  });
  writeFileSync(table, "objid,ra\na,1\n");
  await assert.rejects(importProtege({ path, out: join(root, "never") }), {
    message: `${table}: expected a column "protege_rank", got objid, ra.`,
  });
  writeFileSync(table, `${[PROTEGE_HEAD, rows[3]].join("\n")}\n`);
  await assert.rejects(importProtege({ path, out: join(root, "never") }), {
    message: `${path}: expected pictures named by rank, such as gray128/0.png, got none for the 1 rows of ${table}.`,
  });
});
