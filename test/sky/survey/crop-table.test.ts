import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FileFormatError, formatParquet, parseParquet } from "#base/files";
import { type CropRecord, cropColumns, cropRecords, cropSourceColumns, UNKNOWN_CROP } from "#sky/survey";
import { projectRoot } from "../../real-data.ts";

const FULL: CropRecord = {
  id: "abell-209-y0-x246",
  field: "abell-209",
  survey: "MGCLS",
  y0: 0,
  x0: 246,
  raDeg: 22.9701234567891,
  decDeg: -13.6,
  cornersRaDeg: [23, 22.9, 22.9, 23],
  cornersDecDeg: [-13.7, -13.7, -13.6, -13.6],
  lowFlux: -1e-6,
  highFlux: 3.5e-5,
  rms: 8e-6,
  quotedRmsJyPerBeam: 4e-6,
  dataQualityFlag: 2,
  sourceCount: 0,
  catalogueCoverage: 0.5,
  shownSourceCount: 3,
  summedFluxJy: 0.003,
  meanFluxJy: 0.001,
  brightestFluxJy: 0.002,
  meanSizeDeg: 0.0025,
  sourceDensityPerSqDeg: 1200,
  split: "train",
  label: "FR-II",
  labelConfidence: "confident",
  morphology: "standard",
  labelOrigin: "Gendre",
  interestScore: 4,
  redshift: 0.206,
  islandCount: 17,
};

const BARE: CropRecord = { ...FULL, ...UNKNOWN_CROP, id: "b" };

test("crop records come back from Parquet as they went, null apart from zero", async () => {
  const table = await parseParquet(formatParquet(cropColumns([FULL, BARE])));
  assert.deepEqual(cropRecords(table, "crops.parquet"), [FULL, BARE]);
});

test("a crop table keeps to its columns: further ones are left alone, missing ones and forbidden nulls are named", async () => {
  const columns = cropColumns([FULL]);
  const more = [...columns, { name: "remark", type: "string" as const, values: ["x"] }];
  assert.deepEqual(cropRecords({ columns: more, metadata: {} }, "crops.parquet"), [FULL]);
  const refused = (changed: typeof columns, message: RegExp) =>
    assert.throws(
      () => cropRecords({ columns: changed, metadata: {} }, "crops.parquet"),
      (error) => error instanceof FileFormatError && message.test(error.message),
    );
  refused(
    columns.filter(({ name }) => name !== "rms"),
    /^crops\.parquet: expected a column "rms", got id, field, /,
  );
  refused(
    columns.map((column) => (column.name === "lowFlux" ? { ...column, values: [null] } : column)),
    /column "lowFlux", row 0: expected a value, got null\./,
  );
});

test("a table written before a column was thought of reads with nulls in its place", () => {
  const later = ["shownSourceCount", "summedFluxJy", "interestScore", "morphology"];
  const columns = cropColumns([FULL, BARE]).filter(({ name }) => !later.includes(name));
  assert.deepEqual(cropRecords({ columns, metadata: {} }, "crops.parquet"), [
    { ...FULL, shownSourceCount: null, summedFluxJy: null, interestScore: null, morphology: null },
    BARE,
  ]);
});

test("docs/crop-set.md tells of every column of both tables", () => {
  const text = readFileSync(join(projectRoot, "docs", "crop-set.md"), "utf8");
  const names = [...cropColumns([]), ...cropSourceColumns([])].map(({ name }) => name);
  assert.ok(names.length > 40);
  const missing = names.filter((name) => !new RegExp(`[|,\`] ?${name}[ ,|\`]`).test(text));
  assert.deepEqual(missing, []);
});
