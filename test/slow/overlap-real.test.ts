// The overlaps that are known of the real labelled sets: MiraBest in RadioGalaxyDataset by position, EMU's val in its train by pixels.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { findOverlaps } from "#sky/survey";
import { importImages, importMiraBest, importRadioGalaxyDataset, openCropSet } from "#sky/survey/disk";
import { realData } from "../real-data.ts";
import { testFolder } from "../sky/survey/small-fields.ts";

const folder = testFolder();
const mirabest = realData("mirabest/MiraBest_F_batches.tar.gz");
const rgd = realData("rgd/galaxy_data.zip");
const emu = realData("emu_radiogalaxynet");

test("MiraBest's confident sources are found in RadioGalaxyDataset by their positions", {
  skip: mirabest.skip || rgd.skip,
}, async () => {
  const [ours, theirs] = [join(folder, "mirabest"), join(folder, "rgd")];
  await importMiraBest({ path: mirabest.path, out: ours });
  await importRadioGalaxyDataset({ path: rgd.path, out: theirs });
  const [first, second] = [await openCropSet(ours), await openCropSet(theirs)];
  const { by, pairs, numFirst } = await findOverlaps({ set: first }, { set: second });
  first.close();
  second.close();
  assert.equal(by, "sky");
  assert.equal(numFirst, 833);
  // The data's README: 764 of 832 within 30 arcseconds, counted with a catalogue match.
  const near = pairs.filter(({ separationDeg }) => separationDeg! < 30 / 3600);
  const found = new Set(near.map(({ firstRow }) => firstRow)).size;
  assert.ok(Math.abs(found - 764) <= 2, `sources found: ${found}`);
  const inTest = new Set(
    near.filter(({ secondRow }) => second.records[secondRow]!.split === "test").map(({ firstRow }) => firstRow),
  ).size;
  assert.ok(Math.abs(inTest - 65) <= 2, `in its test split: ${inTest}`);
});

test("EMU's validation pictures that show sky of a training picture are found by their pixels", { skip: emu.skip }, async () => {
  const sets = await Promise.all(
    ["val", "train"].map(async (name) => {
      const out = join(folder, name);
      await importImages({ path: join(emu.path, name), out });
      return openCropSet(out);
    }),
  );
  const [first, second] = sets as [(typeof sets)[0], (typeof sets)[0]]; // two names
  const { by, pairs, numFirst, numFirstShared, numFirstUnclear } = await findOverlaps({ set: first }, { set: second });
  for (const set of sets) set.close();
  assert.equal(by, "pixels");
  assert.equal(numFirst, 90);
  assert.ok(numFirstShared >= 10 && numFirstShared < 45, `pictures that overlap: ${numFirstShared}`);
  assert.equal(numFirstUnclear, 0);
  // Known to overlap; the shift of (84, 36) of 450 pixels was measured with a Fourier correlation in scipy.
  const known = pairs.find(
    ({ firstRow, secondRow }) =>
      first.records[firstRow]!.id.includes("574846_269") && second.records[secondRow]!.id.includes("574556_1705"),
  )!;
  assert.ok(Math.abs(known.sharedArea - (366 * 414) / 450 ** 2) < 0.02, `shared ${known.sharedArea}`);
});
