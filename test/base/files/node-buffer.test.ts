import assert from "node:assert/strict";
import { test } from "node:test";
import { float32 } from "#base/array";
import { formatNpy, formatParquet, formatSafetensors, parseNpy, parseParquet, parseSafetensors } from "#base/files";

/** The same bytes as a Buffer that begins in the middle of other memory; Buffer.slice, unlike Uint8Array.slice, does not copy. */
function insideLarger(bytes: Uint8Array): Buffer {
  const larger = Buffer.alloc(bytes.length + 24, 0xab);
  larger.set(bytes, 16);
  return larger.subarray(16, 16 + bytes.length);
}

const array = float32([2, 2], [1, -2, 3.5, 1e30]);

test("npy bytes may be a Buffer that is part of a larger one", () => {
  assert.deepEqual(parseNpy(insideLarger(formatNpy(array))), array);
});

test("safetensors bytes may be a Buffer that is part of a larger one", () => {
  const { tensors } = parseSafetensors(insideLarger(formatSafetensors(new Map([["a", array]]))));
  assert.deepEqual(tensors.get("a"), array);
});

test("Parquet bytes may be a Buffer that is part of a larger one", async () => {
  const columns = [{ name: "flux", type: "double" as const, values: [1, -2, 3.5] }];
  const { columns: read } = await parseParquet(insideLarger(formatParquet(columns)));
  assert.deepEqual([...read[0]!.values], [1, -2, 3.5]);
});
