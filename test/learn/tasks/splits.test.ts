// Splits: laws that keep test rows out of training, over many random sets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { innerFolds, SPLIT_NAMES, type Split, type SplitName, splitRows, withoutSharedSky } from "#learn/tasks";
import type { CropRecord } from "#sky/survey";
import { cropRecord } from "../crop-sets.ts";

const CROP_SIZE = 10;

/** Fields of side x side tiles that overlap by one pixel. */
function tiledRecords(numFields: number, side: number, split: (row: number) => string | null = () => null): CropRecord[] {
  return Array.from({ length: numFields * side * side }, (_, row) => {
    const tile = row % (side * side);
    const field = `field ${Math.floor(row / (side * side))}`;
    return cropRecord({
      id: `${row}`,
      field,
      y0: 9 * Math.floor(tile / side),
      x0: 9 * (tile % side),
      sourceCount: tile,
      split: split(row),
    });
  });
}

function labelledRows(records: readonly CropRecord[]): number[] {
  return records.map((_, row) => row);
}

function splitOf(name: SplitName, records: readonly CropRecord[], seed = 0): Split {
  return splitRows(name, { records, rows: labelledRows(records), cropSize: CROP_SIZE, seed });
}

function sharesPixels(a: CropRecord, b: CropRecord): boolean {
  return a.field === b.field && Math.abs(a.y0! - b.y0!) < CROP_SIZE && Math.abs(a.x0! - b.x0!) < CROP_SIZE;
}

test("no split ever trains on a test row, and each row is tested at most once", () => {
  for (let repeat = 0; repeat < 30; repeat++) {
    const random = randomFor(1, "split cases", repeat);
    const records = tiledRecords(2 + random.integer(6), 4 + random.integer(5), () => (random.chance(0.3) ? "test" : "train"));
    for (const name of SPLIT_NAMES) {
      const { folds } = splitOf(name, records, repeat);
      for (const { train, test: tested } of folds)
        assert.ok(new Set([...train, ...tested]).size === train.length + tested.length);
      const allTested = folds.flatMap((fold) => fold.test);
      assert.equal(new Set(allTested).size, allTested.length);
    }
  }
});

test("left out in turn, every row is tested exactly once", () => {
  const records = tiledRecords(7, 5);
  for (const name of ["field", "blocks"] as const) {
    const tested = splitOf(name, records).folds.flatMap((fold) => fold.test);
    assert.deepEqual(
      tested.toSorted((a, b) => a - b),
      labelledRows(records),
    );
  }
});

test("by field, training and test rows never share a field, and folds are even where fields are", () => {
  const records = tiledRecords(12, 4);
  const { folds } = splitOf("field", records);
  assert.equal(folds.length, 5);
  for (const { train, test: tested } of folds) {
    const trained = new Set(train.map((row) => records[row]!.field));
    assert.ok(tested.every((row) => !trained.has(records[row]!.field)));
    assert.equal(train.length + tested.length, records.length);
    assert.ok(tested.length === 32 || tested.length === 48, `${tested.length} test rows`);
  }
});

test("by blocks, no training row shares a pixel with a test row, and only such rows are left out", () => {
  for (const [numFields, side] of [
    [1, 16],
    [3, 6],
  ] as const) {
    const records = tiledRecords(numFields, side);
    for (const { train, test: tested } of splitOf("blocks", records).folds) {
      const kept = new Set([...train, ...tested]);
      for (const row of labelledRows(records)) {
        const isTouching = tested.some((other) => sharesPixels(records[row]!, records[other]!));
        if (train.includes(row)) assert.ok(!isTouching, `training row ${row}`);
        if (!kept.has(row)) assert.ok(isTouching, `row ${row} was left out for nothing`);
      }
    }
  }
});

test("a block is one piece: all its tiles hang together", () => {
  const records = tiledRecords(1, 16);
  for (const { test: tested } of splitOf("blocks", records).folds) {
    assert.ok(tested.length === 51 || tested.length === 52);
    const reached = new Set([tested[0]!]);
    for (const row of reached) for (const other of tested) if (sharesPixels(records[row]!, records[other]!)) reached.add(other);
    assert.equal(reached.size, tested.length);
  }
});

test("by crop, a fifth is tested; another seed tests others, the same seed the same", () => {
  const records = tiledRecords(1, 10);
  const [first, again, other] = [splitOf("crop", records, 1), splitOf("crop", records, 1), splitOf("crop", records, 2)];
  assert.equal(first.folds[0]!.test.length, 20);
  assert.deepEqual(first, again);
  assert.notDeepEqual(first.folds[0]!.test, other.folds[0]!.test);
});

test("by crop, the note tells how many test crops share pixels and fields with training crops", () => {
  const records = [...tiledRecords(1, 10), cropRecord({ id: "far", field: "far", y0: 0, x0: 0 })];
  const { folds, notes } = splitOf("crop", records);
  const { train, test: tested } = folds[0]!;
  const numSharing = tested.filter((row) => train.some((other) => sharesPixels(records[row]!, records[other]!))).length;
  const numKnown = tested.filter((row) => records[row]!.field !== "far").length;
  assert.ok(numSharing > 15);
  assert.equal(
    notes[0],
    `${numSharing} of ${tested.length} test crops share pixels with a training crop, ${numKnown} their field: scores by crop flatter.`,
  );
});

test("a set's own split is kept, and rows of neither part are counted", () => {
  const records = tiledRecords(1, 4, (row) => (row < 8 ? "train" : row < 12 ? "test" : row < 14 ? "val" : null));
  const { folds, notes } = splitOf("own", records);
  assert.deepEqual(folds, [{ name: "own", train: [0, 1, 2, 3, 4, 5, 6, 7], test: [8, 9, 10, 11] }]);
  assert.deepEqual(notes, [
    '4 crops are in neither part: they are marked neither "train" nor "test".',
    "4 of 4 test crops share pixels with a training crop, 4 their field: scores by this split flatter.",
  ]);
  const whole = tiledRecords(3, 4, (row) => (row < 32 ? "train" : "test"));
  assert.deepEqual(splitOf("own", whole).notes, []);
});

test("where fields overlap on the sky, training crops that show a test crop's sky are left out and counted", () => {
  // Squares of 0.01 degrees on the equator: field a from 0 to 0.05 degrees of RA, field b from 0.035 on, field c far away.
  const square = (field: string, index: number, ra: number, split: string) =>
    cropRecord({
      ...{ id: `${field}${index}`, field, split, sourceCount: 1, y0: 0, x0: 10 * index, raDeg: ra + 0.005, decDeg: 0 },
      cornersRaDeg: [ra, ra + 0.01, ra + 0.01, ra],
      cornersDecDeg: [-0.005, -0.005, 0.005, 0.005],
    });
  const five = [0, 1, 2, 3, 4];
  const records = [
    ...five.map((index) => square("a", index, 0.01 * index, "train")),
    ...five.map((index) => square("b", index, 0.035 + 0.01 * index, "test")),
    ...five.map((index) => square("c", index, 50 + 0.01 * index, "train")),
  ];
  const split = withoutSharedSky(splitOf("own", records), records);
  // Of a, crop 3 ends at 0.04 and crop 4 at 0.05: both reach into b.
  assert.deepEqual(split.folds, [{ name: "own", train: [0, 1, 2, 10, 11, 12, 13, 14], test: [5, 6, 7, 8, 9] }]);
  assert.deepEqual(split.notes, ["2 training crops are left out: they show sky that a test crop of another field shows."]);
  const byField = withoutSharedSky(splitOf("field", records), records);
  assert.match(byField.notes.at(-1)!, /^4 training crops over 3 folds are left out/);
  const apart = records.filter(({ field }) => field !== "b");
  assert.deepEqual(withoutSharedSky(splitOf("field", apart), apart), splitOf("field", apart));
  const inside = [...records.slice(3, 5), ...records.slice(5, 10)];
  assert.throws(() => withoutSharedSky(splitOf("own", inside), inside), {
    name: "RangeError",
    message: "--split own: fold own: expected at least 2 training crops and 1 test crop, got 0 and 5.",
  });
});

test("inner folds stay inside the training rows and keep the split's manner", () => {
  const records = tiledRecords(6, 4);
  const rows = splitOf("field", records).folds[0]!.train;
  const options = { records, rows, cropSize: CROP_SIZE, seed: 0 };
  for (const name of SPLIT_NAMES) {
    const folds = innerFolds(name, options);
    assert.ok(folds.length > 1);
    for (const { train, test: tested } of folds) {
      assert.ok([...train, ...tested].every((row) => rows.includes(row)));
      assert.ok(tested.every((row) => !train.includes(row)));
      if (name === "blocks") continue;
      const trained = new Set(train.map((row) => records[row]!.field));
      assert.ok(tested.every((row) => !trained.has(records[row]!.field)));
    }
  }
  const oneField = tiledRecords(1, 6);
  const folds = innerFolds("crop", { records: oneField, rows: labelledRows(oneField), cropSize: CROP_SIZE, seed: 0 });
  assert.deepEqual(
    folds.map((fold) => fold.test.length),
    [8, 7, 7, 7, 7],
  );
});

test("a split that the set does not allow is refused with what it lacks", () => {
  const oneField = tiledRecords(1, 4);
  const refusal = (name: SplitName, records: readonly CropRecord[], message: string) =>
    assert.throws(() => splitOf(name, records), { name: "RangeError", message });
  refusal("field", oneField, "--split field: expected crops of at least 2 fields, got 1 (field 0). Use --split blocks.");
  refusal(
    "own",
    oneField,
    '--split own: expected crops marked "train" and "test", got 16 marked none. Draw them with "suricate split", or use another --split.',
  );
  refusal(
    "blocks",
    [cropRecord({ id: "p1" }), cropRecord({ id: "p2" })],
    '--split blocks: expected every crop to have a place in its field, got none for crop "p1". Use --split field or crop.',
  );
  refusal(
    "crop",
    oneField.slice(0, 2),
    "--split crop: fold random: expected at least 2 training crops and 1 test crop, got 2 and 0.",
  );
});

test("a field of 200,000 crops is split in every way", () => {
  const records = tiledRecords(1, 448).concat(tiledRecords(1, 3).map((record) => ({ ...record, field: "other" })));
  const { folds } = splitOf("blocks", records);
  assert.equal(
    folds.reduce((sum, { test: tested }) => sum + tested.length, 0),
    records.length,
  );
  assert.equal(
    splitOf("field", records).folds.reduce((most, { test: tested }) => Math.max(most, tested.length), 0),
    448 ** 2,
  );
  // Neighbours overlap by a pixel: a test crop without a training crop beside it is all but impossible.
  assert.match(splitOf("crop", records).notes[0]!, /^401\d\d of 40143 test crops share pixels/);
});
