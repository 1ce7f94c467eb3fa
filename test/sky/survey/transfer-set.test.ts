// Two crop sets as one: which crops train, which are tested, whose pixels are whose, and what was seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { seenIdsIn } from "#learn/embeddings";
import { transferSet } from "#sky/survey";
import { cropRecord, cropSetOf } from "../../learn/crop-sets.ts";

const setOf = (name: string, splits: readonly (string | null)[], size = 4) => {
  const records = splits.map((split, index) => cropRecord({ id: `${name}-${index}`, split }));
  const set = cropSetOf(
    records,
    size,
    records.map((_, index) => new Float32Array(size * size).fill(10 * name.length + index)),
  );
  return { ...set, info: { ...set.info, name }, sha256: `hash of ${name}` };
};

test("all of the first set trains and all of the second is tested, whatever their own splits, each with its own pixels", () => {
  const set = transferSet(setOf("a", ["test", "valid", null]), setOf("bb", ["train", "test"]), "both");
  assert.deepEqual(
    set.records.map(({ id, split }) => [id, split]),
    [
      ["a-0", "train"],
      ["a-1", "valid"],
      ["a-2", "train"],
      ["bb-0", "test"],
      ["bb-1", "test"],
    ],
  );
  assert.deepEqual(
    set.records.map((_, index) => set.pixelsOf(index)[0]),
    [10, 11, 12, 20, 21],
  );
  assert.deepEqual([set.info.name, set.sha256], ["a to bb", "both"]);
});

test("a pair is none of the sets that were published, whatever its two sets are", () => {
  const first = setOf("a", [null]);
  const published = { ...first, info: { ...first.info, collection: "MiraBest" } };
  assert.equal(transferSet(published, setOf("bb", [null]), "both").info.collection, "MiraBest to bb");
});

test("a backbone that was trained on either set has seen its crops", () => {
  const set = transferSet(setOf("a", [null, null]), setOf("bb", [null]), "both");
  const seen = [{ cropSetName: "bb", cropSetSha256: "of an earlier one", ids: ["bb-0", "a-1"] }];
  assert.deepEqual(seenIdsIn(set, seen), ["bb-0"]);
});

test("sets of crops of different sizes are refused, with both sizes", () => {
  assert.throws(() => transferSet(setOf("a", [null]), setOf("bb", [null], 5), "both"), {
    name: "RangeError",
    message:
      "--test bb: expected crops of 4 (stored 4) pixels as in a, got 5 (stored 5). Make one of the sets anew with another --size.",
  });
});
