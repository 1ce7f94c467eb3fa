// The words that name a backbone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type BackboneSpec, checkpointsToRemove, formatBackboneSpec, parseBackboneSpec, sortCheckpoints } from "#learn/runs";

const SPECS: readonly (readonly [text: string, spec: BackboneSpec])[] = [
  ["runs/emu", { kind: "run", path: "runs/emu", epoch: null }],
  ["runs/emu@25", { kind: "run", path: "runs/emu", epoch: 25 }],
  ["runs/a@b", { kind: "run", path: "runs/a@b", epoch: null }],
  ["weights/vit.safetensors", { kind: "file", path: "weights/vit.safetensors" }],
  ["random:vit-ti8:3", { kind: "random", shape: "vit-ti8", seed: 3 }],
  ["random:runs/emu:0", { kind: "random", shape: "runs/emu", seed: 0 }],
  ["pixels", { kind: "floor", floor: "pixels" }],
  ["statistics", { kind: "floor", floor: "statistics" }],
  ["mean", { kind: "floor", floor: "mean" }],
];

for (const [text, spec] of SPECS) {
  test(`"${text}" names a backbone, and the backbone gives "${text}" back`, () => {
    assert.deepEqual(parseBackboneSpec(text), spec);
    assert.equal(formatBackboneSpec(spec), text);
  });
}

test("a random backbone without a seed has seed 0", () => {
  assert.deepEqual(parseBackboneSpec("random:vit-s8"), { kind: "random", shape: "vit-s8", seed: 0 });
});

test("files of kinds that are not read are refused with what is", () => {
  assert.throws(() => parseBackboneSpec("model.pth"), {
    message:
      'ConfigError: --backbone model.pth: expected a run folder, RUN@EPOCH, a .safetensors file, random:SHAPE[:SEED], mean, statistics, pixels, got "model.pth".',
  });
  assert.throws(() => parseBackboneSpec("random:"), {
    message:
      'ConfigError: --backbone random:: expected random:SHAPE or random:SHAPE:SEED, got "random:". Write for example random:vit-ti8.',
  });
});

test("checkpoints are ordered by epoch and step, past a thousand epochs, and other files are none", () => {
  const names = ["epoch-1000", "epoch-999", "epoch-999-step-000010", "epoch-99", "notes", "epoch-999-step-000002", "epoch-010"];
  assert.deepEqual(sortCheckpoints(names), [
    "epoch-010",
    "epoch-999",
    "epoch-999-step-000002",
    "epoch-999-step-000010",
    "epoch-1000",
  ]);
});

test("without a rule for epochs only the newest checkpoints stay", () => {
  const names = ["epoch-001", "epoch-002", "epoch-003"];
  assert.deepEqual(checkpointsToRemove(names, { last: 1, every: null }), ["epoch-001", "epoch-002"]);
  assert.deepEqual(checkpointsToRemove(names, { last: 5, every: null }), []);
});
