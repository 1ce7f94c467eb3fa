// The paper's stopping rule on made-up histories, and on trainings that stop, resume and probe.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { convergedBecause, epochMetricsOf, NOTHING_SEEN, type StoppingRule, withEpochEnd, withStepLoss } from "#learn/dino";
import type { Probe } from "#learn/dino/native";
import { readRun } from "#learn/runs/disk";
import { checkpointContent, clocklessMetrics, syntheticCropSet, temporaryFolder, tinyConfig, train } from "./training-case.ts";

const RULE: StoppingRule = { patienceEpochs: 100, lossFraction: 0.01 };

/** The first epoch after which the rule stops a training with these losses and probe errors, and why; undefined where it never does. */
function stopOf(
  numEpochs: number,
  { loss, probe = () => undefined }: { loss: (epoch: number) => number; probe?: (epoch: number) => number | undefined },
  rule = RULE,
) {
  let seen = NOTHING_SEEN;
  for (let epoch = 1; epoch <= numEpochs; epoch++) {
    // Two steps about the epoch's mean.
    for (const offset of [-0.1, 0.1]) seen = withStepLoss(seen, loss(epoch) + offset);
    seen = withEpochEnd(seen, { epoch, probeError: epoch % 25 === 0 ? probe(epoch) : undefined, rule });
    const because = convergedBecause(seen, rule);
    if (because !== undefined) return { epoch, because };
  }
  return undefined;
}

test("a loss that stands still stops training a hundred epochs after it last fell by one per cent", () => {
  const stop = stopOf(500, { loss: (epoch) => (epoch <= 40 ? 10 - 0.2 * epoch : 2) });
  assert.deepEqual(stop, {
    epoch: 140,
    because: "the loss has not fallen by 1 % in 100 epochs (2.000 in epoch 40, 2.000 in epoch 140)",
  });
});

test("a loss that falls by a little more than one per cent in a hundred epochs goes on, by a little less stops", () => {
  const falling = (perHundred: number) => (epoch: number) => 8 * (1 - perHundred) ** (epoch / 100);
  assert.equal(stopOf(500, { loss: falling(0.0105) }), undefined);
  assert.equal(stopOf(500, { loss: falling(0.0095) })?.epoch, 101);
});

test("a probe that no longer improves stops training although the loss still falls, as the paper's ViT did at epoch 475", () => {
  const errors = (epoch: number) => 40 + Math.abs(epoch - 375) / 10;
  const stop = stopOf(500, { loss: (epoch) => 9 * 0.999 ** epoch, probe: errors });
  assert.deepEqual(stop, {
    epoch: 475,
    because: "the probe's error has not improved in 100 epochs (least after epoch 375: 40.00)",
  });
});

test("without patience no training is stopped", () => {
  assert.equal(stopOf(400, { loss: () => 5 }, { patienceEpochs: null, lossFraction: 0.01 }), undefined);
});

test("an epoch's metrics are its mean loss and the epochs since loss and probe last got better", () => {
  let seen = NOTHING_SEEN;
  for (const [epoch, losses, probeError] of [
    [1, [4, 6], 30],
    [2, [4.98, 5], undefined],
    [3, [3, 4], 31],
  ] as const) {
    for (const loss of losses) seen = withStepLoss(seen, loss);
    seen = withEpochEnd(seen, { epoch, probeError, rule: RULE });
  }
  assert.deepEqual(epochMetricsOf(seen), { epochLoss: 3.5, epochsWithoutFall: 0, epochsWithoutProbeGain: 2 });
});

/** A probe that remembers what it was shown: an error that is least after the second epoch. */
function watchedProbe() {
  const seen: { readonly epoch: number; readonly sum: number; readonly names: readonly string[] }[] = [];
  const probe: Probe = async ({ epoch, arrays }) => {
    let sum = 0;
    for (const { data } of arrays.values()) for (const value of data) sum += Math.abs(value);
    seen.push({ epoch, sum, names: [...arrays.keys()] });
    const error = epoch === 2 ? 1 : 2;
    return { error, interval: [error - 0.5, error + 0.5] };
  };
  return { probe, seen };
}

const cropSet = syntheticCropSet(8);

test("the probe sees the teacher's backbone after every so many epochs, and its error is in the metrics of that epoch's last step", async (t) => {
  const path = join(temporaryFolder(t), "run");
  const { probe, seen } = watchedProbe();
  const config = tinyConfig({ numEpochs: 5, probe: { everyEpochs: 2 }, checkpoints: { keepEvery: 2 } });
  const summary = await train(path, config, { cropSet, probe });
  assert.equal(summary.outcome, "finished");
  assert.deepEqual(
    seen.map(({ epoch }) => epoch),
    [2, 4],
  );
  assert.ok(seen[0]!.names.includes("patch_embed.proj.weight"), seen[0]!.names.join(" "));
  assert.ok(!seen[0]!.names.some((name) => name.startsWith("head.")));
  assert.notEqual(seen[0]!.sum, seen[1]!.sum);
  const probed = readRun(path).metrics.map(({ step, probeError, probeErrorLow, probeErrorHigh }) => [
    step,
    probeError,
    probeErrorLow,
    probeErrorHigh,
  ]);
  const none = [undefined, undefined, undefined];
  assert.deepEqual(probed[3], [4, 1, 0.5, 1.5]);
  assert.deepEqual(probed[7], [8, 2, 1.5, 2.5]);
  assert.deepEqual(probed[8], [9, ...none]);
  const ends = readRun(path).metrics.filter(({ epochLoss }) => epochLoss !== undefined);
  assert.deepEqual(
    ends.map(({ epoch }) => epoch),
    [0, 1, 2, 3, 4],
  );
  const [first, second] = readRun(path).metrics;
  assert.equal(second!["epochLoss"], (first!["loss"]! + second!["loss"]!) / 2);
  assert.equal(ends[4]!["epochsWithoutProbeGain"], 3);
});

test("a training that has converged ends with a checkpoint and its reason, is done when gone on with, and goes on without the rule", async (t) => {
  const path = join(temporaryFolder(t), "run");
  const { probe } = watchedProbe();
  const settings = { numEpochs: 9, probe: { everyEpochs: 1 }, checkpoints: { everyEpochs: 100 } };
  const config = tinyConfig({ ...settings, stopping: { patienceEpochs: 2, lossFraction: 0 } });
  const summary = await train(path, config, { cropSet, probe });
  assert.deepEqual([summary.outcome, summary.counters.epoch], ["converged", 4]);
  assert.match(summary.reason!, /the probe's error has not improved in 2 epochs \(least after epoch 2: 1\.000\)/);
  assert.deepEqual(readRun(path).checkpoints, ["epoch-004"]);
  const again = await train(path, config, { cropSet, probe, resume: "resume" });
  assert.deepEqual([again.outcome, again.counters.step, again.lastMetrics], ["converged", 8, undefined]);
  const on = tinyConfig({ ...settings, stopping: { patienceEpochs: null } });
  const whole = await train(path, on, { cropSet, probe, resume: "resume" });
  assert.deepEqual([whole.outcome, whole.reason, whole.counters.epoch], ["finished", undefined, 9]);
});

test("a training stopped in mid-epoch and gone on with keeps the rule's memory bit for bit and stops at the same epoch", async (t) => {
  const folder = temporaryFolder(t);
  const config = tinyConfig({
    numEpochs: 9,
    probe: { everyEpochs: 2 },
    stopping: { patienceEpochs: 4, lossFraction: 0 },
    checkpoints: { everyEpochs: 100 },
  });
  const [whole, stopped] = [join(folder, "whole"), join(folder, "stopped")];
  const { probe } = watchedProbe();
  const straight = await train(whole, config, { cropSet, probe });
  for (const [index, last] of [1, 4, 7].entries()) {
    const controller = new AbortController();
    const onStep = ({ step }: { readonly step: number }) => {
      if (step === last) controller.abort();
    };
    const resume = index > 0 ? ({ resume: "resume" } as const) : {};
    await train(stopped, config, { cropSet, probe, onStep, signal: controller.signal, ...resume });
  }
  const resumed = await train(stopped, config, { cropSet, probe, resume: "resume" });
  assert.equal(straight.outcome, "converged");
  assert.deepEqual([resumed.outcome, resumed.reason, resumed.counters], [straight.outcome, straight.reason, straight.counters]);
  assert.deepEqual(clocklessMetrics(stopped), clocklessMetrics(whole));
  assert.deepEqual(checkpointContent(stopped, "epoch-006"), checkpointContent(whole, "epoch-006"));
});
