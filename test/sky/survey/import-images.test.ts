// Anyone's folder of pictures, with labels of a table, of COCO boxes and of folders.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { formatPng } from "#base/files";
import { formatCoco } from "#sky/catalogue";
import { type ImagesOptions, importImages, openCropSet, type PictureLabelSource, readCropSources } from "#sky/survey/disk";
import { testFolder, writeField } from "./small-fields.ts";

const root = testFolder();
let numSets = 0;

interface Picture {
  readonly channels?: number;
  readonly height?: number;
  readonly width?: number;
  readonly data?: Uint8Array | Uint16Array;
}

function writePng(path: string, { channels = 1, height = 4, width = 4, data }: Picture = {}): void {
  mkdirSync(dirname(path), { recursive: true });
  const pixels = data ?? Uint8Array.from({ length: height * width * channels }, (_, index) => index);
  writeFileSync(path, formatPng({ height, width, channels, data: pixels }));
}

/** A new folder with these PNG pictures. */
function pictures(names: readonly string[]): string {
  const path = join(root, `pictures-${numSets++}`);
  mkdirSync(path);
  for (const name of names) writePng(join(path, name));
  return path;
}

async function imported(path: string, options: Partial<ImagesOptions> = {}) {
  const out = join(root, `set-${numSets++}`);
  const summary = await importImages({ path, out, ...options });
  const set = await openCropSet(out);
  const pixels = set.records.map((_, index) => Array.from(set.pixelsOf(index)));
  set.close();
  return { ...set, pixels, summary, out };
}

function tableOf(path: string, text: string): PictureLabelSource {
  const file = join(path, "labels.csv");
  writeFileSync(file, text);
  return { from: "table", file };
}

async function refused(path: string, options: Partial<ImagesOptions>, message: string | RegExp): Promise<void> {
  const before = readdirSync(root);
  await assert.rejects(importImages({ path, out: join(root, "never"), ...options }), (error) => {
    assert.ok(error instanceof Error);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return !error.message.includes("\n");
  });
  assert.deepEqual(readdirSync(root), before);
}

test("pictures keep their own values, 8 and 16 bits, and colours become their brightness", async () => {
  const path = pictures([]);
  writePng(join(path, "a.png"), { height: 2, width: 2, data: Uint16Array.of(0, 1000, 65535, 3) });
  writePng(join(path, "b.png"), {
    height: 2,
    width: 2,
    channels: 3,
    data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30),
  });
  writePng(join(path, "c.png"), { height: 2, width: 2, channels: 2, data: Uint8Array.of(9, 255, 8, 0, 7, 255, 6, 255) });
  const { records, pixels, info } = await imported(path);
  assert.deepEqual(pixels[0], [0, 1000, 65535, 3]);
  // ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B.
  const expected = [76.245, 149.685, 29.07, 18.15];
  for (const [index, value] of expected.entries()) assert.ok(Math.abs(pixels[1]![index]! - value) < 1e-4);
  assert.deepEqual(pixels[2], [9, 8, 7, 6]);
  assert.deepEqual(
    records.map(({ id, lowFlux, highFlux, rms, label }) => [id, lowFlux, Math.round(highFlux), rms, label]),
    [
      ["a", 0, 65535, null, null],
      ["b", 18.149999618530273, 150, null, null],
      ["c", 6, 9, null, null],
    ],
  );
  assert.deepEqual([info.fluxUnit, info.lowPercentile, info.highPercentile], ["arbitrary", 0, 100]);
});

test("FITS pictures keep flux, beam, noise and their place on the sky", async () => {
  const path = pictures([]);
  writeField(path, "one", { height: 21, width: 21 });
  writeField(path, "two", { height: 25, width: 31, seed: 2 });
  const { records, info, summary } = await imported(path, { size: 20 });
  assert.deepEqual([summary.crops, info.fluxUnit, info.lowPercentile, info.highPercentile], [2, "Jy/beam", 2, 98]);
  const [one] = records;
  // Of 21 pixels the first 20: the middle lies half a pixel off the reference pixel, of 0.001 degrees.
  assert.ok(Math.abs(one!.decDeg! - -30.0005) < 1e-6 && one!.cornersRaDeg!.length === 4);
  assert.ok(one!.rms! > 0.8e-5 && one!.rms! < 1.2e-5 && one!.lowFlux < 0);
  assert.deepEqual([info.fields[0]!.beamMajorDeg, info.fields[1]!.width], [0.002, 31]);
});

test("a table labels pictures by their files' names, with folder or without, with ending or without", async () => {
  const path = pictures(["x/a.png", "x/b.png", "y/c.png", "d.png"]);
  const text =
    "Image,Class,Set,RA,Dec,z\nx/a.png,FRI,training,10.5,-30,0.1\nb.png,FRII,val,12:00:00,-30:30:00,nan\nc,,test,,,\ngone,FRI,,,,\n";
  const { records, summary } = await imported(path, { labels: tableOf(path, text) });
  assert.deepEqual(
    records.map(({ id, label, split, raDeg, decDeg, redshift }) => [id, label, split, raDeg, decDeg, redshift]),
    [
      ["d", null, null, null, null, null],
      ["a", "FRI", "train", 10.5, -30, 0.1],
      ["b", "FRII", "valid", 180, -30.5, null],
      ["c", null, "test", null, null, null],
    ],
  );
  const file = join(path, "labels.csv");
  assert.deepEqual(summary.warnings, [`${file}: 1 of 4 entries have no picture.`, `${file}: 1 of 4 pictures are not in it.`]);
  assert.deepEqual(
    [summary.labels, summary.splits],
    [
      { none: 2, FRI: 1, FRII: 1 },
      { none: 1, train: 1, valid: 1, test: 1 },
    ],
  );
});

test("columns of a table may have any name", async () => {
  const path = pictures(["a.png"]);
  const labels = tableOf(path, "what,whence\nBent,a\n") as Extract<PictureLabelSource, { from: "table" }>; // tableOf's
  const { records } = await imported(path, {
    labels: { ...labels, columns: { file: { column: "whence" }, label: { column: "what" } } },
  });
  assert.equal(records[0]!.label, "Bent");
  await refused(
    path,
    { labels: { ...labels, columns: { file: { column: "whenc" } } } },
    /labels\.csv: --columns: no column is called "whenc"\. Did you mean "whence"\?$/,
  );
});

test("folders name classes and splits", async () => {
  const path = pictures(["test/FRI/a.png", "training/FRII/b.png", "FRI/c.png", "valid/d.png", "e.png"]);
  const { records } = await imported(path, { labels: { from: "folders" } });
  assert.deepEqual(
    records.map(({ id, label, split }) => [id, label, split]),
    [
      ["c", "FRI", null],
      ["e", null, null],
      ["a", "FRI", "test"],
      ["b", "FRII", "train"],
      ["d", null, "valid"],
    ],
  );
});

test("COCO boxes become sources of their crops, and the commonest category its label", async () => {
  const path = pictures(["a.png", "b.png"]);
  const file = join(path, "boxes.json");
  const box = (category: string, x: number) => ({ category, box: [x, 1, 2, 1.5] as const });
  const images = [
    { file: "a.png", height: 4, width: 4, boxes: [box("FR-II", 0), box("FR-II", 1), box("R", 2)] },
    { file: "b.png", height: 4, width: 4, boxes: [box("R", 0), box("FR-I", 1)] },
  ];
  writeFileSync(file, formatCoco(images));
  const { records, out } = await imported(path, { labels: { from: "coco", file } });
  assert.deepEqual(
    records.map(({ label }) => label),
    ["FR-II", null],
  );
  const sources = await readCropSources(out);
  assert.deepEqual(
    sources!.map(({ crop, category, x, y, boxX, boxY, boxWidth, boxHeight, isOwner }) => [
      ...[crop, category, x, y, boxX, boxY, boxWidth, boxHeight, isOwner],
    ]),
    [
      ["a", "FR-II", 0.5, 1.25, 0, 1, 2, 1.5, true],
      ["a", "FR-II", 1.5, 1.25, 1, 1, 2, 1.5, true],
      ["a", "R", 2.5, 1.25, 2, 1, 2, 1.5, true],
      ["b", "R", 0.5, 1.25, 0, 1, 2, 1.5, true],
      ["b", "FR-I", 1.5, 1.25, 1, 1, 2, 1.5, true],
    ],
  );
});

test("the same name in two folders keeps its folder in the crop's id", async () => {
  const { records } = await imported(pictures(["x/a.png", "y/a.png"]));
  assert.deepEqual(
    records.map(({ id }) => id),
    ["x/a", "y/a"],
  );
});

test("pictures with NaN are left out and counted, or kept with 0 for it", async () => {
  const path = pictures([]);
  writeField(path, "good", { height: 8, width: 8 });
  writeField(path, "holed", { height: 8, width: 8, change: (pixels) => pixels.fill(Number.NaN, 0, 4) });
  assert.deepEqual((({ crops, rejected }) => [crops, rejected])((await imported(path)).summary), [1, 1]);
  const { pixels } = await imported(path, { maxNanFraction: 0.1 });
  assert.deepEqual(pixels[1]!.slice(0, 4), [0, 0, 0, 0]);
});

test("folders and tables that do not fit are refused in one line, and nothing is written", async () => {
  const empty = pictures([]);
  await refused(empty, {}, `${empty}: expected PNG or FITS pictures, got none. Save the pictures as PNG or FITS.`);
  writeFileSync(join(empty, "a.JPG"), "x");
  await refused(
    empty,
    {},
    `${empty}: expected PNG or FITS pictures, got 1 files of other kinds (.jpg). Save the pictures as PNG or FITS.`,
  );

  const mixed = pictures(["a.png"]);
  writePng(join(mixed, "b.png"), { height: 5, width: 5 });
  await refused(mixed, {}, `${join(mixed, "b.png")}: expected 4 x 4 pixels, as the first picture, got 5 x 5.`);
  await refused(mixed, { size: 5 }, `${join(mixed, "a.png")}: expected 5 pixels or more a side, got 4 x 4.`);
  const oblong = pictures([]);
  writePng(join(oblong, "a.png"), { height: 4, width: 6 });
  await refused(
    oblong,
    {},
    `${join(oblong, "a.png")}: expected a square picture, got 4 x 6. Choose a --size to cut from the middle.`,
  );
  const flat = pictures([]);
  writePng(join(flat, "a.png"), { data: new Uint8Array(16).fill(3) });
  await refused(
    flat,
    {},
    `${join(flat, "a.png")}: flux limits: expected the 0 % percentile below the 100 % one, got 3 and 3. Choose other --low and --high.`,
  );
  const nan = pictures([]);
  writeField(nan, "a", { height: 8, width: 8, change: (pixels) => pixels.fill(Number.NaN) });
  await refused(nan, {}, "import: no picture is left: all 1 hold NaN. Choose a --max-nan-fraction above 0.");

  const path = pictures(["x/a.png", "y/a.png", "b.png"]);
  const file = join(path, "labels.csv");
  const withTable = (text: string, message: string) => refused(path, { labels: tableOf(path, text) }, message);
  await withTable(
    "Name,Class\na,FRI\n",
    `${file}: no column of the file: expected a name such as file, filename, image, got Name, Class. Name it with --columns file=...`,
  );
  await withTable(
    "file,label\na.png,FRI\n",
    `${file}: line 2: expected the name of one picture, got "a.png", which several have. Write it with its folder.`,
  );
  await withTable("file,label\nb,FRI\nb.png,FRI\n", `${file}: line 3: "b.png" stands in line 2 already. Remove one.`);
  await withTable(
    "file,label\nc,FRI\n",
    `${file}: expected names of the 3 pictures, got none in 1 entries. The first picture is "b.png".`,
  );
  await withTable("file,label\n,FRI\n", `${file}: line 2: expected the name of a picture's file, got none.`);
  await withTable("file,split\nb,maybe\n", `${file}: line 2: column "split": expected train, valid or test, got "maybe".`);
  await withTable("file,z\nb,far\n", `${file}: line 2: column "z": expected a number, got "far".`);
});
