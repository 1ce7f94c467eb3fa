// What a network is shown while it is fine-tuned: the crop's middle, turned and flipped by chance that can be drawn again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { cropPictures, epochBatches } from "#learn/tasks";
import type { CropSet } from "#sky/survey";
import { cropRecord, cropSetOf } from "../../crop-sets.ts";

const [CROP, STORED, MIDDLE] = [12, 16, 6];

function crops(): CropSet {
  const records = [0, 1, 2].map((row) => cropRecord({ id: `crop-${row}`, lowFlux: 0, highFlux: 2 }));
  const squares = records.map((_, row) => {
    const random = randomFor(row, "crop");
    return Float32Array.from({ length: STORED * STORED }, () => 2 * random.uniform());
  });
  const set = cropSetOf(records, CROP, squares);
  return { ...set, info: { ...set.info, storedSize: STORED } };
}

test("a plain picture is the crop's middle, stretched by its limits", () => {
  const set = crops();
  const pictures = cropPictures(set, { centreSize: MIDDLE, inputSize: MIDDLE }).plain([2, 0]);
  const start = (STORED - MIDDLE) / 2;
  const wanted = [2, 0].flatMap((row) =>
    Array.from({ length: MIDDLE * MIDDLE }, (_, pixel) => {
      const [y, x] = [start + Math.floor(pixel / MIDDLE), start + (pixel % MIDDLE)];
      return set.pixelsOf(row)[y * STORED + x]! / 2;
    }),
  );
  assert.equal(pictures.length, wanted.length);
  for (const [pixel, value] of wanted.entries()) assert.ok(Math.abs(pictures[pixel]! - value) < 1e-6, `pixel ${pixel}`);
});

test("a turned picture is another one every epoch, and the same again for the same seed, epoch and crop", () => {
  const pictures = cropPictures(crops(), { centreSize: MIDDLE, inputSize: 2 * MIDDLE });
  const drawn = (seed: number, epoch: number, rows = [1]) => pictures.augmented(rows, { seed, epoch });
  assert.deepEqual(drawn(3, 1), drawn(3, 1));
  assert.notDeepEqual(drawn(3, 1), drawn(3, 2));
  assert.notDeepEqual(drawn(3, 1), drawn(4, 1));
  // Whatever else is in the batch.
  assert.deepEqual(drawn(3, 1, [0, 1]).subarray(4 * MIDDLE * MIDDLE), drawn(3, 1));
});

test("a turn keeps what does not mind it: a round source stays as it is", () => {
  const middle = (STORED - 1) / 2;
  const round = Float32Array.from({ length: STORED * STORED }, (_, pixel) => {
    const [y, x] = [Math.floor(pixel / STORED) - middle, (pixel % STORED) - middle];
    return Math.exp(-(y * y + x * x) / 18);
  });
  const set = { ...cropSetOf([cropRecord({ id: "round" })], CROP, [round]) };
  const pictures = cropPictures({ ...set, info: { ...set.info, storedSize: STORED } }, { centreSize: MIDDLE, inputSize: MIDDLE });
  const plain = pictures.plain([0]);
  for (let epoch = 1; epoch <= 5; epoch++) {
    const turned = pictures.augmented([0], { seed: 1, epoch });
    for (const [pixel, value] of plain.entries()) assert.ok(Math.abs(turned[pixel]! - value) < 0.03, `${turned[pixel]} ${value}`);
  }
});

test("an epoch shows every crop once but for a last part batch, in an order of its own", () => {
  const rows = [5, 7, 11, 13, 17, 19, 23];
  const first = epochBatches(rows, 3, { seed: 0, epoch: 1 });
  assert.deepEqual(
    first.map((batch) => batch.length),
    [3, 3],
  );
  const shown = first.flat();
  assert.equal(new Set(shown).size, 6);
  assert.ok(shown.every((row) => rows.includes(row)));
  assert.deepEqual(first, epochBatches(rows, 3, { seed: 0, epoch: 1 }));
  assert.notDeepEqual(first, epochBatches(rows, 3, { seed: 0, epoch: 2 }));
  assert.deepEqual(
    epochBatches(rows, 7, { seed: 0, epoch: 1 })[0]!.toSorted((a, b) => a - b),
    rows,
  );
});

test("a crop with NaN pixels is refused by its name", () => {
  const set = crops();
  set.pixelsOf(1)[5] = Number.NaN;
  assert.throws(
    () => cropPictures(set, { centreSize: MIDDLE, inputSize: MIDDLE }).plain([0, 1]),
    new RangeError('views: crop "crop-1": expected no NaN, got 1 NaN pixels. Prepare the set again without it.'),
  );
});

test("crops that memory has no room for are read again, and give the same pictures", () => {
  const set = crops();
  let numRead = 0;
  const pixelsOf = (row: number) => {
    numRead += 1;
    return set.pixelsOf(row);
  };
  const counted = { ...set, pixelsOf };
  const sizes = { centreSize: MIDDLE, inputSize: MIDDLE };
  const plain = cropPictures(set, sizes).plain([0, 1, 2, 0, 1, 2]);
  for (const [bytesKept, expected] of [
    [0, 6],
    [2 * 4 * (STORED ** 2 + CROP ** 2), 4],
    [2 ** 20, 3],
  ] as const) {
    numRead = 0;
    assert.deepEqual(cropPictures(counted, sizes, bytesKept).plain([0, 1, 2, 0, 1, 2]), plain);
    assert.equal(numRead, expected);
  }
});
