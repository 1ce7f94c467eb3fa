// Crops on their way to a backbone: margin off, stretched, resized, clipped, in batches, in order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Backbone, cropInput, embedBatches, embedCropSet, seenIdsAmong, seenIdsIn } from "#learn/embeddings";
import { type CropRows, cropRowsOf } from "#sky/survey";
import { cropRecord, cropSetOf } from "../crop-sets.ts";

/** A backbone that gives back the first pixel, the last pixel and the mean, and remembers how many crops it was given. */
function firstLastMean(inputSize: number): Backbone & { readonly counts: number[] } {
  const counts: number[] = [];
  return {
    name: "first-last-mean",
    dim: 3,
    inputSize,
    counts,
    async embed(images, count) {
      counts.push(count);
      const numPixels = inputSize * inputSize;
      assert.equal(images.length, count * numPixels);
      return Float32Array.from(
        Array.from({ length: count }, (_, row) => {
          const image = images.subarray(row * numPixels, (row + 1) * numPixels);
          return [image[0]!, image.at(-1)!, image.reduce((sum, value) => sum + value, 0) / numPixels];
        }).flat(),
      );
    },
    close() {},
  };
}

/** [6, 6] squares with a 4 x 4 crop inside: pixel (y, x) is 10 y + x + 100 crop. */
const squares = [0, 1, 2].map((crop) =>
  Float32Array.from({ length: 36 }, (_, i) => 10 * Math.floor(i / 6) + (i % 6) + 100 * crop),
);

test("a crop loses its margin and is stretched by its own limits", async () => {
  const records = [0, 1, 2].map((crop) => cropRecord({ id: `c${crop}`, lowFlux: 100 * crop, highFlux: 100 * crop + 50 }));
  const backbone = firstLastMean(4);
  const progress: number[] = [];
  const table = await embedCropSet(cropSetOf(records, 4, squares), backbone, {
    batchSize: 2,
    seenIds: ["c1"],
    onProgress: (count) => progress.push(count),
  });
  // Row and column 1 to 4 of 0 to 5: 11 to 44, mean 27.5, over limits 0 to 50.
  const wanted = [11 / 50, 44 / 50, 27.5 / 50].map(Math.fround);
  for (let row = 0; row < 3; row++) {
    for (const [index, value] of wanted.entries()) assert.ok(Math.abs(table.embeddings[row * 3 + index]! - value) < 1e-6);
  }
  assert.deepEqual(backbone.counts, [2, 1]);
  assert.deepEqual(progress, [2, 1]);
  assert.deepEqual(table.records, records);
  const { backbone: name, dim, cropSetName, cropSize, seenIds } = table;
  assert.deepEqual(
    { name, dim, cropSetName, cropSize, seenIds },
    { name: "first-last-mean", dim: 3, cropSetName: "tiny", cropSize: 4, seenIds: ["c1"] },
  );
});

/** A set of numbered crops whose records come in pieces of these lengths. */
function inPieces(lengths: readonly number[]): CropRows {
  const numCrops = lengths.reduce((sum, length) => sum + length, 0);
  const records = Array.from({ length: numCrops }, (_, crop) => cropRecord({ id: `c${crop}`, lowFlux: 0, highFlux: 100 }));
  const flat = records.map((_, crop) => new Float32Array(16).fill(crop));
  const cut = <Row>(rows: readonly Row[]) =>
    lengths.map((length, piece) => {
      const start = lengths.slice(0, piece).reduce((sum, one) => sum + one, 0);
      return rows.slice(start, start + length);
    });
  return {
    ...cropRowsOf(cropSetOf(records, 4, flat)),
    async *records() {
      yield* cut(records);
    },
    async *ids() {
      yield* cut(records.map(({ id }) => id));
    },
  };
}

test("batches are full whatever pieces the records come in, and every crop meets its own pixels", async () => {
  for (const lengths of [[7], [1, 5, 1], [3, 0, 4], [4, 3]]) {
    const backbone = firstLastMean(4);
    const found: (readonly [number, string, number])[] = [];
    for await (const { start, records, embeddings } of embedBatches(inPieces(lengths), backbone, { batchSize: 3 }))
      for (const [row, { id }] of records.entries()) found.push([start + row, id, Math.round(100 * embeddings[3 * row]!)]);
    assert.deepEqual(backbone.counts, [3, 3, 1], String(lengths));
    assert.deepEqual(
      found,
      Array.from({ length: 7 }, (_, crop) => [crop, `c${crop}`, crop]),
      String(lengths),
    );
  }
});

test("flux beyond the limits is clipped", () => {
  const record = cropRecord({ id: "c", lowFlux: 22, highFlux: 33 });
  const pixels = cropInput(cropSetOf([record], 4, squares), 0, 4);
  assert.deepEqual([pixels[0], pixels.at(-1), Math.min(...pixels), Math.max(...pixels)], [0, 1, 0, 1]);
});

test("a resized crop keeps to [0, 1], where the bicubic filter would overshoot", () => {
  const star = new Float32Array(64).fill(0.2);
  star[27] = 1;
  const pixels = cropInput(cropSetOf([cropRecord({ id: "c", lowFlux: 0.2, highFlux: 0.9 })], 8, [star]), 0, 32);
  assert.equal(pixels.length, 32 * 32);
  assert.equal(Math.min(...pixels), 0);
  assert.ok(Math.max(...pixels) <= 1 && Math.max(...pixels) > 0.5);
});

test("a crop of one value but for its margin is resized to that value", () => {
  const square = new Float32Array(100).fill(9);
  for (let row = 2; row < 8; row++) square.fill(3, row * 10 + 2, row * 10 + 8);
  const pixels = cropInput(cropSetOf([cropRecord({ id: "c", lowFlux: 0, highFlux: 6 })], 6, [square]), 0, 17);
  assert.ok(pixels.every((value) => Math.abs(value - 0.5) < 1e-6));
});

test("a NaN pixel is refused with its crop's name", async () => {
  const bad = squares[0]!.slice();
  bad[14] = Number.NaN;
  const set = cropSetOf([cropRecord({ id: "good" }), cropRecord({ id: "bad" })], 4, [squares[0]!, bad]);
  await assert.rejects(embedCropSet(set, firstLastMean(4), { batchSize: 8 }), {
    name: "RangeError",
    message: 'embed: crop "bad": expected no NaN, got 1 NaN pixels. Prepare the set again without it.',
  });
});

test("rows seen in pre-training are found by the set's hash or by its name, and no other set's", () => {
  const set = cropSetOf([cropRecord({ id: "a" }), cropRecord({ id: "b" }), cropRecord({ id: "c" })], 4, squares);
  const seen = (cropSetName: string, cropSetSha256: string) =>
    seenIdsIn(set, [{ cropSetName, cropSetSha256, ids: ["c", "a", "x"] }]);
  assert.deepEqual(seen("other", set.sha256), ["a", "c"]);
  assert.deepEqual(seen("tiny", "ee"), ["a", "c"]);
  assert.deepEqual(seen("other", "ee"), []);
});

test("rows seen in pre-training are the same of a set in pieces, in the set's order", async () => {
  const crops = inPieces([2, 3]);
  const seen = (cropSetName: string) => seenIdsAmong(crops, [{ cropSetName, cropSetSha256: "ee", ids: ["c4", "c1", "x"] }]);
  assert.deepEqual(await seen("tiny"), ["c1", "c4"]);
  assert.deepEqual(await seen("other"), []);
});
