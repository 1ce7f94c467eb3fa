// Attention rollout, against products of small matrices by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { attentionRollout } from "#learn/embeddings";

test("a rollout is the class row of the product of (A + I) / 2 over the blocks, the last first", () => {
  const first = [0.5, 0.5, 0, 0.2, 0.2, 0.6, 1, 0, 0];
  const second = [0.1, 0.3, 0.6, 0, 1, 0, 0.25, 0.25, 0.5];
  const last = [0.2, 0.5, 0.3];
  const mixed = (matrix: readonly number[]) => matrix.map((value, index) => (value + Number(index % 4 === 0)) / 2);
  const times = (row: readonly number[], matrix: readonly number[]) =>
    [0, 1, 2].map((column) => row.reduce((sum, value, index) => sum + value * matrix[index * 3 + column]!, 0));
  const expected = times(times([(0.2 + 1) / 2, 0.25, 0.15], mixed(second)), mixed(first));
  const rolled = attentionRollout([first, second], last);
  for (const [index, value] of expected.entries()) assert.ok(Math.abs(rolled[index]! - value) < 1e-15);
  assert.ok(Math.abs(rolled.reduce((sum, value) => sum + value, 0) - 1) < 1e-15, "what is looked at adds up to one");
});

test("without blocks before it the rollout is half the last row and half the token itself", () => {
  assert.deepEqual(Array.from(attentionRollout([], [0.5, 0.25, 0.25])), [0.75, 0.125, 0.125]);
});
