// Pictures made of FITS images by MiraBest's recipe: FIRST's own, and simulated ones.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatPng } from "#base/files";
import { readFieldImage } from "#sky/fits/disk";
import { writeCutouts } from "#sky/simulator/disk";
import { miraBestPicture } from "#sky/survey";
import { importImages, openCropSet } from "#sky/survey/disk";
import { realData } from "../../real-data.ts";
import { testFolder } from "./small-fields.ts";

const folder = testFolder();

const firstImages = realData("mirabest/fits_sample");

test("FIRST's own images become MiraBest's pictures by the recipe, bit for bit, with their places on the sky", {
  skip: firstImages.skip,
}, async () => {
  const out = join(folder, "by-recipe");
  const summary = await importImages({ path: firstImages.path, out, recipe: "mirabest" });
  const set = await openCropSet(out);
  assert.deepEqual([summary.crops, set.info.storedSize, set.info.fluxUnit], [19, 150, "arbitrary"]);
  for (const [index, { id, raDeg, decDeg }] of set.records.entries()) {
    const field = readFieldImage(join(firstImages.path, `${id}.fits`));
    assert.deepEqual(set.pixelsOf(index), Float32Array.from(miraBestPicture(field)), id);
    const { ra, dec } = { ra: Number(id.slice(4, 11)), dec: Number(id.slice(11, 19)) };
    // The name has three decimals.
    assert.ok(Math.abs(raDeg! - ra) < 0.002 && Math.abs(decDeg! - dec) < 0.002, `${id}: ${raDeg}, ${decDeg}`);
  }
  set.close();
});

test("simulated cutouts become a crop set like MiraBest's: 150 pixels, 0 to 255, black outside a circle, labelled", async () => {
  const made = join(folder, "cutouts");
  writeCutouts({ numCutouts: 6, cutoutSize: 300, labels: ["FRI", "FRII"] }, 1, made, () => {});
  const out = join(folder, "cutout-crops");
  const labels = { from: "table", file: join(made, "labels.csv") } as const;
  const summary = await importImages({ path: made, out, labels, recipe: "mirabest" });
  assert.deepEqual(summary.labels, { FRI: 3, FRII: 3 });
  const set = await openCropSet(out);
  for (let index = 0; index < 6; index++) {
    const crop = set.pixelsOf(index);
    assert.equal(crop.length, 150 * 150);
    const { raDeg, label } = set.records[index]!;
    assert.ok(Math.abs(raDeg! - 0.3 * index) < 1e-3 && label === (index % 2 === 0 ? "FRI" : "FRII"));
    assert.deepEqual([Math.min(...crop), Math.max(...crop)], [0, 255]);
    assert.ok(crop.every((value, place) => Math.hypot(Math.floor(place / 150) - 75, (place % 150) - 75) <= 75 || value === 0));
    // Most of the noise is cut away.
    assert.ok(crop.filter((value) => value > 0).length < 0.1 * crop.length);
  }
  set.close();
});

test("a recipe is refused for pictures without flux, for another size and for images that are too small", async () => {
  const made = join(folder, "small-cutouts");
  writeCutouts({ numCutouts: 1, cutoutSize: 100, labels: ["FRI"] }, 1, made, () => {});
  const ask = (options: Partial<Parameters<typeof importImages>[0]>) =>
    importImages({ path: made, out: join(folder, "never"), recipe: "mirabest", ...options });
  await assert.rejects(
    ask({}),
    /SIM_FIRST_1_0\.fits: miraBestPicture: expected an even field of 150 pixels or more a side, got 100 x 100\.$/,
  );
  await assert.rejects(
    ask({ size: 64 }),
    /^Error: --size: expected 150 pixels beside --recipe mirabest, got 64\. Leave it out\.$/,
  );
  writeFileSync(join(made, "b.png"), formatPng({ height: 1, width: 1, channels: 1, data: new Uint8Array(1) }));
  await assert.rejects(ask({}), /--recipe mirabest: expected FITS images alone, got 1 PNG files among them\.$/);
});
