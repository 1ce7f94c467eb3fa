// Crops cut round the positions of a catalogue.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readFieldImage } from "#sky/fits/disk";
import { openCropSet, prepareCropSet } from "#sky/survey/disk";
import { testFolder, writeCatalogue, writeField } from "./small-fields.ts";

const folder = testFolder();

test("crops are cut round positions, those beyond an edge or with NaN are left out and counted", async () => {
  const path = writeField(folder, "cut", { height: 40, width: 50, change: (pixels) => pixels.fill(Number.NaN, 39 * 50) });
  const field = readFieldImage(path);
  // The middle of the field is column 24.5, row 19.5.
  const centres = writeCatalogue(join(folder, "centres.csv"), [
    [0.5, 0.5],
    [-8.4, 3.6],
    [-24, 0],
    [0, 15.5],
    [400, 0],
  ]);
  const out = join(folder, "cut-set");
  const summary = await prepareCropSet({ inputs: [path], out, cropSize: 9, centres });
  assert.deepEqual(
    [summary.crops, summary.beyondEdge, summary.rejected, summary.centres, summary.fields[0]!.beyondEdge],
    [2, 1, 1, 5, 1],
  );
  const set = await openCropSet(out);
  assert.deepEqual(
    set.records.map(({ id, y0, x0, sourceCount }) => [id, y0, x0, sourceCount]),
    [
      ["cut-0", 16, 21, null],
      ["cut-1", 19, 12, null],
    ],
  );
  const pixels = set.pixelsOf(1);
  for (let y = 0; y < 9; y++) for (let x = 0; x < 9; x++) assert.equal(pixels[y * 9 + x], field.pixels[(19 + y) * 50 + 12 + x]);
  assert.deepEqual([set.info.tiling, set.info.centres!.sources, set.info.centres!.file], ["cutouts", 5, "centres.csv"]);
  set.close();
});

test("positions that no crop can be cut round are told of with the reasons", async () => {
  const path = writeField(folder, "none", { height: 20, width: 20 });
  const centres = writeCatalogue(join(folder, "far.csv"), [
    [400, 0],
    [9, 9],
  ]);
  await assert.rejects(prepareCropSet({ inputs: [path], out: join(folder, "never"), cropSize: 9, centres }), {
    message: `${centres}: no crop is left of 2 positions: 1 lie outside the fields, 1 too near an edge, 0 crops hold NaN. Check its frame, or choose a smaller --size.`,
  });
  const unplaced = writeField(folder, "unplaced", { height: 20, width: 20, isPlaced: false });
  await assert.rejects(
    prepareCropSet({ inputs: [unplaced], out: join(folder, "never"), cropSize: 9, centres }),
    /unplaced\.fits: the catalogue's positions cannot be placed: .*Leave --catalogue and --centres out, or mend the header\.$/,
  );
});

test("centres and a catalogue go together: cut round some sources, label by all", async () => {
  const path = writeField(folder, "both", { height: 40, width: 40 });
  const centres = writeCatalogue(join(folder, "one.csv"), [[0, 0]]);
  const catalogue = writeCatalogue(join(folder, "all.csv"), [
    [0, 0],
    [3, 3],
    [15, 15],
  ]);
  const out = join(folder, "both-set");
  await prepareCropSet({ inputs: [path], out, cropSize: 11, centres, catalogue });
  const set = await openCropSet(out);
  assert.deepEqual([set.records[0]!.sourceCount, set.records[0]!.shownSourceCount], [2, 2]);
  set.close();
});
