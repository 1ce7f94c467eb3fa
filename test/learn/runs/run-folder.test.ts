// Run folders: what is written is what is read, whatever a killed process left behind.
import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { float32 } from "#base/array";
import { ConfigError } from "#base/config";
import { CheckpointError } from "#learn/runs";
import { createRun, findBackbone, openRun, type Run, readCheckpointFile, readRun } from "#learn/runs/disk";

const INFO = {
  versions: { suricate: "0.1.0" },
  seed: 7,
  inputs: [{ name: "sdc1", sha256: "ab" }],
  keep: { last: 2, every: 3 },
  config: { seed: 7, training: { epochs: 9, area: [0.4, 1] } },
};
const SEEN_ROWS = [{ cropSetName: "sdc1", cropSetSha256: "ab", ids: ["a", "b"] }];

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "suricate-run-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "run");
}

const tensorsOf = (value: number) => new Map([["student.weight", float32([2, 2], [value, 1, 2, 3])]]);
const failOnWarning = { onWarning: (line: string) => assert.fail(line) };

/** Epoch by epoch, two steps each. */
function trainEpochs(run: Run, first: number, end: number): void {
  for (let epoch = first; epoch < end; epoch++) {
    for (const step of [2 * epoch + 1, 2 * epoch + 2]) run.writeMetrics({ step, loss: 10 / step });
    const position = { epoch: epoch + 1, stepInEpoch: 0, step: 2 * epoch + 2 };
    run.writeCheckpoint(position, tensorsOf(epoch + 1), { numUpdates: { body: 2 * epoch + 2 }, best: null });
  }
}

function trained(path: string, numEpochs: number): void {
  const run = createRun(path, INFO, { seenRows: SEEN_ROWS });
  trainEpochs(run, 0, numEpochs);
  run.close();
}

const stepsIn = (path: string) => readRun(path).metrics.map(({ step }) => step);

test("a run is read back with its settings, inputs, seen rows, metrics and checkpoints", (t) => {
  const path = newFolder(t);
  trained(path, 2);
  const { info, seenRows, metrics, checkpoints } = readRun(path);
  const { createdAt, ...rest } = info;
  assert.deepEqual(rest, INFO);
  assert.match(createdAt, /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(seenRows, SEEN_ROWS);
  assert.deepEqual(
    metrics.map(({ step, loss }) => [step, loss]),
    [1, 2, 3, 4].map((step) => [step, 10 / step]),
  );
  assert.ok(metrics.every(({ time }) => Math.abs(time! - Date.now() / 1000) < 60));
  assert.deepEqual(checkpoints, ["epoch-001", "epoch-002"]);
  assert.equal(readFileSync(join(path, "last"), "utf8"), "epoch-002\n");
});

test("a checkpoint gives back its tensors, counters and position", (t) => {
  const path = newFolder(t);
  trained(path, 1);
  const run = openRun(path, failOnWarning);
  const checkpoint = run.readLastCheckpoint()!;
  run.close();
  assert.deepEqual(run.resumedFrom, { epoch: 1, stepInEpoch: 0, step: 2 });
  assert.deepEqual(checkpoint.position, run.resumedFrom);
  assert.deepEqual(checkpoint.counters, { numUpdates: { body: 2 }, best: null });
  assert.deepEqual(checkpoint.tensors, tensorsOf(1));
});

test("the last checkpoint of an open run is the one it wrote last", (t) => {
  const path = newFolder(t);
  const run = createRun(path, INFO, { seenRows: [] });
  assert.equal(run.readLastCheckpoint(), undefined);
  trainEpochs(run, 0, 2);
  assert.equal(run.readLastCheckpoint()?.position.epoch, 2);
  run.close();
});

test("a folder that holds a run is not made into another", (t) => {
  const path = newFolder(t);
  trained(path, 1);
  assert.throws(() => createRun(path, INFO, { seenRows: [] }), {
    name: "ConfigError",
    message: `ConfigError: --out ${path}: expected a new folder, got one that holds a run. Use --resume to go on with it, or another --out.`,
  });
  assert.deepEqual(stepsIn(path), [1, 2]);
});

test("a folder without a run cannot be resumed", (t) => {
  const path = newFolder(t);
  assert.throws(() => openRun(path, failOnWarning), {
    message: `ConfigError: ${path}: not a run folder: expected a file config.yaml in it, got none.`,
  });
});

test("two processes do not go on with one run, and the second leaves it as it is", (t) => {
  const path = newFolder(t);
  trained(path, 1);
  // The process that started this one is alive, and another.
  writeFileSync(join(path, "process"), `${process.ppid} ${hostname()}\n`);
  writeFileSync(join(path, "checkpoints", ".epoch-002.safetensors.tmp-1-0"), "under way");
  assert.throws(() => openRun(path, failOnWarning), {
    name: "FileError",
    message: `${path}: is being written by another process, number ${process.ppid}. Wait for it, or remove ${join(path, "process")} if it is something else.`,
  });
  assert.ok(existsSync(join(path, "checkpoints", ".epoch-002.safetensors.tmp-1-0")));
  assert.equal(readFileSync(join(path, "process"), "utf8"), `${process.ppid} ${hostname()}\n`);
});

test("a process that was stopped while another went on with its run writes no checkpoint", (t) => {
  const path = newFolder(t);
  const run = createRun(path, INFO, { seenRows: [] });
  trainEpochs(run, 0, 1);
  writeFileSync(join(path, "process"), "12 node-7\n");
  assert.throws(() => trainEpochs(run, 1, 2), {
    message: `${path}: was taken over by another process, number 12 on node-7. This one writes no more.`,
  });
  run.close();
  assert.deepEqual(readRun(path).checkpoints, ["epoch-001"]);
});

test("the newest checkpoints and every third stay, the others go", (t) => {
  const path = newFolder(t);
  trained(path, 8);
  assert.deepEqual(readRun(path).checkpoints, ["epoch-003", "epoch-006", "epoch-007", "epoch-008"]);
  assert.deepEqual(readdirSync(join(path, "checkpoints")).length, 4);
});

test("a checkpoint inside an epoch is the newest until the epoch ends, and is never kept for ever", (t) => {
  const path = newFolder(t);
  const run = createRun(path, { ...INFO, keep: { last: 1, every: 3 } }, { seenRows: [] });
  trainEpochs(run, 0, 3);
  run.writeCheckpoint({ epoch: 3, stepInEpoch: 1, step: 7 }, tensorsOf(3.5), {});
  assert.deepEqual(readRun(path).checkpoints, ["epoch-003", "epoch-003-step-000001"]);
  assert.equal(run.readLastCheckpoint()?.position.step, 7);
  trainEpochs(run, 3, 4);
  run.close();
  assert.deepEqual(readRun(path).checkpoints, ["epoch-003", "epoch-004"]);
});

test("resuming cuts metrics back to the checkpoint, and half a line does no harm", (t) => {
  const path = newFolder(t);
  trained(path, 2);
  appendFileSync(join(path, "metrics.jsonl"), '{"step":5,"loss":2}\n{"step":6,"lo');
  assert.deepEqual(stepsIn(path), [1, 2, 3, 4, 5]);
  const run = openRun(path, failOnWarning);
  assert.deepEqual(stepsIn(path), [1, 2, 3, 4]);
  trainEpochs(run, 2, 3);
  run.close();
  assert.deepEqual(stepsIn(path), [1, 2, 3, 4, 5, 6]);
});

test("a run that goes on with other settings says in config.yaml which, and from which step", (t) => {
  const path = newFolder(t);
  trained(path, 2);
  const config = { ...INFO.config, seed: 8 };
  const change = { settings: ["seed=8"], config, keep: { last: 1, every: null } };
  const run = openRun(path, { ...failOnWarning, change });
  assert.deepEqual(run.info.config, config);
  trainEpochs(run, 2, 4);
  run.close();
  const { info, checkpoints } = readRun(path);
  assert.deepEqual([info.config, info.keep, info.inputs], [config, change.keep, INFO.inputs]);
  assert.deepEqual(
    info.changes?.map(({ step, settings }) => [step, settings]),
    [[4, ["seed=8"]]],
  );
  assert.deepEqual(checkpoints, ["epoch-004"]);
  openRun(path, { ...failOnWarning, change: { ...change, settings: ["seed=9"] } }).close();
  assert.deepEqual(
    readRun(path).info.changes?.map(({ step, settings }) => [step, settings]),
    [
      [4, ["seed=8"]],
      [8, ["seed=9"]],
    ],
  );
});

test("a file where a run folder should be is one clear line", (t) => {
  const path = newFolder(t);
  writeFileSync(path, "a file");
  assert.throws(() => createRun(path, INFO, { seenRows: [] }), {
    name: "FileError",
    message: `${join(path, "checkpoints")}: cannot be written: part of the path is not a folder.`,
  });
});

test("a run killed before its first checkpoint starts again from nothing", (t) => {
  const path = newFolder(t);
  const first = createRun(path, INFO, { seenRows: [] });
  first.writeMetrics({ step: 1, loss: 3 });
  first.close();
  const run = openRun(path, failOnWarning);
  run.close();
  assert.equal(run.resumedFrom, undefined);
  assert.equal(run.readLastCheckpoint(), undefined);
  assert.deepEqual(stepsIn(path), []);
});

test("a newest checkpoint that is cut short gives way to the one before it, with a warning", (t) => {
  const path = newFolder(t);
  trained(path, 3);
  const broken = join(path, "checkpoints", "epoch-003.safetensors");
  truncateSync(broken, readFileSync(broken).length - 1);
  const warnings: string[] = [];
  const run = openRun(path, { onWarning: (line) => warnings.push(line) });
  run.close();
  assert.equal(run.readLastCheckpoint()?.position.epoch, 2);
  assert.deepEqual(stepsIn(path), [1, 2, 3, 4]);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0]!,
    /^CheckpointError: .*epoch-003\.safetensors: .*may be cut short.*The checkpoint before it is used\.$/,
  );
});

test("a newest checkpoint that is gone or is garbage gives way too", (t) => {
  const path = newFolder(t);
  trained(path, 3);
  rmSync(join(path, "checkpoints", "epoch-003.safetensors"));
  writeFileSync(join(path, "checkpoints", "epoch-004.safetensors"), "not a checkpoint at all, but long enough for a header");
  const warnings: string[] = [];
  const run = openRun(path, { onWarning: (line) => warnings.push(line) });
  run.close();
  assert.equal(run.resumedFrom?.epoch, 2);
  assert.equal(warnings[0], `${path}: "last" names epoch-003, which is not there.`);
  assert.match(warnings[1]!, /epoch-004\.safetensors: not a safetensors file/);
});

test("what a killed process left half-written is removed when the run is opened", (t) => {
  const path = newFolder(t);
  trained(path, 1);
  const left = [join(path, ".last.tmp-99999-3"), join(path, "checkpoints", ".epoch-002.safetensors.tmp-99999-4")];
  for (const file of left) writeFileSync(file, "half");
  openRun(path, failOnWarning).close();
  assert.deepEqual(left.filter(existsSync), []);
});

test("a safetensors file of another kind is no checkpoint", (t) => {
  const path = newFolder(t);
  trained(path, 1);
  const other = join(path, "other.safetensors");
  writeFileSync(other, Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("{}")]));
  assert.throws(() => readCheckpointFile(other), {
    name: "CheckpointError",
    message: `CheckpointError: ${other}: not a checkpoint of a run: expected format "suricate-checkpoint-1", got "none".`,
  });
  assert.throws(
    () => readCheckpointFile(join(path, "none.safetensors")),
    (error) => {
      assert.ok(error instanceof CheckpointError);
      return /none\.safetensors: cannot be read: no such file/.test(error.message);
    },
  );
});

test("metrics that are not finite are null in the file and NaN when read", (t) => {
  const path = newFolder(t);
  const run = createRun(path, INFO, { seenRows: [] });
  run.writeMetrics({ step: 1, loss: Number.NaN, time: 5 });
  run.close();
  assert.equal(readFileSync(join(path, "metrics.jsonl"), "utf8"), '{"step":1,"loss":null,"time":5}\n');
  assert.deepEqual(readRun(path).metrics, [{ step: 1, loss: Number.NaN, time: 5 }]);
});

test("a broken line in the middle of the metrics is an error that names it", (t) => {
  const path = newFolder(t);
  trained(path, 1);
  appendFileSync(join(path, "metrics.jsonl"), 'oops\n{"step":3}\n');
  assert.throws(() => readRun(path), { message: `${join(path, "metrics.jsonl")}: line 3: expected a JSON object, got "oops".` });
});

test("a run's name leads to its newest checkpoint, or to the epoch that is asked for", (t) => {
  const path = newFolder(t);
  trained(path, 3);
  const newest = findBackbone(path);
  assert.ok(newest.kind === "run");
  assert.equal(newest.checkpointPath, join(path, "checkpoints", "epoch-003.safetensors"));
  assert.deepEqual(newest.seenRows, SEEN_ROWS);
  const second = findBackbone(`${path}@2`);
  assert.ok(second.kind === "run");
  assert.equal(second.checkpointPath, join(path, "checkpoints", "epoch-002.safetensors"));
  const untrained = findBackbone(`random:${path}:4`);
  assert.ok(untrained.kind === "random" && typeof untrained.shape === "object" && "config" in untrained.shape);
  assert.equal(untrained.seed, 4);
  assert.deepEqual(untrained.shape.config, INFO.config);
});

test("a backbone that is not there is refused by name, with what there is", (t) => {
  const path = newFolder(t);
  trained(path, 2);
  const refusal = (text: string) => {
    try {
      findBackbone(text);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message;
    }
    return assert.fail("nothing was thrown");
  };
  assert.equal(
    refusal(`${path}@9`),
    `ConfigError: --backbone ${path}@9: expected a checkpoint of epoch 9 in "${path}", got none. There are: epoch-001, epoch-002.`,
  );
  assert.equal(
    refusal("statistcs"),
    'ConfigError: --backbone statistcs: there is no run in "statistcs". Did you mean "statistics"?',
  );
  assert.equal(refusal("/no/such.safetensors"), "ConfigError: --backbone /no/such.safetensors: there is no such file.");
});
