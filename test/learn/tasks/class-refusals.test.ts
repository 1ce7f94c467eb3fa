// What classifications refuse or count: shared rows and positions, seen rows, broken embeddings, classes that are too small.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EmbeddingTable } from "#learn/embeddings";
import { type ClassRecord, evaluateClasses, SAME_SOURCE_ARCSEC, sharedRowFinder } from "#learn/tasks";
import type { CropRecord } from "#sky/survey";
import { cropRecord, tableOf } from "../crop-sets.ts";
import { classOptions, knowing, labelled } from "./class-tables.ts";

const FR = ["FRI", "FRII"];
const ROWS = labelled(FR, 40);
const TABLE = knowing("runs/a", ROWS, 0.5);

const evaluate = (table: EmbeddingTable, more: Parameters<typeof classOptions>[1] = {}): ClassRecord =>
  evaluateClasses("fr", classOptions(table, more));
const withRecords = (change: (record: CropRecord, row: number) => CropRecord): EmbeddingTable => ({
  ...TABLE,
  records: ROWS.map(change),
});

/** Rows 0 and 1 are test crops, 2 to 7 training crops. Row 2 shows the source of row 0, 20 arcsec away in right ascension. */
const NEAR = withRecords((record, row) => {
  const cosDec = Math.cos((60 * Math.PI) / 180);
  const raDeg = row === 2 ? 359.999 + 20 / 3600 / cosDec - 360 : row === 0 ? 359.999 : row;
  return { ...record, raDeg, decDeg: 60 };
});

test("training crops that show a test crop's source are refused, left out and counted, or kept and told of", () => {
  const fact = 'share their id, their place on the sky (30") or their embedding with a test crop';
  assert.throws(() => evaluate(NEAR), {
    name: "RangeError",
    message: `evaluate: 1 training crops ${fact}. Say --shared drop to leave them out of training, or --shared report to keep them and have it noted.`,
  });
  const dropped = evaluate(NEAR, { sharedRows: "drop" });
  assert.equal(dropped.numTrain, 59);
  assert.deepEqual(dropped.exclusions, [
    { reason: "training crops that share id, place on the sky or embedding with a test crop", count: 1 },
  ]);
  const reported = evaluate(NEAR, { sharedRows: "report" });
  assert.equal(reported.numTrain, 60);
  assert.ok(reported.notes.includes(`1 training crops ${fact}: the scores may flatter.`));
});

test("places are compared on the sphere: through right ascension 0, and by true distance at high declination", () => {
  const at = (raDeg: number, decDeg: number) => ({ raDeg, decDeg });
  const places = [at(0.001, 0), at(359.999, 0), at(10, 89.99), at(30, 89.99), at(10, -89.99), at(10, 89.99 + 29 / 3600)];
  const records = places.map((place, row) => cropRecord({ id: `${row}`, ...place }));
  const table = tableOf(
    "a",
    records,
    records.map((_, row) => [row]),
  );
  const find = sharedRowFinder(table);
  // 7.2 arcsec through zero; 36 arcsec from the pole, 20 degrees are 12.5 arcsec; 29 arcsec straight up.
  assert.deepEqual(find([1, 2, 3, 4, 5], [0]), [1]);
  assert.deepEqual(find([0, 1, 3, 4, 5], [2]), [3, 5]);
  assert.equal(SAME_SOURCE_ARCSEC, 30);
});

test("the same id and the very same embedding give a test crop away; short embeddings may be equal by chance", () => {
  const twin = TABLE.embeddings.slice();
  twin.copyWithin(9 * TABLE.dim, 0, TABLE.dim);
  assert.deepEqual(sharedRowFinder({ ...TABLE, embeddings: twin })([8, 9, 10], [0, 1]), [9]);
  const sameId = withRecords((record, row) => (row === 5 ? { ...record, id: "c1" } : record));
  assert.deepEqual(sharedRowFinder(sameId)([4, 5, 6], [0, 1]), [5]);
  const short = tableOf(
    "mean",
    ROWS,
    ROWS.map(() => [1]),
  );
  assert.deepEqual(sharedRowFinder(short)([4, 5, 6], [0, 1]), []);
});

test("folds that are drawn here leave shared training crops out by themselves", () => {
  const record = evaluate(NEAR, { split: "folds", numRepeats: 2, sharedRows: "refuse" });
  assert.equal(record.exclusions[0]!.count % 2, 0);
  assert.ok(record.exclusions[0]!.count <= 4);
});

test("test crops seen in pre-training are refused, or accepted and noted", () => {
  const seen = { ...TABLE, seenIds: ["c0", "c1", "c2"] };
  assert.throws(() => evaluate(seen), {
    message:
      'evaluate: 2 of 20 test crops were seen in the pre-training of "runs/a". Evaluate on other crops or --split own, or say --allow-seen to have it noted in the result.',
  });
  const { notes } = evaluate(seen, { seenTestRows: "report" });
  assert.ok(notes.includes('2 of 20 test crops were seen in the pre-training of "runs/a": its score may flatter.'));
});

const spoilt = TABLE.embeddings.slice();
spoilt[7] = Number.NaN;
const REFUSALS: readonly (readonly [what: string, run: () => unknown, message: string])[] = [
  [
    "NaN embeddings",
    () => evaluate({ ...TABLE, embeddings: spoilt }),
    `evaluate: embeddings of "runs/a": expected finite numbers, got 1 of 960 NaN or infinite.`,
  ],
  [
    "embeddings that are not two-dimensional",
    () => evaluate({ ...TABLE, embeddings: TABLE.embeddings.subarray(0, 900) }),
    `evaluate: embeddings of "runs/a": expected 2-D embeddings, 80 crops by 1 number or more, got 900 numbers and a length of 12.`,
  ],
  [
    "embeddings of length 0",
    () => evaluate({ ...TABLE, dim: 0, embeddings: new Float32Array(0) }),
    `evaluate: embeddings of "runs/a": expected 2-D embeddings, 80 crops by 1 number or more, got 0 numbers and a length of 0.`,
  ],
  [
    "embeddings of other crops",
    () => evaluate(TABLE, { floors: [{ ...TABLE, backbone: "b", records: ROWS.toReversed() }] }),
    `evaluate: embeddings of "b": expected the crops of "runs/a" in their order, got others. Embed the same crop set.`,
  ],
  [
    "a class with one training crop",
    () => evaluate(withRecords((record, row) => (record.label === "FRII" && row > 4 ? { ...record, label: null } : record))),
    `evaluate: expected at least 2 training crops of every class, got 1 of "FRII". Leave the class out with --classes.`,
  ],
  [
    "training crops that all stand where a test crop does",
    () =>
      evaluate(
        withRecords((record) => ({ ...record, raDeg: 10, decDeg: -30 })),
        { sharedRows: "drop" },
      ),
    `evaluate: expected at least 2 training crops of every class, got 0 of "FRI", after 60 training crops that share id, place on the sky or embedding with a test crop were left out. Leave the class out with --classes.`,
  ],
  [
    "labels that are missing altogether",
    () => evaluate(withRecords((record) => ({ ...record, label: null }))),
    "evaluate: expected crops with 2 labels or more, got none in 80 crops. Name the classes with --classes.",
  ],
  [
    "a set that has no split of its own",
    () => evaluate(withRecords((record) => ({ ...record, split: null }))),
    '--split own: expected crops marked "train" and "test", got 80 marked none. Draw them with "suricate split", or use another --split.',
  ],
  ["no probe seed", () => evaluate(TABLE, { probeSeeds: [] }), "evaluate: expected at least one probe seed, got none."],
];

for (const [what, run, message] of REFUSALS) {
  test(`a classification refuses ${what}`, () => {
    assert.throws(run, { name: "RangeError", message });
  });
}
