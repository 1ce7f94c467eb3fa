// Ten thousand mutations each of torch checkpoints of both formats, safetensors and npy: a value or a clear error, never anything else.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { float32, type Random, randomFor } from "#base/array";
import {
  bytesSource,
  formatNpy,
  formatSafetensors,
  isTorchTensor,
  type PickleValue,
  parseNpy,
  parseSafetensors,
} from "#base/files";
import { openTorchCheckpoint } from "#base/files/disk";
import { summariseOnnx } from "#engine/runtime";
import { foreignModel } from "../engine/runtime/foreign-models.ts";
import { realData } from "../real-data.ts";

const NUM_MUTATIONS = 10_000;
/** No case may take longer, milliseconds, nor may the process grow by more, bytes. */
const LONGEST_CASE = 3000;
const GREATEST_GROWTH = 1.5e9;

const data = realData("checkpoints");
const folder = mkdtempSync(join(tmpdir(), "suricate-fuzz-"));
after(() => rmSync(folder, { recursive: true }));

/** A few bytes changed, cut, doubled or filled with large numbers. */
function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const numChanges = 1 + random.integer(6);
  for (let change = 0; change < numChanges; change++) {
    const place = random.integer(copy.length);
    const kind = random.integer(5);
    if (kind === 0) copy[place] = random.integer(256);
    else if (kind === 1) copy[place]! ^= 1 << random.integer(8);
    else if (kind === 2) copy.fill(random.chance(0.5) ? 0xff : 0, place, place + 1 + random.integer(9));
    else if (kind === 3) copy.copyWithin(place, random.integer(copy.length), random.integer(copy.length));
    else if (random.chance(0.2)) return copy.subarray(0, place);
  }
  return copy;
}

function fuzz(name: string, bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): void {
  const startMemory = process.memoryUsage().rss;
  let [numRead, numRefused] = [0, 0];
  for (let index = 0; index < NUM_MUTATIONS; index++) {
    const input = mutated(bytes, randomFor(7, name, index));
    const started = performance.now();
    try {
      read(input);
      numRead++;
    } catch (error) {
      numRefused++;
      assert.equal((error as Error).name, "FileFormatError", `${name}, mutation ${index}: ${(error as Error).stack}`); // what else is thrown shows itself
    }
    assert.ok(performance.now() - started < LONGEST_CASE, `${name}, mutation ${index}: ${performance.now() - started} ms`);
  }
  // Both must happen, or nothing was tried.
  assert.ok(numRead > 0 && numRefused > NUM_MUTATIONS / 10, `${name}: ${numRead} read, ${numRefused} refused`);
  assert.ok(process.memoryUsage().rss - startMemory < GREATEST_GROWTH, `${name}: ${process.memoryUsage().rss} bytes`);
}

/** Reads a checkpoint and every tensor in it. */
function readTorch(bytes: Uint8Array): void {
  const path = join(folder, "mutated.pth");
  writeFileSync(path, bytes);
  const checkpoint = openTorchCheckpoint(path);
  try {
    const seen = new Set<PickleValue>();
    const queue: PickleValue[] = [checkpoint.content];
    for (const value of queue) {
      if (seen.has(value)) continue;
      seen.add(value);
      if (isTorchTensor(value)) checkpoint.read(value);
      else if (Array.isArray(value)) queue.push(...value);
      else if (value instanceof Map) queue.push(...value.values());
    }
  } finally {
    checkpoint.close();
  }
}

for (const name of ["odd_dtypes_zip.pth", "odd_dtypes_legacy.pth"]) {
  test(`${NUM_MUTATIONS} mutations of ${name} end in a value or a clear error`, { skip: data.skip }, () =>
    fuzz(name, readFileSync(join(data.path, name)), readTorch),
  );
}

test(`${NUM_MUTATIONS} mutations of a safetensors file end in a value or a clear error`, () => {
  const tensors = new Map([
    ["weight", float32([3, 4], new Array(12).fill(1))],
    ["bias", float32([4], [1, 2, 3, 4])],
  ]);
  return fuzz("safetensors", formatSafetensors(tensors, { made: "for a test" }), (bytes) => parseSafetensors(bytes));
});

test(`${NUM_MUTATIONS} mutations of an npy file end in a value or a clear error`, () =>
  fuzz("npy", formatNpy(float32([3, 4], new Array(12).fill(1))), (bytes) => parseNpy(bytes)));

test(`${NUM_MUTATIONS} mutations of an ONNX model end in a summary or a clear error`, () =>
  fuzz("an ONNX model", foreignModel(), (bytes) => summariseOnnx(bytesSource(bytes), "mutated.onnx")));
