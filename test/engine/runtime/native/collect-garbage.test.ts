import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { collectGarbage } from "../../../../src/engine/runtime/native/collect-garbage.ts";

test("What nothing refers to is gone, what is referred to stays", async () => {
  const kept = { many: new Array<number>(1000).fill(1) };
  const references = [new WeakRef(kept), new WeakRef({ many: new Array<number>(1000).fill(2) })];
  await setTimeout(1); // a WeakRef holds what it was made for until the turn of the event loop ends
  collectGarbage();
  assert.deepEqual(
    references.map((reference) => reference.deref()),
    [kept, undefined],
  );
});
