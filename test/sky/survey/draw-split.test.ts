// Drawn splits and subsets, alone and written into crop sets.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type CropRecord, drawSplit, drawSubset, type SplitKind, UNKNOWN_CROP } from "#sky/survey";
import { openCropSet, prepareCropSet, readCropSources, splitCropSet, subsetCropSet } from "#sky/survey/disk";
import { testFolder, writeCatalogue, writeField } from "./small-fields.ts";

const root = testFolder();

const record = (index: number, known: Partial<CropRecord>): CropRecord => ({
  ...{ ...UNKNOWN_CROP, id: `c${index}`, field: "f", lowFlux: 0, highFlux: 1 },
  ...known,
});

/** 100 crops of 10 fields of 4 to 16 crops, every fourth of them a "Bent". */
const RECORDS = [16, 14, 13, 12, 11, 10, 8, 7, 5, 4]
  .flatMap((count, field) => Array.from({ length: count }, () => `f${field}`))
  .map((field, index) => record(index, { field, label: index % 4 === 0 ? "Bent" : "FRI" }));

const draw = (by: SplitKind, seed = 1, testFraction = 0.2) => drawSplit(RECORDS, { by, testFraction, seed });
const testRows = (splits: readonly string[]) => splits.flatMap((split, row) => (split === "test" ? [row] : []));

test("the share asked for becomes the test split, the same for the same seed and another for another", () => {
  for (const by of ["crop", "label"] as const) {
    assert.equal(testRows(draw(by)).length, 20, by);
    assert.deepEqual(draw(by), draw(by));
    assert.notDeepEqual(draw(by, 1), draw(by, 2));
  }
  assert.equal(testRows(draw("crop", 1, 0.305)).length, 31);
});

test("a field of 200,000 crops is drawn as a whole", () => {
  const records = Array.from({ length: 200_001 }, (_, index) => record(index, { field: index === 0 ? "small" : "mosaic" }));
  const numTest = [0, 1, 2, 3, 4].map((seed) => testRows(drawSplit(records, { by: "field", testFraction: 0.99, seed })).length);
  assert.equal(Math.max(...numTest), 200_000);
});

test("a split by field never divides a field, and comes near the share asked for", () => {
  for (let seed = 0; seed < 30; seed++) {
    const splits = draw("field", seed);
    const partsOf = new Map<string, Set<string>>();
    for (const [row, { field }] of RECORDS.entries()) partsOf.set(field, (partsOf.get(field) ?? new Set()).add(splits[row]!));
    assert.ok([...partsOf.values()].every(({ size }) => size === 1));
    const { length } = testRows(splits);
    // No farther off than half of the largest field, of 16 crops.
    assert.ok(Math.abs(length - 20) <= 8, `seed ${seed}: ${length}`);
  }
  const two = [record(0, { field: "a" }), record(1, { field: "a" }), record(2, { field: "b" })];
  for (let seed = 0; seed < 9; seed++) assert.equal(new Set(drawSplit(two, { by: "field", testFraction: 0.1, seed })).size, 2);
});

test("a split by label takes the same share of every class", () => {
  const rows = testRows(draw("label"));
  assert.equal(rows.filter((row) => RECORDS[row]!.label === "Bent").length, 5);
  assert.equal(rows.filter((row) => RECORDS[row]!.label === "FRI").length, 15);
});

test("every crop is a test crop as often as every other", () => {
  const counts = new Array<number>(100).fill(0);
  for (let seed = 0; seed < 400; seed++) for (const row of testRows(draw("crop", seed))) counts[row]! += 1;
  // Binomial, 400 times 0.2: mean 80, deviation 8.
  for (const [row, count] of counts.entries()) assert.ok(Math.abs(count - 80) < 40, `crop ${row}: ${count}`);
});

test("splits that cannot be drawn are refused with the reason", () => {
  const refused = (records: readonly CropRecord[], by: SplitKind, testFraction: number, message: string) =>
    assert.throws(() => drawSplit(records, { by, testFraction, seed: 0 }), { message });
  for (const fraction of [0, 1, -0.1, Number.NaN])
    refused(RECORDS, "crop", fraction, `--test: expected a fraction between 0 and 1, got ${fraction}.`);
  const two = [record(0, {}), record(1, {})];
  refused(two, "crop", 0.2, "--by crop: expected training and test crops, got 2 and 0. Choose another --test or --by.");
  refused(two, "field", 0.2, "--by field: expected crops of two fields or more, got 1. Use --by crop.");
  refused(two, "label", 0.2, "--by label: expected crops with labels, got none. Use --by crop.");
});

test("a subset is of training rows alone, in order, with one of each field at least", () => {
  const splits = draw("crop");
  const records = RECORDS.map((one, row) => ({ ...one, split: splits[row]! }));
  const training = records.filter(({ split }) => split === "train");
  const numFields = new Set(training.map(({ field }) => field)).size;
  for (let seed = 0; seed < 20; seed++) {
    for (const count of [numFields, 30]) {
      const rows = drawSubset(records, count, seed);
      assert.equal(new Set(rows).size, count);
      assert.deepEqual(
        rows,
        rows.toSorted((a, b) => a - b),
      );
      assert.ok(rows.every((row) => records[row]!.split === "train"));
      assert.equal(new Set(rows.map((row) => records[row]!.field)).size, numFields);
    }
  }
  assert.notDeepEqual(drawSubset(records, 30, 1), drawSubset(records, 30, 2));
  for (const wrong of [numFields - 1, 81, 10.5])
    assert.throws(() => drawSubset(records, wrong, 0), {
      message: `--crops: expected ${numFields} (one of each field) to 80 (all training crops), got ${wrong}.`,
    });
  assert.throws(() => drawSubset(RECORDS, 20, 0), {
    message: '--crops: expected crops of the training split to draw from, got none of 100. Run "suricate split" first.',
  });
});

test("pictures, each a field of its own, need not all be in a subset", () => {
  const pictures = Array.from({ length: 9 }, (_, index) => record(index, { field: `c${index}`, split: "train" }));
  assert.equal(drawSubset(pictures, 4, 0).length, 4);
});

async function prepared(name: string): Promise<string> {
  const folder = join(root, name);
  mkdirSync(folder);
  const inputs = [0, 1, 2].map((index) =>
    writeField(folder, `f${index}`, { height: 40, width: 40, raDeg: 10 + 0.2 * index, seed: index }),
  );
  const catalogue = writeCatalogue(join(folder, "cat.csv"), [
    [-5, -5],
    [7, 7],
    [0.2, 0.1],
  ]);
  const out = join(folder, "set");
  await prepareCropSet({ inputs, catalogue, out, cropSize: 22 });
  return out;
}

test("a split is written into the set: its pixels and sources stay, its rules are told, another is drawn only by force", async () => {
  const out = await prepared("split");
  const before = readFileSync(join(out, "crops.npy"));
  const sources = await readCropSources(out);
  const first = await openCropSet(out);
  first.close();
  const summary = await splitCropSet(out, { by: "field", testFraction: 0.3, seed: 4 });
  assert.deepEqual(summary, {
    out,
    crops: 12,
    fields: 3,
    splits: summary.splits,
    fieldsOfSplits: { train: 2, test: 1 },
  });
  assert.deepEqual([summary.splits["train"], summary.splits["test"]], [8, 4]);
  const set = await openCropSet(out);
  set.close();
  assert.deepEqual(set.info.split, { by: "field", testFraction: 0.3, seed: 4, drawnFrom: null });
  assert.deepEqual(
    set.records.map((one) => ({ ...one, split: null })),
    first.records,
  );
  assert.notEqual(set.sha256, first.sha256);
  assert.deepEqual(readFileSync(join(out, "crops.npy")), before);
  assert.deepEqual(await readCropSources(out), sources);
  assert.deepEqual(readdirSync(join(root, "split")).toSorted(), ["cat.csv", "f0.fits", "f1.fits", "f2.fits", "set"]);
  const again = { by: "crop", testFraction: 0.2, seed: 0 } as const;
  await assert.rejects(
    splitCropSet(out, again),
    /set: has a split already: (train 8, test 4|test 4, train 8)\. Use it, or --force to draw another\.$/,
  );
  assert.equal((await splitCropSet(out, { ...again, existing: "replace" })).splits["test"], 2);
});

test("a subset has its crops' own pixels, ids, sources and split, and says what it was drawn from", async () => {
  const from = await prepared("subset");
  const out = join(root, "subset", "small");
  await splitCropSet(from, { by: "crop", testFraction: 0.25, seed: 2 });
  const seen: number[] = [];
  const summary = await subsetCropSet({ from, out, numCrops: 5, seed: 3 }, ({ done }) => seen.push(done));
  assert.deepEqual([summary.crops, summary.fields, summary.splits, seen], [5, 3, { train: 5 }, [1, 2, 3, 4, 5]]);
  const [large, small] = [await openCropSet(from), await openCropSet(out)];
  assert.deepEqual(small.info.split, { by: "crop", testFraction: 0.25, seed: 3, drawnFrom: "set" });
  for (const [row, one] of small.records.entries()) {
    const origin = large.records.findIndex(({ id }) => id === one.id);
    assert.deepEqual(one, large.records[origin]);
    assert.deepEqual(small.pixelsOf(row), large.pixelsOf(origin));
  }
  const ids = new Set(small.records.map(({ id }) => id));
  assert.deepEqual(
    await readCropSources(out),
    (await readCropSources(from))!.filter(({ crop }) => ids.has(crop)),
  );
  large.close();
  small.close();
  await assert.rejects(subsetCropSet({ from, out, numCrops: 5, seed: 3 }), /small: a crop set is there already/);
});
