import assert from "node:assert/strict";
import { test } from "node:test";
import { updatePieces, updateShape } from "#engine/nn";

test("an array that is small enough stays whole, without the sizes of 1 at its end", () => {
  assert.deepEqual(updateShape([8, 3, 1, 1]), [8, 3]);
  assert.deepEqual(updatePieces({ name: "kernel", shape: [8, 3, 1, 1] }, 24), [{ name: "kernel", shape: [8, 3], start: 0 }]);
  assert.deepEqual(updatePieces({ name: "scale", shape: [] }, 24), [{ name: "scale", shape: [], start: 0 }]);
});

test("a larger one is cut into vectors, the last as long as what is left", () => {
  assert.deepEqual(updatePieces({ name: "w", shape: [5, 5] }, 10), [
    { name: "w[0]", shape: [10], start: 0 },
    { name: "w[1]", shape: [10], start: 10 },
    { name: "w[2]", shape: [5], start: 20 },
  ]);
});
