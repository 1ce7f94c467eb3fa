import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { formatPng } from "#base/files";
import { importRadioGalaxyNet, openCropSet, readCropSources } from "#sky/survey/disk";
import { testFolder } from "./small-fields.ts";

const folder = testFolder();
const SIZE = 120;

/** A 16-bit picture of 3 x 3 spots at drawn places, seen with the corner (y0, x0) of a sky of its own. */
function spots(seed: number, y0: number, x0: number): Uint16Array {
  const random = randomFor(seed, "spots");
  const pixels = new Uint16Array(SIZE * SIZE);
  for (let spot = 0; spot < 160; spot++) {
    const [y, x, flux] = [random.integer(2 * SIZE) - y0, random.integer(2 * SIZE) - x0, 2000 + random.integer(60_000)];
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const [row, column] = [y + dy, x + dx];
        if (row >= 0 && row < SIZE && column >= 0 && column < SIZE)
          pixels[row * SIZE + column] = dy === 0 && dx === 0 ? flux : flux / 2;
      }
    }
  }
  return pixels;
}

interface Annotated {
  readonly name: string;
  readonly data: Uint16Array;
  readonly categories: readonly number[];
}

function writeSplit(root: string, split: string, pictures: readonly Annotated[]): void {
  mkdirSync(join(root, split), { recursive: true });
  for (const { name, data } of pictures)
    writeFileSync(join(root, split, name), formatPng({ height: SIZE, width: SIZE, channels: 1, data }));
  const annotations = pictures.flatMap(({ categories }, image_id) =>
    categories.map((category_id, id) => ({ id, image_id, category_id, bbox: [10 * category_id - 10.5, 20, 12, 6] })),
  );
  const images = pictures.map(({ name }, id) => ({ id, file_name: name, height: SIZE, width: SIZE }));
  const categories = [
    { id: 1, name: "FR-II" },
    { id: 2, name: "FR-I" },
  ];
  writeFileSync(join(root, `${split}.json`), JSON.stringify({ info: {}, images, annotations, categories }));
}

function writeSet(name: string): string {
  const root = join(folder, name);
  writeSplit(root, "train", [
    { name: "one.png", data: spots(1, 40, 50), categories: [1, 2, 1] },
    { name: "two.png", data: spots(2, 40, 50), categories: [1, 2] },
  ]);
  writeSplit(root, "val", [
    { name: "three.png", data: spots(3, 40, 50), categories: [2] },
    { name: "one-again.png", data: spots(1, 20, 80), categories: [] },
  ]);
  return root;
}

test("RadioGalaxyNET pictures become crops in their own values, and a test picture that overlaps training is dropped", async () => {
  const out = join(folder, "set");
  const steps: number[] = [];
  const summary = await importRadioGalaxyNet({ folder: writeSet("whole"), out }, ({ done, total }) => steps.push(done / total));
  assert.deepEqual(
    { ...summary, overlaps: [] },
    { out, crops: 3, train: 2, test: 1, overlaps: [], droppedPictures: ["one-again.png"] },
  );
  const [overlap] = summary.overlaps;
  // The first shows rows 20 to 139 and columns 80 to 199 of the sky, the second starts at row 40 and column 50.
  assert.deepEqual([overlap!.picture, overlap!.trainPicture, overlap!.dy, overlap!.dx], ["one-again.png", "one.png", -20, 30]);
  assert.ok(overlap!.correlation > 0.95);
  assert.ok(Math.max(...steps) <= 1 && steps.length > 4);

  const set = await openCropSet(out);
  assert.deepEqual(
    set.records.map(({ id, split, label, survey }) => [id, split, label, survey]),
    [
      ["one", "train", "FR-II", "EMU"],
      ["two", "train", null, "EMU"],
      ["three", "test", "FR-I", "EMU"],
    ],
  );
  assert.deepEqual([set.info.fluxUnit, set.info.tiling, set.info.cropSize], ["arbitrary", "images", SIZE]);
  assert.deepEqual(set.pixelsOf(2), Float32Array.from(spots(3, 40, 50)));
  for (const { lowFlux, highFlux, islandCount, sourceCount, raDeg } of set.records) {
    assert.equal(lowFlux, 0);
    assert.ok(highFlux > 30_000 && highFlux <= 62_000);
    assert.ok(islandCount! > 20 && islandCount! < 60);
    assert.deepEqual([sourceCount, raDeg], [null, null]);
  }
  set.close();
  assert.deepEqual(
    (await readCropSources(out))!.map(({ crop, category, boxX, boxY, boxWidth, boxHeight }) => [
      ...[crop, category, boxX, boxY, boxWidth, boxHeight],
    ]),
    [
      // Cut off at the left edge, where the box begins half a pixel before the picture.
      ["one", "FR-II", 0, 20, 11.5, 6],
      ["one", "FR-I", 9.5, 20, 12, 6],
      ["one", "FR-II", 0, 20, 11.5, 6],
      ["two", "FR-II", 0, 20, 11.5, 6],
      ["two", "FR-I", 9.5, 20, 12, 6],
      ["three", "FR-I", 9.5, 20, 12, 6],
    ],
  );
});

test("a RadioGalaxyNET folder that lacks a file or holds another kind is refused in one line, and nothing is written", async () => {
  const refused = async (spoil: (root: string) => void, message: RegExp) => {
    const root = writeSet("spoiled");
    spoil(root);
    const before = readdirSync(folder);
    await assert.rejects(
      importRadioGalaxyNet({ folder: root, out: join(folder, "never") }),
      (error) => error instanceof Error && message.test(error.message),
    );
    assert.deepEqual(readdirSync(folder), before);
    rmSync(root, { recursive: true });
  };
  await refused((root) => rmSync(join(root, "val.json")), /val\.json: cannot be read: no such file or folder\.$/);
  await refused((root) => rmSync(join(root, "train", "two.png")), /two\.png: cannot be read: no such file or folder\.$/);
  await refused((root) => writeFileSync(join(root, "train.json"), "{}"), /train\.json: "images" is missing/);
  await refused(
    (root) => writeFileSync(join(root, "val.json"), '{"images":[],"annotations":[],"categories":[]}'),
    /val\.json: expected images, got none\.$/,
  );
  const colour = formatPng({ height: SIZE, width: SIZE, channels: 3, data: new Uint8Array(3 * SIZE * SIZE) });
  await refused(
    (root) => writeFileSync(join(root, "val", "three.png"), colour),
    /three\.png: expected a square grey picture, got 120 x 120 with 3 channels\.$/,
  );
  const small = formatPng({ height: 9, width: 9, channels: 1, data: new Uint8Array(81).fill(1) });
  await refused(
    (root) => writeFileSync(join(root, "val", "three.png"), small),
    /three\.png: expected 120 x 120 pixels, as the first picture, got 9\.$/,
  );
  const blank = formatPng({ height: SIZE, width: SIZE, channels: 1, data: new Uint16Array(SIZE * SIZE) });
  await refused((root) => writeFileSync(join(root, "train", "two.png"), blank), /two\.png: all of its 14400 pixels are 0\./);
});
