import assert from "node:assert/strict";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { FitsError } from "#sky/fits";
import { readFieldImage, writeFieldImage } from "#sky/fits/disk";
import { fieldStatistics } from "#sky/survey";
import { prepareCropSet } from "#sky/survey/disk";
import { ArrivalCount } from "../../../src/sky/survey/disk/arrival-count.ts";
import { stampOf } from "../../../src/sky/survey/disk/field-journal.ts";
import { fieldReader, forgetField, startedField } from "../../../src/sky/survey/disk/field-reader.ts";
import { testFolder } from "./small-fields.ts";

const folder = testFolder();
const READING = { plane: 0, lowPercentile: 2, highPercentile: 98 };
const goOn = new AbortController().signal;

/** Beyond the 16 MiB from which on fields are read by a thread. */
function writeLargeField(name: string): string {
  const random = randomFor(5, name);
  const [height, width] = [2200, 2000];
  const path = join(folder, name);
  const pixels = Float32Array.from({ length: height * width }, () => 1e-5 * random.normal());
  writeFieldImage(path, { pixels, height, width, cards: [{ keyword: "BUNIT", value: "Jy/beam" }] });
  return path;
}

test("a field that a thread reads is the one that is read at once, row by row as it arrives, in memory that is used again", async () => {
  const path = writeLargeField("large.fits");
  const { pixels, sha256, header } = readFieldImage(path);
  const reader = fieldReader([path]);
  let earlier: Float32Array | undefined;
  for (let time = 0; time < 2; time++) {
    const { field, rowsRead, measured, release } = await reader.read(path, READING, goOn);
    assert.ok(field.pixels.buffer instanceof SharedArrayBuffer);
    assert.deepEqual([field.height, field.width, field.header.cards], [2200, 2000, header.cards]);
    for (const numRows of [1, 700, 2200]) {
      await rowsRead(numRows);
      assert.deepEqual(field.pixels.slice(0, numRows * 2000), pixels.slice(0, numRows * 2000));
    }
    assert.deepEqual(await measured, { sha256, statistics: fieldStatistics(pixels, READING, path) });
    if (earlier) assert.deepEqual(earlier, pixels, "the earlier field's memory");
    earlier = field.pixels.fill(7);
    release();
  }
});

test("a field that a thread cannot read is refused as one that is read at once, with its class", async () => {
  const path = writeLargeField("short.fits");
  truncateSync(path, 2 ** 24 + 5000);
  const message = (() => {
    try {
      readFieldImage(path);
    } catch (error) {
      return (error as FitsError).message; // FitsError by the contract of readFieldImage
    }
    return "";
  })();
  assert.match(message, /short\.fits: data ends/);
  const isIt = (error: unknown) => error instanceof FitsError && error.message === message && error.file === path;
  await assert.rejects(fieldReader([path]).read(path, READING, goOn), isIt);
});

test("a large field is begun before it is asked for, and its memory is free again when nobody asks", async () => {
  const path = writeLargeField("early.fits");
  const started = startedField([path], READING)!;
  assert.deepEqual([started.path, started.stamp], [path, stampOf(path)]);
  const { field } = await started.arriving;
  await forgetField(started);
  const { field: next, measured, release } = await fieldReader([path]).read(path, READING, goOn);
  await measured;
  next.pixels[0] = 8;
  assert.equal(field.pixels[0], 8, "one memory");
  release();
});

test("a field that nobody waits for any more is read no further", async () => {
  const path = writeLargeField("stopped.fits");
  const started = startedField([path], READING)!;
  await forgetField(started);
  const message = `${path}: reading it was stopped.`;
  await assert.rejects(async () => (await started.arriving).measured, { message });
  // The thread lives on for other fields.
  const stopping = new AbortController();
  const { rowsRead, measured, release } = await fieldReader([path]).read(path, READING, stopping.signal);
  await rowsRead(2200);
  await measured;
  stopping.abort();
  release();
});

test("a field that was begun early is stopped where the catalogue cannot be read, and the thread cuts the next one", async () => {
  const path = writeLargeField("first.fits");
  const out = join(folder, "set");
  const catalogue = join(folder, "no-columns.csv");
  writeFileSync(catalogue, "a,b\n1,2\n");
  await assert.rejects(prepareCropSet({ inputs: [path], catalogue, out, cropSize: 500 }), { name: "CatalogueError" });
  await assert.rejects(prepareCropSet({ inputs: [path], out, cropSize: 3000 }), /expected .*3000|3000/);
  assert.equal((await prepareCropSet({ inputs: [path], out, cropSize: 500 })).crops, 20);
});

test("a small field is not begun early, and one that cannot be read is complained of when it is asked for", async () => {
  const small = join(folder, "small.fits");
  writeFieldImage(small, { pixels: new Float32Array(4).fill(1), height: 2, width: 2, cards: [] });
  assert.equal(startedField([small], READING), undefined);
  const broken = writeLargeField("broken.fits");
  truncateSync(broken, 2 ** 24 + 5000);
  const started = startedField([broken], READING)!;
  await forgetField(started);
  await assert.rejects(started.arriving, /broken\.fits: data ends/);
});

test("a field of NaN is refused when it is measured, and its rows still arrive", async () => {
  const path = writeLargeField("dead.fits");
  const bytes = readFileSync(path);
  bytes.fill(0xff, 2880, 2880 + 4 * 2200 * 2000);
  writeFileSync(path, bytes);
  const { rowsRead, measured } = await fieldReader([path]).read(path, READING, goOn);
  await rowsRead(2200);
  await assert.rejects(
    measured,
    /^Error: .*dead\.fits: all of its 4400000 pixels are NaN\. Leave it out, or choose another --plane\.$/,
  );
});

test("who waits for a count that fails is told, before and after", async () => {
  const count = new ArrivalCount();
  count.reach(3);
  await count.until(3);
  const waiting = count.until(4);
  count.fail(new Error("no more"));
  await assert.rejects(waiting, /^Error: no more$/);
  await assert.rejects(count.until(4), /^Error: no more$/);
  await count.until(2);
});
