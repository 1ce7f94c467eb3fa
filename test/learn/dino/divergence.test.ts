// Training that runs away: what the error says, what is saved, and how a run goes on.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DivergenceError, stepRows } from "#learn/dino";
import { readCheckpointFile, readRun } from "#learn/runs/disk";
import { checkpointContent, clocklessMetrics, syntheticCropSet, temporaryFolder, tinyConfig, train } from "./training-case.ts";

const cropSet = syntheticCropSet(12);
const healthy = tinyConfig({ numEpochs: 2 });
/** Parameters of about 1e28 after one step: their products overflow in the next. At step 5 of 6 a cosine is a quarter of its height. */
const absurd = tinyConfig({ numEpochs: 2, learningRatePer256: 1e30, numWarmupEpochs: 0 });

/** The error that a training ends in. */
async function divergenceOf(training: Promise<unknown>): Promise<DivergenceError> {
  const error = await training.then(
    () => assert.fail("nothing was thrown"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DivergenceError, String(error));
  return error;
}

/** A healthy first epoch, after which an absurd rate diverges in the second. */
async function divergedRun(path: string): Promise<DivergenceError> {
  const controller = new AbortController();
  const onStep = ({ step }: { readonly step: number }) => void (step === 3 && controller.abort());
  await train(path, healthy, { cropSet, signal: controller.signal, onStep });
  return divergenceOf(train(path, absurd, { cropSet, resume: "resume" }));
}

test("an absurd learning rate ends in one line with step, epoch, loss, gradient norm, learning rate and where the state is", async (t) => {
  const path = join(temporaryFolder(t), "run");
  const { message } = await divergedRun(path);
  const number = String.raw`\d[\d.e+]*`;
  const expected = new RegExp(
    String.raw`^DivergenceError: step 5 \(epoch 1\): loss is (?:NaN|Infinity|${number}), gradient norm (?:NaN|Infinity|${number}), ` +
      String.raw`learning rate 3\.91e\+27\. The step before had loss ${number}, gradient norm ${number}\. ` +
      String.raw`State saved in ${join(path, "before-nan")}\. ` +
      String.raw`Go on from the last checkpoint with a lower rate: --resume --set learningRatePer256=\.\.\.$`,
  );
  assert.match(message, expected);
  assert.match(message, /NaN|Infinity/);
});

test("the state before the refused step is kept whole and finite, beside its crops, and is no checkpoint of the run", async (t) => {
  const path = join(temporaryFolder(t), "run");
  await divergedRun(path);
  const { tensors, position, counters } = readCheckpointFile(join(path, "before-nan", "state.safetensors"));
  assert.deepEqual(position, { epoch: 1, stepInEpoch: 1, step: 4 });
  assert.deepEqual(counters, { numUpdates: { decayed: 4, undecayed: 4, prototypes: 1 } });
  let largest = 0;
  for (const [name, { data }] of tensors) {
    for (const value of data as Float32Array) {
      assert.ok(Number.isFinite(value), name);
      largest = Math.max(largest, Math.abs(value));
    }
  }
  // The state of the step that went wrong, not the healthy one before it.
  assert.ok(largest > 1e20);

  const step = JSON.parse(readFileSync(join(path, "before-nan", "step.json"), "utf8")) as Record<string, unknown>;
  assert.deepEqual([step["step"], step["epoch"], step["stepInEpoch"], step["seed"]], [5, 1, 1, 0]);
  assert.equal(step["cropSetSha256"], cropSet.sha256);
  const rows = cropSet.records.map((_, row) => row);
  assert.deepEqual(
    step["cropIds"],
    stepRows(absurd, rows, 1, 1).map((batch) => batch.map((row) => `crop-${row}`)),
  );
  assert.ok(step["loss"] === null || step["gradientNorm"] === null);
  assert.deepEqual(readRun(path).checkpoints, ["epoch-001"]);
  assert.equal(readFileSync(join(path, "last"), "utf8"), "epoch-001\n");
});

test("after a divergence a run goes on from its last checkpoint as if the bad steps had never been", async (t) => {
  const folder = temporaryFolder(t);
  const [whole, mended] = [join(folder, "whole"), join(folder, "mended")];
  await train(whole, healthy, { cropSet });
  await divergedRun(mended);
  await train(mended, healthy, { cropSet, resume: "resume" });
  assert.deepEqual(clocklessMetrics(mended), clocklessMetrics(whole));
  assert.deepEqual(checkpointContent(mended, "epoch-002"), checkpointContent(whole, "epoch-002"));
});

test("a second divergence takes the place of the first one's state", async (t) => {
  const path = join(temporaryFolder(t), "run");
  await divergedRun(path);
  const hotter = tinyConfig({ ...absurd, learningRatePer256: 1e31 });
  await divergenceOf(train(path, hotter, { cropSet, resume: "resume" }));
  const step = JSON.parse(readFileSync(join(path, "before-nan", "step.json"), "utf8")) as { settings: { learningRate: number } };
  // 1e31 x 4 crops / 256 x 1/4
  assert.ok(Math.abs(step.settings.learningRate / 3.90625e28 - 1) < 1e-6);
});

test("a state that overflows in its own update never becomes a checkpoint", async (t) => {
  const path = join(temporaryFolder(t), "run");
  // One step an epoch, so that a checkpoint is due right after the update.
  const config = tinyConfig({ batchSize: 12, numEpochs: 2, learningRatePer256: 1e45, numWarmupEpochs: 0 });
  const { message } = await divergenceOf(train(path, config, { cropSet }));
  assert.equal(
    message,
    'DivergenceError: step 1 (epoch 1): "student.cls_token" is not finite after the update. ' +
      `Nothing is saved over the checkpoints of ${path}. ` +
      "Go on from the last checkpoint with a lower rate: --resume --set learningRatePer256=...",
  );
  assert.deepEqual(readRun(path).checkpoints, []);
});
