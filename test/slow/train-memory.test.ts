// Training for long takes no more memory than training for short.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { syntheticCropSet, temporaryFolder, tinyConfig, train } from "../learn/dino/training-case.ts";

const NUM_STEPS = 200;
const MEGABYTE = 2 ** 20;

test("memory stays level over two hundred steps with view threads and checkpoints", async (t) => {
  // A state of 10 MB and gradients of 3: a step that kept either would show as hundreds of megabytes.
  const head = { hiddenDim: 64, bottleneckDim: 32, numPrototypes: 20_000 };
  const checkpoints = { everyEpochs: 10, keepLast: 2, keepEvery: 1000 };
  const stopping = { patienceEpochs: null };
  const config = tinyConfig({ head, checkpoints, stopping, numEpochs: NUM_STEPS, batchSize: 8, numAccumulatedBatches: 2 });
  const resident: number[] = [];
  const onStep = () => void resident.push(process.memoryUsage().rss / MEGABYTE);
  await train(join(temporaryFolder(t), "run"), config, { cropSet: syntheticCropSet(16), numViewThreads: 1, onStep });
  assert.equal(resident.length, NUM_STEPS);
  const [early, late] = [middleOf(resident.slice(50, 100)), middleOf(resident.slice(150))];
  t.diagnostic(`resident memory ${early.toFixed(0)} MB over steps 50 to 100, ${late.toFixed(0)} MB over steps 150 to 200`);
  // The process stands at one of two levels, 32 MB apart, over 800 steps as over 200.
  assert.ok(late < early + 40, `from ${early} to ${late} MB`);
});

function middleOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!; // never empty here
}
