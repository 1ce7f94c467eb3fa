// A crop set's sources as COCO boxes and as a list: the format's own conventions, by files made by hand.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatCoco, parseCoco } from "#sky/catalogue";
import {
  type CropRecord,
  type CropSetInfo,
  type CropSource,
  cropBoxes,
  cropImage,
  cropSourceOfBox,
  sourcesOfCrops,
  UNKNOWN_CROP,
} from "#sky/survey";
import { openCropSet, prepareCropSet, readCropSources } from "#sky/survey/disk";
import { DEC_DEG, PIXEL_DEG, testFolder, writeField } from "./small-fields.ts";

const folder = testFolder();

const INFO: CropSetInfo = {
  ...{
    version: 1,
    name: "set",
    fluxUnit: "Jy/beam",
    tiling: "cover",
    cropSize: 20,
    storedSize: 24,
    resizeRule: "none",
    fields: [],
  },
  ...{ lowPercentile: 2, highPercentile: 98, catalogue: { file: "a.csv", sha256: "", sources: 2 } },
};

function crop(id: string, known: Partial<CropRecord>): CropRecord {
  return { ...UNKNOWN_CROP, id, field: "north", lowFlux: 0, highFlux: 1, sourceCount: 0, catalogueCoverage: 1, ...known };
}

function source(cropId: string, known: Partial<CropSource>): CropSource {
  return {
    ...{ crop: cropId, source: "J1", category: "source", raDeg: 10.5, decDeg: -30.25, x: 4, y: 2 },
    ...{ boxX: 3, boxY: 2, boxWidth: 3, boxHeight: 1.5, fluxJy: 0.25, peakFluxJyPerBeam: 0.125 },
    ...{ majorDeg: 0.003, minorDeg: 0.001, positionAngleDeg: 90, isOwner: true, ...known },
  };
}

const SET = {
  info: INFO,
  records: [
    crop("a", { split: "train", raDeg: 10.5, decDeg: -30 }),
    crop("b", { split: "train", sourceCount: null, catalogueCoverage: 0 }),
    crop("c", { split: "test", sourceCount: 1, field: "south" }),
  ],
};
const SOURCES = [
  source("a", { isOwner: false }),
  source("c", { boxX: 0, boxWidth: 1, x: -0.25 }),
  source("c", { source: null, raDeg: 11, fluxJy: null }),
];

/** As "Data format" of cocodataset.org has it, filled in by hand. */
const EXPECTED = {
  info: { description: "by hand" },
  licenses: [],
  images: [
    {
      ...{ id: 1, file_name: "a.png", width: 20, height: 20, crop: "a", row: 0, field: "north", split: "train" },
      ...{ ra_deg: 10.5, dec_deg: -30, catalogue_coverage: 1 },
    },
    {
      ...{ id: 2, file_name: "c.png", width: 20, height: 20, crop: "c", row: 2, field: "south", split: "test" },
      ...{ ra_deg: null, dec_deg: null, catalogue_coverage: 1 },
    },
  ],
  annotations: [
    {
      ...{
        id: 1,
        image_id: 1,
        category_id: 1,
        bbox: [3, 2, 3, 1.5],
        area: 4.5,
        iscrowd: 0,
        source: "J1",
        ra_deg: 10.5,
        dec_deg: -30.25,
      },
      ...{ total_flux_jy: 0.25, peak_flux_jy_per_beam: 0.125, x: 4, y: 2, is_owner: false },
    },
    {
      ...{
        id: 2,
        image_id: 2,
        category_id: 1,
        bbox: [0, 2, 1, 1.5],
        area: 1.5,
        iscrowd: 0,
        source: "J1",
        ra_deg: 10.5,
        dec_deg: -30.25,
      },
      ...{ total_flux_jy: 0.25, peak_flux_jy_per_beam: 0.125, x: -0.25, y: 2, is_owner: true },
    },
    {
      ...{
        id: 3,
        image_id: 2,
        category_id: 1,
        bbox: [3, 2, 3, 1.5],
        area: 4.5,
        iscrowd: 0,
        source: null,
        ra_deg: 11,
        dec_deg: -30.25,
      },
      ...{ total_flux_jy: null, peak_flux_jy_per_beam: 0.125, x: 4, y: 2, is_owner: true },
    },
  ],
  categories: [{ id: 1, name: "source", supercategory: "source" }],
};

test("a crop set becomes the COCO file that was made by hand, without the crop that no catalogue covers", () => {
  const { images, rows, numBoxes, numUncovered } = cropBoxes(SET, SOURCES);
  assert.deepEqual(JSON.parse(formatCoco(images, { description: "by hand" })), EXPECTED);
  assert.deepEqual([rows, numBoxes, numUncovered], [[0, 2], 3, 1]);
});

test("owned boxes are each source once, a split is its crops alone, and one that the set lacks is named", () => {
  assert.deepEqual(
    cropBoxes(SET, SOURCES, { keep: "owned" }).images.map(({ boxes }) => boxes.length),
    [0, 2],
  );
  const { images, rows } = cropBoxes(SET, SOURCES, { split: "test" });
  assert.deepEqual([images.map(({ file }) => file), rows], [["c.png"], [2]]);
  assert.throws(() => cropBoxes(SET, SOURCES, { split: "valid" }), {
    message: 'set: expected crops of the split "valid", got test, train.',
  });
  const unsplit = { info: INFO, records: [crop("a", {})] };
  assert.throws(() => cropBoxes(unsplit, [], { split: "test" }), {
    message: 'set: expected crops of the split "test", got a set without splits. Draw them with "suricate split".',
  });
});

test("in a set of pictures a crop without a drawn box stays, with none", () => {
  const pictures = { info: { ...INFO, catalogue: null }, records: [crop("a", { sourceCount: null })] };
  const { images, numUncovered } = cropBoxes(pictures, []);
  assert.deepEqual([images.map(({ boxes }) => boxes), numUncovered], [[[]], 0]);
});

test("a picture's name is its crop's id without what file systems refuse, each its own", () => {
  const ids = ["FRI/a", "fri/A", "J10:20", "../up", ".hidden", "..."];
  const { images } = cropBoxes({ info: INFO, records: ids.map((id) => crop(id, {})) }, []);
  assert.deepEqual(
    images.map(({ file }) => file),
    ["FRI/a.png", "fri/A-2.png", "J10_20.png", "_/up.png", "_hidden.png", "_.png"],
  );
});

test("a list has each source once, in the field of its owner where that is among the crops", () => {
  const listed = (selection: Parameters<typeof sourcesOfCrops>[2]) =>
    sourcesOfCrops(SET, SOURCES, selection).map(({ id, raDeg, field }) => [id, raDeg, field]);
  assert.deepEqual(listed({}), [
    ["J1", 10.5, "south"],
    [null, 11, "south"],
  ]);
  assert.deepEqual(listed({ split: "train" }), [["J1", 10.5, "north"]]);
  assert.deepEqual(listed({ split: "train", keep: "owned" }), []);
  assert.throws(() => sourcesOfCrops(SET, [source("a", { raDeg: null })]), {
    message:
      "set: expected sources with positions, got boxes that were drawn in pictures. They are written as COCO (.json) alone.",
  });
});

test("the box of a source of one pixel is that pixel of crops.npy: [column, row, 1, 1], rows in the FITS image's order", async () => {
  const [row, column] = [31, 6];
  const field = writeField(folder, "one-pixel", { height: 40, width: 50, change: (pixels) => (pixels[row * 50 + column] = 1) });
  // East is to the left and north along the rows; the reference position is the middle, column 24.5 and row 19.5.
  const decDeg = DEC_DEG + (row - 19.5) * PIXEL_DEG;
  const raDeg = 10 - ((column - 24.5) * PIXEL_DEG) / Math.cos((decDeg * Math.PI) / 180);
  const catalogue = join(folder, "one-pixel.csv");
  writeFileSync(catalogue, `ra,dec,maj_arcsec,min_arcsec\n${raDeg},${decDeg},0.1,0.1\n`);
  const out = join(folder, "one-pixel-set");
  await prepareCropSet({ inputs: [field], out, cropSize: 20, margin: 3, catalogue });
  const set = await openCropSet(out);
  const { images, rows } = cropBoxes(set, (await readCropSources(out))!);
  const shown = images.flatMap(({ boxes }, index) => boxes.map(({ box }) => ({ box, row: rows[index]! })));
  assert.equal(shown.length, 1);
  const { box, row: cropRow } = shown[0]!;
  const { pixels, width } = cropImage(set, cropRow);
  const brightest = pixels.indexOf(Math.max(...pixels));
  const expected = [brightest % width, Math.floor(brightest / width), 1, 1];
  for (const [axis, value] of box.entries()) assert.ok(Math.abs(value - expected[axis]!) < 0.02, `${box} for ${expected}`);
  // By hand: the crop of rows 20 to 39 and columns 0 to 19.
  assert.deepEqual([set.records[cropRow]!.id, expected[1], expected[0]], ["one-pixel-y20-x0", 11, 6]);
  set.close();
});

test("a drawn box is cut off at the crop's edges, moved to where the crop begins, and left out where its middle lies outside", () => {
  const drawn = (box: readonly [number, number, number, number]) => {
    const found = cropSourceOfBox("a", { category: "R", box }, { y0: 10, x0: 5, cropSize: 8 });
    return found && [found.x, found.y, found.boxX, found.boxY, found.boxWidth, found.boxHeight];
  };
  assert.deepEqual(drawn([7, 12, 2, 3]), [2.5, 3, 2, 2, 2, 3]);
  assert.deepEqual(drawn([4, 16, 3, 4]), [0, 7.5, 0, 6, 2, 2]);
  assert.equal(drawn([0, 12, 9, 3]), undefined);
  // Lengths that lie inside are kept to the bit, as sums of them are not: 0.1 + 0.7 - 0.1 is not 0.7.
  assert.deepEqual(drawn([5.1, 10.1, 0.7, 0.7])!.slice(4), [0.7, 0.7]);
});

test("what is written is read back as the same boxes", () => {
  const { images } = cropBoxes(SET, SOURCES);
  assert.deepEqual(
    parseCoco(formatCoco(images), "x.json").map(({ file, boxes }) => [file, boxes.map(({ category, box }) => [category, box])]),
    images.map(({ file, boxes }) => [file, boxes.map(({ category, box }) => [category, box])]),
  );
});
