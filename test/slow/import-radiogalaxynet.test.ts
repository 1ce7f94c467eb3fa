import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { importRadioGalaxyNet, openCropSet } from "#sky/survey/disk";
import { realData } from "../real-data.ts";
import { testFolder } from "../sky/survey/small-fields.ts";

const emu = realData("emu_radiogalaxynet");
const folder = testFolder();

test("the real EMU pictures have the island counts that their makers list, and overlapping test pictures are dropped", {
  skip: emu.skip,
}, async () => {
  const out = join(folder, "emu");
  const summary = await importRadioGalaxyNet({ folder: emu.path, out });
  assert.equal(summary.train, 420);
  assert.ok(
    summary.droppedPictures.length >= 10 && summary.droppedPictures.length < 45,
    `${summary.droppedPictures.length} dropped`,
  );
  assert.equal(summary.test, 90 - summary.droppedPictures.length);
  // Known to overlap; the shift was measured with a Fourier correlation in scipy, to its grid of four pixels.
  const known = summary.overlaps.find(({ picture }) => picture === "574846_269.png")!;
  assert.equal(known.trainPicture, "574556_1705.png");
  assert.ok(Math.abs(known.dy + 84) <= 4 && Math.abs(known.dx - 36) <= 4);

  const listed = new Map<string, number>();
  for (const split of ["train", "val"]) {
    const { images } = JSON.parse(readFileSync(join(emu.path, `${split}.json`), "utf8"));
    for (const { file_name, n_islands_ge5pix } of images) listed.set(file_name.replace(/\.png$/, ""), n_islands_ge5pix);
  }
  const set = await openCropSet(out);
  assert.equal(set.records.length, summary.crops);
  for (const { id, islandCount, lowFlux, highFlux } of set.records) {
    assert.equal(islandCount, listed.get(id), id);
    assert.ok(lowFlux < highFlux, id);
  }
  set.close();
});
