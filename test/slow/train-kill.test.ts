// suricate train killed at random moments, and stopped with Ctrl-C: what is on the disk is always whole, and nothing is lost twice.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Random, randomFor } from "#base/array";
import { formatYaml } from "#base/yaml";
import { parseCheckpointName } from "#learn/runs";
import { readCheckpointFile, readRun } from "#learn/runs/disk";
import { type Started, startSuricate, suricateProcess } from "../apps/cli/suricate.ts";
import { TINY_SETTINGS, writeSyntheticCrops } from "../learn/dino/training-case.ts";
import { projectRoot } from "../real-data.ts";

const NUM_KILLS = 20;
const STEPS_PER_EPOCH = 3;
const NUM_EPOCHS = 100;
const NUM_STEPS = NUM_EPOCHS * STEPS_PER_EPOCH;
/** Checkpoints at every epoch's end, and in mid-epoch about every 15 ms, so that many kills meet one half-written. */
const SETTINGS = {
  ...TINY_SETTINGS,
  numEpochs: NUM_EPOCHS,
  checkpoints: { everyMinutes: 15 / 60_000, keepLast: 2, keepEvery: 30 },
};

let folder = "";
const at = (...names: readonly string[]) => join(folder, ...names);
const newRun = (out: string) => ["train", "crops", "--out", out, "--config", "settings.yaml", "--threads", "1"];
const goOn = (out: string) => ["train", "crops", "--out", out, "--resume", "--threads", "1"];

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "suricate-kill-"));
  await writeSyntheticCrops(at("crops"), 4 * STEPS_PER_EPOCH);
  writeFileSync(at("settings.yaml"), formatYaml(SETTINGS));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Whole lines of metrics.jsonl: a killed process may leave half a line behind them. */
function numWholeLines(run: string): number {
  const file = at(run, "metrics.jsonl");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
}

/** The step of the checkpoint that `last` names; 0 before the first. Reads it whole. */
function lastStep(run: string): number {
  if (!existsSync(at(run, "last"))) return 0;
  const name = readFileSync(at(run, "last"), "utf8").trim();
  const { epoch, stepInEpoch } = parseCheckpointName(name)!;
  const { position } = readCheckpointFile(at(run, "checkpoints", `${name}.safetensors`));
  assert.deepEqual(position, { epoch, stepInEpoch, step: epoch * STEPS_PER_EPOCH + stepInEpoch });
  return position.step;
}

/** Asserts that everything in a run can be read, whatever was done to its process; the step that it would go on from. */
function assertReadable(run: string): number {
  if (!existsSync(at(run, "config.yaml"))) return 0;
  const { metrics, checkpoints } = readRun(at(run));
  assert.deepEqual(
    metrics.map(({ step }) => step),
    metrics.map((_, index) => index + 1),
  );
  const steps = checkpoints.map((name) => readCheckpointFile(at(run, "checkpoints", `${name}.safetensors`)).position.step);
  // `last` is written after its checkpoint: it names the newest, or the one before it.
  const last = lastStep(run);
  assert.ok(last === (steps.at(-1) ?? 0) || last === (steps.at(-2) ?? 0), `last ${last}, checkpoints ${steps}`);
  assert.ok(metrics.length >= (steps.at(-1) ?? 0), "a checkpoint promises the metrics up to its step");
  return steps.at(-1) ?? 0;
}

/** Waits for a moment of a training's life: some steps on and a little more, or one time in four a moment of its start. */
async function randomMoment(random: Random, run: string, { child }: Started): Promise<void> {
  const deadline = random.chance(0.25) ? performance.now() + random.uniformBetween(0, 700) : Number.POSITIVE_INFINITY;
  const target = numWholeLines(run) + 1 + random.integer(12);
  // Going on cuts the metrics back, so the count may fall before it rises.
  while (numWholeLines(run) < target && performance.now() < deadline && child.exitCode === null) await sleep(2);
  if (performance.now() < deadline) await sleep(random.uniformBetween(0, 15));
}

test("a training killed twenty times and gone on with ends in the very bytes of one never stopped", async (t) => {
  const whole = suricateProcess(folder, ...newRun("whole"));
  assert.equal(whole.status, 0, whole.stderr);

  const random = randomFor(20, "kill");
  let least = 0;
  let numHalfWritten = 0;
  for (let kill = 0; kill < NUM_KILLS; kill++) {
    const started = startSuricate(folder, ...(existsSync(at("killed", "config.yaml")) ? goOn("killed") : newRun("killed")));
    await randomMoment(random, "killed", started);
    started.child.kill("SIGKILL");
    const { code, stderr } = await started.ended;
    assert.equal(code, null, `kill ${kill} came too late or the process failed: ${stderr}`);
    assert.doesNotMatch(stderr, /CheckpointError/, "no checkpoint is ever found broken");
    const from = /from step (\d+)/.exec(stderr)?.[1];
    if (from !== undefined) assert.equal(Number(from), least, "it goes on from the newest checkpoint");
    const reached = assertReadable("killed");
    assert.ok(reached >= least, `kill ${kill}: step ${reached} after ${least}`);
    least = reached;
    const left = existsSync(at("killed", "checkpoints")) ? readdirSync(at("killed", "checkpoints")) : [];
    numHalfWritten += left.filter((file) => file.includes(".tmp-")).length;
  }
  assert.ok(least > 0 && least < NUM_STEPS, `the kills came at steps up to ${least} of ${NUM_STEPS}`);
  t.diagnostic(`${NUM_KILLS} kills up to step ${least}; ${numHalfWritten} left a checkpoint half-written`);

  const done = suricateProcess(folder, ...goOn("killed"));
  assert.equal(done.status, 0, done.stderr);
  assert.equal(assertReadable("killed"), NUM_STEPS);
  const final = ["checkpoints", `epoch-${NUM_EPOCHS}.safetensors`] as const;
  assert.ok(readFileSync(at("killed", ...final)).equals(readFileSync(at("whole", ...final))));
  const clockless = (run: string) => readRun(at(run)).metrics.map(({ time: _time, imagesPerSecond: _rate, ...record }) => record);
  assert.deepEqual(clockless("killed"), clockless("whole"));
  // Nothing of the killed processes is left, and what the policy keeps: every thirtieth epoch and the newest two checkpoints,
  // of which the last but one is the clock's choice.
  const { checkpoints } = readRun(at("killed"));
  assert.deepEqual([...checkpoints.slice(0, 3), checkpoints.at(-1)], ["epoch-030", "epoch-060", "epoch-090", "epoch-100"]);
  assert.equal(checkpoints.length, 5);
  assert.equal(readdirSync(at("killed", "checkpoints")).length, 5);
  assert.deepEqual(
    readdirSync(at("killed")).filter((file) => file.startsWith(".")),
    [],
  );
});

for (const [signal, exitCode] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`${signal} stops a training after its step with a checkpoint, one line and exit code ${exitCode}`, async () => {
    const run = `stopped-${signal}`;
    const started = startSuricate(folder, ...newRun(run));
    await started.said("Training on 12 crops");
    while (numWholeLines(run) < 4) await sleep(2);
    started.child.kill(signal);
    const { code, stderr } = await started.ended;
    assert.equal(code, exitCode, stderr);
    assert.match(stderr, /\nsuricate: stopping after this step; the run can be resumed\. Once more stops at once\.\n/);
    assert.match(
      stderr,
      new RegExp(`\\nStopped after \\d+ epochs?, \\d+ steps\\. Go on with: suricate train crops --out ${run} --resume\\n$`),
    );
    // Nothing was lost: the checkpoint is that of the last line of metrics.
    const reached = assertReadable(run);
    assert.ok(reached >= 4 && reached < NUM_STEPS);
    assert.equal(reached, readRun(at(run)).metrics.length);
    assert.equal(lastStep(run), reached);
  });
}

test("a signal that reaches a training twice at once, as timeout sends it, counts once", async () => {
  const started = startSuricate(folder, ...newRun("doubled"));
  await started.said("Training on 12 crops");
  while (numWholeLines("doubled") < 4) await sleep(2);
  started.child.kill("SIGTERM");
  started.child.kill("SIGINT");
  const { code, stderr } = await started.ended;
  assert.ok(code === 143 || code === 130, stderr);
  assert.equal(lastStep("doubled"), readRun(at("doubled")).metrics.length);
});

test("a training that npm started hears the SIGTERM that npm alone gets, and keeps its steps", async () => {
  const args = ["train", at("crops"), "--out", at("npm"), "--config", at("settings.yaml"), "--threads", "1"];
  const npm = spawn("npm", ["run", "--silent", "suricate", "--", ...args], {
    cwd: projectRoot,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  npm.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // Not before training has ended too: it holds the other end of the pipe.
  const closed = new Promise((resolve) => npm.on("close", resolve));
  while (numWholeLines("npm") < 4 && npm.exitCode === null) await sleep(2);
  npm.kill("SIGTERM");
  await closed;
  assert.match(stderr, /\nStopped after \d+ epochs?, \d+ steps\./);
  assert.ok(readRun(at("npm")).metrics.length >= 4);
  assert.equal(lastStep("npm"), readRun(at("npm")).metrics.length);
});

test("a second Ctrl-C ends a training at once, and it can be gone on with", async () => {
  // A step of seconds, so that the second signal comes before the first has had its way.
  const slowStep = [
    "--set",
    "batchSize=12",
    "--set",
    "views.numLocalViews=3000",
    "--set",
    "backbone.depth=12",
    "--view-threads",
    "0",
  ];
  const started = startSuricate(folder, ...newRun("twice"), ...slowStep);
  await started.said("Training on 12 crops");
  await sleep(300);
  started.child.kill("SIGINT");
  await started.said("Once more stops at once");
  // What comes within a second is taken for the first once more.
  await sleep(1200);
  const pressed = performance.now();
  started.child.kill("SIGINT");
  const { code, signal, stderr } = await started.ended;
  assert.deepEqual([code, signal], [null, "SIGINT"], stderr);
  assert.ok(performance.now() - pressed < 5000, "a second Ctrl-C does not wait");
  assert.equal(assertReadable("twice"), 0);
});
