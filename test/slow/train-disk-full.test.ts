// A disk that fills while training writes to it: one clear line, everything before stays whole, and the run goes on when there is room.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { FileError } from "#base/files/disk";
import { formatYaml } from "#base/yaml";
import { readCheckpointFile, readRun } from "#learn/runs/disk";
import { suricateProcess } from "../apps/cli/suricate.ts";
import {
  checkpointContent,
  clocklessMetrics,
  syntheticCropSet,
  TINY_SETTINGS,
  temporaryFolder,
  tinyConfig,
  train,
  writeSyntheticCrops,
} from "../learn/dino/training-case.ts";

const disk = mkdtempSync(join(tmpdir(), "suricate-disk-"));
const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], { encoding: "utf8" });
const isMounted = mount.status === 0;
const ample = mkdtempSync(join(tmpdir(), "suricate-ample-"));
before(() => writeSyntheticCrops(join(ample, "crops"), 12));
after(() => {
  if (isMounted) spawnSync("umount", [disk]);
  rmdirSync(disk);
  rmSync(ample, { recursive: true, force: true });
});
if (!isMounted && process.env["CI"])
  throw new Error(`a small disk could not be mounted; with CI set this fails: ${mount.stderr}`);
const skip = isMounted ? false : `a small disk could not be mounted (it needs root): ${mount.stderr?.trim()}`;

/** Takes all the room there is. */
function fillDisk(): void {
  const piece = new Uint8Array(4096);
  try {
    for (;;) writeFileSync(join(disk, "ballast"), piece, { flag: "a" });
  } catch (error) {
    assert.match(String(error), /ENOSPC/);
  }
}

test("a disk that fills during a checkpoint ends training with one line, and the checkpoints before it stay whole", {
  skip,
}, () => {
  // Checkpoints of about 270 kB, of which all are kept: a disk of 1 MB has no room for the fourth.
  const settings = {
    ...TINY_SETTINGS,
    numEpochs: 6,
    head: { ...TINY_SETTINGS.head, numPrototypes: 1500 },
    checkpoints: { keepLast: 9 },
  };
  writeFileSync(join(ample, "settings.yaml"), formatYaml(settings));
  const flags = ["--threads", "1"];
  const run = join(disk, "run");
  const filled = suricateProcess(ample, "train", "crops", "--out", run, "--config", "settings.yaml", ...flags);
  assert.equal(filled.status, 1);
  const message = /\nsuricate: (.*)\n$/.exec(filled.stderr)?.[1];
  assert.equal(
    message,
    `${join(run, "checkpoints", "epoch-004.safetensors")}: the disk is full. Free space, then --resume: the run goes on from its last checkpoint.`,
  );
  const { checkpoints, metrics } = readRun(run);
  assert.deepEqual(checkpoints, ["epoch-001", "epoch-002", "epoch-003"]);
  for (const name of checkpoints) assert.ok(readCheckpointFile(join(run, "checkpoints", `${name}.safetensors`)).tensors.size > 0);
  assert.equal(readdirSync(join(run, "checkpoints")).length, 3, "nothing half-written is left");
  assert.equal(readFileSync(join(run, "last"), "utf8"), "epoch-003\n");
  assert.equal(metrics.length, 12);

  // One line too where there is still no room, then on to the end where there is.
  const again = suricateProcess(ample, "train", "crops", "--out", run, "--resume", ...flags);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /\nsuricate: .*epoch-004\.safetensors: the disk is full\. .*\n$/);
  const fewer = suricateProcess(ample, "train", "crops", "--out", run, "--resume", "--set", "checkpoints.keepLast=1", ...flags);
  assert.equal(fewer.status, 1, "the new checkpoint must be whole before an old one goes");
  for (const name of ["epoch-001", "epoch-002"]) rmSync(join(run, "checkpoints", `${name}.safetensors`));
  const room = suricateProcess(ample, "train", "crops", "--out", run, "--resume", ...flags);
  assert.equal(room.status, 0, room.stderr);
  assert.deepEqual(readRun(run).checkpoints, ["epoch-006"]);
  assert.equal(readRun(run).metrics.length, 18);
  rmSync(run, { recursive: true });
});

test("a disk that fills while metrics are written ends training with one line, and the run goes on to the same end", {
  skip,
}, async (t) => {
  const cropSet = syntheticCropSet(12);
  const config = tinyConfig({ numEpochs: 40, checkpoints: { everyEpochs: 20 } });
  const whole = join(temporaryFolder(t), "whole");
  await train(whole, config, { cropSet });

  const run = join(disk, "run");
  const onStep = ({ step }: { readonly step: number }) => void (step === 65 && fillDisk());
  await assert.rejects(train(run, config, { cropSet, onStep }), (error) => {
    assert.ok(error instanceof FileError);
    assert.match(
      error.message,
      /\/run\/(metrics\.jsonl|events\.out\.tfevents\.[^:]*): the disk is full\. Free space, then --resume: /,
    );
    return true;
  });
  const { metrics, checkpoints } = readRun(run);
  assert.ok(metrics.length >= 65 && metrics.length < 120);
  assert.deepEqual(checkpoints, ["epoch-020"]);
  rmSync(join(disk, "ballast"));
  await train(run, config, { cropSet, resume: "resume" });
  assert.deepEqual(clocklessMetrics(run), clocklessMetrics(whole));
  assert.deepEqual(checkpointContent(run, "epoch-040"), checkpointContent(whole, "epoch-040"));
  rmSync(run, { recursive: true });
});

test("a run cannot begin on a full disk, and leaves nothing that looks like one", { skip }, async () => {
  fillDisk();
  const run = join(disk, "run");
  await assert.rejects(train(run, tinyConfig(), { cropSet: syntheticCropSet(12) }), (error) => {
    assert.ok(error instanceof FileError);
    assert.match(error.message, /the disk is full/);
    return true;
  });
  assert.ok(!existsSync(join(run, "config.yaml")));
  rmSync(run, { recursive: true });
  rmSync(join(disk, "ballast"));
});
