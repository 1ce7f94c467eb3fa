// What records say of the crops that they were made on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluateCka } from "#learn/tasks";
import { cropRecord, tableOf } from "../crop-sets.ts";

test("a record tells the published set and the surveys of its crops, and is silent where they are not known", () => {
  const factsOf = (surveys: readonly (string | null)[], more: { readonly collection?: string } = {}) => {
    const records = surveys.map((survey, row) => cropRecord({ id: String(row), field: String(row), survey }));
    const vectors = surveys.map((_, row) => [row, row * row]);
    const table = tableOf("a", records, vectors, more);
    const record = evaluateCka({ table, other: { ...table, backbone: "b" }, maxCrops: 10, seed: 0 });
    return [record.cropSetName, record.collection, record.surveys, record.dataHash];
  };
  const known = factsOf(["MIGHTEE", "MGCLS", null, "MIGHTEE"], { collection: "a pair" });
  assert.deepEqual(known, ["tiny", "a pair", ["MGCLS", "MIGHTEE"], "cd".repeat(32)]);
  assert.deepEqual(factsOf([null, null, null, null]), ["tiny", undefined, undefined, "cd".repeat(32)]);
});
