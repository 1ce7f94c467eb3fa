import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openCropSet, prepareCropSet } from "#sky/survey/disk";
import { realData } from "../../real-data.ts";
import { testFolder } from "./small-fields.ts";

const sdc1 = realData("widefield/ska_sdc1");
const first = realData("mirabest/fits_sample");
const firstCatalogue = realData("mirabest/first_catalogue_in_fields.csv");
const folder = testFolder();

test("the SKA challenge field gives 255 crops of 64 pixels that own every one of its 1,963 sources once", {
  skip: sdc1.skip,
}, async () => {
  const out = join(folder, "sdc1");
  const catalogue = join(sdc1.path, "B1_1000h_0.3tr.pybdsm.srl");
  const summary = await prepareCropSet({ inputs: [join(sdc1.path, "B1_1000h_0.3tr.fits")], catalogue, out, cropSize: 64 });
  const { crops, rejected, sources, sourcesInside, ownedSources } = summary;
  assert.deepEqual(
    { crops, rejected, sources, sourcesInside, ownedSources },
    { crops: 255, rejected: 0, sources: 1963, sourcesInside: 1963, ownedSources: 1963 },
  );
  const set = await openCropSet(out);
  const counts = set.records.map(({ sourceCount }) => sourceCount ?? Number.NaN);
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    1963,
  );
  assert.ok(Math.min(...counts) > 0, "every crop of this field has a source");
  assert.equal(set.info.fluxUnit, "Jy/beam");
  set.close();
});

test("19 FIRST fields give their sources to the crops that hold the catalogue's own pixel positions", {
  skip: first.skip || firstCatalogue.skip,
}, async () => {
  const out = join(folder, "first");
  const summary = await prepareCropSet({ inputs: [first.path], catalogue: firstCatalogue.path, out, cropSize: 150 });
  const set = await openCropSet(out);
  const expected = new Map(set.records.map(({ id }) => [id, 0]));
  // The catalogue's x and y are pixels of the field, counted from 0; 300-pixel fields make four crops of 150 without overlap.
  const [heading, ...rows] = readFileSync(firstCatalogue.path, "utf8").trim().split("\n");
  const columns = heading!.split(",");
  for (const row of rows.map((line) => line.split(","))) {
    const [x, y] = ["x", "y"].map((name) => 150 * Math.floor((Number(row[columns.indexOf(name)]) + 0.5) / 150));
    const id = `${row[columns.indexOf("field")]}-y${y}-x${x}`;
    if (expected.has(id)) expected.set(id, expected.get(id)! + 1);
  }
  assert.deepEqual(new Map(set.records.map(({ id, sourceCount }) => [id, sourceCount])), expected);
  assert.equal(summary.fields.length, 19);
  assert.equal(summary.crops + summary.rejected, 76);
  assert.ok(summary.ownedSources! > 100);
  set.close();
});
