// Training as a whole, on a tiny network: stopped and resumed, divided among threads, and which crops it sees.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { DinoConfig } from "#learn/dino";
import { readRun } from "#learn/runs/disk";
import type { CropSet } from "#sky/survey";
import { checkpointContent, clocklessMetrics, syntheticCropSet, temporaryFolder, tinyConfig, train } from "./training-case.ts";

/** Twelve crops in steps of four: three steps an epoch. */
const cropSet = syntheticCropSet(12);
const NUM_STEPS = 6;

/** An `onStep` that aborts after a step, with its signal. */
function stopAfter(step: number) {
  const controller = new AbortController();
  const onStep = (metrics: { readonly step: number }) => {
    if (metrics.step === step) controller.abort();
  };
  return { signal: controller.signal, onStep };
}

/** Trains and stops after each of these steps, going on in between, until it is done. */
async function trainWithStops(path: string, config: DinoConfig, stops: readonly number[]): Promise<void> {
  for (const [index, step] of stops.entries()) {
    const summary = await train(path, config, { cropSet, ...stopAfter(step), ...(index > 0 ? { resume: "resume" } : {}) });
    assert.equal(summary.outcome, "interrupted");
    assert.equal(summary.counters.step, step);
  }
  const summary = await train(path, config, { cropSet, resume: "resume" });
  assert.equal(summary.outcome, "finished");
}

const schemes = [
  { optimiser: "adamw", batchSize: 4, numAccumulatedBatches: 1 },
  { optimiser: "adamw", batchSize: 2, numAccumulatedBatches: 2 },
  { optimiser: "sgd", batchSize: 4, numAccumulatedBatches: 1 },
  { optimiser: "sgd", batchSize: 2, numAccumulatedBatches: 2 },
  // Its running averages are part of the state too.
  { optimiser: "sgd", batchSize: 2, numAccumulatedBatches: 2, backbone: { kind: "resnet", depth: 18, width: 4, imageSize: 16 } },
];
for (const scheme of schemes) {
  const network = scheme.backbone ? ", a ResNet" : "";
  test(`resuming equals never stopping, bit for bit: ${scheme.optimiser}${network}, ${scheme.numAccumulatedBatches} x ${scheme.batchSize} crops a step`, async (t) => {
    const folder = temporaryFolder(t);
    const config = tinyConfig({ ...scheme, numEpochs: 2 });
    const [whole, stopped] = [join(folder, "whole"), join(folder, "stopped")];
    await train(whole, config, { cropSet });
    // After step 2 in mid-epoch, and after step 3 at the epoch's end.
    await trainWithStops(stopped, config, [2, 3]);
    assert.equal(clocklessMetrics(whole).length, NUM_STEPS);
    assert.deepEqual(clocklessMetrics(stopped), clocklessMetrics(whole));
    assert.deepEqual(checkpointContent(stopped, "epoch-002"), checkpointContent(whole, "epoch-002"));
  });
}

test("a run stopped in mid-epoch has a checkpoint of that very step, and one stopped at an epoch's end that of the epoch", async (t) => {
  const folder = temporaryFolder(t);
  const config = tinyConfig({ numEpochs: 2 });
  await train(join(folder, "middle"), config, { cropSet, ...stopAfter(2) });
  assert.deepEqual(readRun(join(folder, "middle")).checkpoints, ["epoch-000-step-000002"]);
  await train(join(folder, "end"), config, { cropSet, ...stopAfter(3) });
  assert.deepEqual(readRun(join(folder, "end")).checkpoints, ["epoch-001"]);
});

test("a training whose signal comes before its first step ends at once, and goes on as if it had never begun", async (t) => {
  const folder = temporaryFolder(t);
  const config = tinyConfig({ numEpochs: 1 });
  const [whole, stopped] = [join(folder, "whole"), join(folder, "stopped")];
  await train(whole, config, { cropSet });
  // With a thread: the views of the first step are under way when the pool closes.
  const none = await train(stopped, config, { cropSet, numViewThreads: 1, signal: AbortSignal.abort() });
  assert.deepEqual([none.outcome, none.counters.step, none.lastMetrics], ["interrupted", 0, undefined]);
  await train(stopped, config, { cropSet, resume: "resume" });
  assert.deepEqual(clocklessMetrics(stopped), clocklessMetrics(whole));
  assert.deepEqual(checkpointContent(stopped, "epoch-001"), checkpointContent(whole, "epoch-001"));
});

test("a resumed training that is stopped before its first step leaves its checkpoint alone", async (t) => {
  const path = join(temporaryFolder(t), "run");
  const config = tinyConfig({ numEpochs: 1 });
  await train(path, config, { cropSet, ...stopAfter(2) });
  const file = join(path, "checkpoints", "epoch-000-step-000002.safetensors");
  const { ino } = statSync(file);
  await train(path, config, { cropSet, resume: "resume", signal: AbortSignal.abort() });
  assert.equal(statSync(file).ino, ino);
  assert.equal(clocklessMetrics(path).length, 2);
});

test("a finished training that is gone on with has nothing left to do", async (t) => {
  const path = join(temporaryFolder(t), "run");
  const config = tinyConfig({ numEpochs: 1 });
  await train(path, config, { cropSet });
  const again = await train(path, config, { cropSet, resume: "resume" });
  assert.deepEqual([again.outcome, again.counters.step, again.lastMetrics], ["finished", 3, undefined]);
});

test("the same seed gives the same bytes whatever the number of view threads, and another seed gives others", async (t) => {
  const folder = temporaryFolder(t);
  const contents = [];
  for (const numViewThreads of [0, 1, 3]) {
    const path = join(folder, `${numViewThreads}`);
    await train(path, tinyConfig({ numEpochs: 1, seed: 5 }), { cropSet, numViewThreads });
    contents.push([clocklessMetrics(path), checkpointContent(path, "epoch-001")]);
  }
  assert.deepEqual(contents[1], contents[0]);
  assert.deepEqual(contents[2], contents[0]);
  await train(join(folder, "other"), tinyConfig({ numEpochs: 1, seed: 6 }), { cropSet });
  assert.notDeepEqual(clocklessMetrics(join(folder, "other")), contents[0]![0]);
});

/** A crop set that notes which crops are looked at, in order. */
function watched(inner: CropSet): { readonly cropSet: CropSet; readonly seen: number[] } {
  const seen: number[] = [];
  const pixelsOf = (index: number) => {
    seen.push(index);
    return inner.pixelsOf(index);
  };
  return { cropSet: { ...inner, pixelsOf }, seen };
}

test("crops set aside for testing are never looked at, and all others are, once an epoch", async (t) => {
  const { cropSet: watchedSet, seen } = watched(syntheticCropSet(12, { testRows: [0, 3, 7, 11] }));
  await train(join(temporaryFolder(t), "run"), tinyConfig({ numEpochs: 2 }), { cropSet: watchedSet });
  const trained = [1, 2, 4, 5, 6, 8, 9, 10];
  assert.deepEqual(
    seen.slice(0, 8).toSorted((a, b) => a - b),
    trained,
  );
  assert.deepEqual(
    seen.slice(8).toSorted((a, b) => a - b),
    trained,
  );
});

test("the crops that make no whole step are left out of an epoch", async (t) => {
  const { cropSet: watchedSet, seen } = watched(syntheticCropSet(11));
  const { counters } = await train(join(temporaryFolder(t), "run"), tinyConfig({ numEpochs: 1 }), { cropSet: watchedSet });
  assert.equal(counters.step, 2);
  assert.equal(new Set(seen).size, 8);
});

test("a crop that cannot be viewed ends training with its name, and what was trained stays", async (t) => {
  const path = join(temporaryFolder(t), "run");
  const config = tinyConfig({ numEpochs: 2 });
  await train(path, config, { cropSet, ...stopAfter(3) });
  const broken = {
    ...cropSet,
    pixelsOf: (row: number) =>
      cropSet
        .pixelsOf(row)
        .slice()
        .fill(Number.NaN, 0, row === 5 ? 1 : 0),
  };
  for (const numViewThreads of [0, 2]) {
    await assert.rejects(train(path, config, { cropSet: broken, numViewThreads, resume: "resume" }), {
      message: 'views: crop "crop-5": expected no NaN, got 1 NaN pixels. Prepare the set again without it.',
    });
  }
  assert.deepEqual(readRun(path).checkpoints, ["epoch-001"]);
  assert.equal((await train(path, config, { cropSet, resume: "resume" })).outcome, "finished");
});

test("every step has its line in metrics.jsonl and its event for TensorBoard when training ends", async (t) => {
  const path = join(temporaryFolder(t), "run");
  await train(path, tinyConfig({ numEpochs: 2 }), { cropSet });
  const text = readFileSync(join(path, "metrics.jsonl"), "utf8");
  assert.ok(text.endsWith("\n"));
  const metrics = readRun(path).metrics;
  assert.deepEqual(
    metrics.map(({ step, epoch }) => [step, epoch]),
    [0, 0, 0, 1, 1, 1].map((epoch, index) => [index + 1, epoch]),
  );
  for (const record of metrics) for (const [name, value] of Object.entries(record)) assert.ok(Number.isFinite(value), name);
  for (const record of metrics) {
    assert.ok(Math.abs(record["klDivergence"]! - (record["loss"]! - record["teacherEntropy"]!)) < 1e-12);
    assert.ok(Math.abs(record["lnK"]! - Math.log(24)) < 1e-12);
  }
  const events = readdirSync(path).filter((file) => file.startsWith("events.out.tfevents."));
  assert.equal(events.length, 1);
  // One event for the file's version, one for the session's start.
  assert.equal(numRecords(readFileSync(join(path, events[0]!))), 2 + NUM_STEPS);
});

/** TFRecord: a length of 8 bytes, 4 bytes of checksum, the message, 4 bytes of checksum. */
function numRecords(bytes: Buffer): number {
  let count = 0;
  let position = 0;
  for (; position < bytes.length; count++) position += 16 + Number(bytes.readBigUInt64LE(position));
  assert.equal(position, bytes.length);
  return count;
}
