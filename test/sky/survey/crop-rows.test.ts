// A crop set read a piece at a time is the set that is read at once.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ndArray } from "#base/array";
import { formatNpy } from "#base/files";
import { openParquet } from "#base/files/disk";
import { type CropRows, type CropSetInfo, cropRowsOf, firstCrops } from "#sky/survey";
import { CROPS_FILE, openCropRows, openCropSet, TABLE_FILE, writeTables } from "#sky/survey/disk";
import { cropRecord, cropSetOf } from "../../learn/crop-sets.ts";

/** More than two row groups of crops.parquet. */
const NUM_CROPS = 20_003;
const folder = mkdtempSync(join(tmpdir(), "suricate-crop-rows-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const records = Array.from({ length: NUM_CROPS }, (_, row) =>
  cropRecord({ id: `c${row}`, raDeg: row / 100, sourceCount: row % 7, cornersRaDeg: [1, 2, 3, row] }),
);
const pixelsOf = (row: number) => Float32Array.of(row, row + 0.5, row + 0.25, -row);

before(async () => {
  const pixels = new Float32Array(4 * NUM_CROPS);
  for (let row = 0; row < NUM_CROPS; row++) pixels.set(pixelsOf(row), 4 * row);
  writeFileSync(join(folder, CROPS_FILE), formatNpy(ndArray("float32", [NUM_CROPS, 2, 2], pixels)));
  const info: CropSetInfo = cropSetOf([], 2, [pixelsOf(0)]).info;
  await writeTables(folder, { info, parts: [{ records }] }, { numCrops: NUM_CROPS, storedSize: 2, durability: "rename" });
});

async function walked<Row>(pieces: AsyncIterable<readonly Row[]>): Promise<Row[][]> {
  const found: Row[][] = [];
  for await (const piece of pieces) found.push([...piece]);
  return found;
}

test("a set in pieces has the records, pixels, hash and number of the set read at once, and no piece holds them all", async () => {
  const whole = await openCropSet(folder);
  const rows = await openCropRows(folder);
  const pieces = await walked(rows.records());
  assert.deepEqual(pieces.flat(), records);
  assert.deepEqual(pieces.flat(), whole.records);
  assert.ok(Math.max(...pieces.map(({ length }) => length)) <= 10_000, String(pieces.map(({ length }) => length)));
  assert.deepEqual([rows.numCrops, rows.sha256, rows.info], [NUM_CROPS, whole.sha256, whole.info]);
  assert.deepEqual(
    (await walked(rows.ids())).flat(),
    records.map(({ id }) => id),
  );
  for (const row of [0, 10_000, NUM_CROPS - 1]) assert.deepEqual(rows.pixelsOf(row), pixelsOf(row));
  // Walked anew, they begin anew.
  assert.equal((await walked(rows.records())).flat()[0]!.id, "c0");
  rows.close();
  whole.close();
});

test("the first crops of a set end inside a piece, or with the set", async () => {
  const inThrees: CropRows = {
    ...cropRowsOf(cropSetOf(records.slice(0, 7), 2, [pixelsOf(0)])),
    async *records() {
      for (let start = 0; start < 7; start += 3) yield records.slice(start, Math.min(start + 3, 7));
    },
  };
  const first = firstCrops(inThrees, 4);
  assert.equal(first.numCrops, 4);
  assert.deepEqual(
    (await walked(first.records())).map((piece) => piece.map(({ id }) => id)),
    [["c0", "c1", "c2"], ["c3"]],
  );
  assert.deepEqual((await walked(first.ids())).flat(), ["c0", "c1", "c2", "c3"]);
  const all = firstCrops(inThrees, 100);
  assert.equal(all.numCrops, 7);
  assert.deepEqual((await walked(all.records())).flat(), records.slice(0, 7));
});

test("crops.parquet has groups of ten thousand rows", async () => {
  const table = await openParquet(join(folder, TABLE_FILE));
  table.close();
  assert.deepEqual(
    table.groups.map(({ count }) => count),
    [10_000, 10_000, 3],
  );
});

test("a table that was changed, and pixels of other crops, are refused", async () => {
  const path = join(folder, CROPS_FILE);
  writeFileSync(path, formatNpy(ndArray("float32", [2, 2, 2], new Float32Array(8))));
  await assert.rejects(openCropRows(folder), {
    name: "FileFormatError",
    message: `${path}: expected float32 [20003, 2, 2], got float32 [2, 2, 2].`,
  });
  const table = join(folder, TABLE_FILE);
  writeFileSync(table, "PAR1");
  await assert.rejects(openCropRows(folder), {
    name: "FileFormatError",
    message: `${table}: has changed since the set was written: its SHA-256 is not the one in cropset.json. Prepare the set again.`,
  });
  await assert.rejects(openCropRows(join(folder, "none")), {
    message: `${join(folder, "none")}: not a crop set: expected a folder with cropset.json. Make one with "suricate prepare".`,
  });
});
