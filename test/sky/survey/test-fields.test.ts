import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { writeFieldImage } from "#sky/fits/disk";
import { SMALL_SKY, simulateField } from "#sky/simulator";
import { openCropSet, prepareCropSet } from "#sky/survey/disk";

const folder = mkdtempSync(join(tmpdir(), "suricate-test-fields-"));
after(() => rmSync(folder, { recursive: true }));
const config = { ...SMALL_SKY, fieldSize: 128, primaryBeamFwhmDeg: 0.07, robust: 0.5 };
const inputs = [0, 1, 2].map((index) => {
  const field = simulateField(config, 1, index);
  const path = join(folder, `${field.name}.fits`);
  writeFieldImage(path, field);
  return path;
});

test("crops of a test field are set aside, those of all others are for training", async () => {
  const out = join(folder, "crops");
  await prepareCropSet({ inputs, out, cropSize: 64, testFields: ["SIM_1_01"] });
  const cropSet = await openCropSet(out);
  assert.equal(cropSet.records.length, 12);
  for (const { field, split } of cropSet.records) assert.equal(split, field === "SIM_1_01" ? "test" : "train");
  cropSet.close();
});

test("without test fields no split is fixed", async () => {
  const out = join(folder, "unsplit");
  await prepareCropSet({ inputs, out, cropSize: 64 });
  const cropSet = await openCropSet(out);
  assert.ok(cropSet.records.every(({ split }) => split === null));
  cropSet.close();
});

test("a test field that is none of the fields is refused by name, and nothing is written", async () => {
  const out = join(folder, "never");
  await assert.rejects(prepareCropSet({ inputs, out, cropSize: 64, testFields: ["SIM_1_07"] }), {
    message: '--test-field SIM_1_07: expected one of the fields SIM_1_00, SIM_1_01, SIM_1_02, got "SIM_1_07".',
  });
  assert.ok(!existsSync(out));
});
