import assert from "node:assert/strict";
import { test } from "node:test";
import { FileFormatError, formatParquet, parseParquet } from "#base/files";
import { type CropRecord, cropColumns, cropRecords } from "#sky/survey";

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
  dataQualityFlag: 2,
  sourceCount: 0,
  catalogueCoverage: 0.5,
  split: "train",
  label: "FR-II",
  islandCount: 17,
};

const BARE: CropRecord = {
  ...FULL,
  ...{ id: "b", survey: null, y0: null, x0: null, raDeg: null, decDeg: null, cornersRaDeg: null, cornersDecDeg: null, rms: null },
  ...{ dataQualityFlag: null, sourceCount: null, catalogueCoverage: null, split: null, label: null, islandCount: null },
};

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
