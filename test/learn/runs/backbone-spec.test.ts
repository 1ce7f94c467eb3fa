// The words that name a backbone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type BackboneSpec, checkpointsToRemove, formatBackboneSpec, parseBackboneSpec, sortCheckpoints } from "#learn/runs";

const SPECS: readonly (readonly [text: string, spec: BackboneSpec])[] = [
  ["runs/emu", { kind: "run", path: "runs/emu", epoch: null }],
  ["runs/emu@25", { kind: "run", path: "runs/emu", epoch: 25 }],
  ["runs/a@b", { kind: "run", path: "runs/a@b", epoch: null }],
  ["weights/vit.safetensors", { kind: "file", path: "weights/vit.safetensors", part: null }],
  ["dino.pth#teacher", { kind: "file", path: "dino.pth", part: "teacher" }],
  ["moco.pth.tar", { kind: "file", path: "moco.pth.tar", part: null }],
  ["byol.ckpt#state_dict.backbone", { kind: "file", path: "byol.ckpt", part: "state_dict.backbone" }],
  ["a#b/model.onnx#pooled", { kind: "file", path: "a#b/model.onnx", part: "pooled" }],
  ["dino-resnet50", { kind: "run", path: "dino-resnet50", epoch: null }],
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

test("no text and no shape are refused with what may be said", () => {
  assert.throws(() => parseBackboneSpec(""), {
    message:
      "ConfigError: --backbone: expected a run folder, RUN@EPOCH, a file (.safetensors, .pth, .pt, .ckpt, .onnx), a name of the " +
      "registry, random:SHAPE[:SEED], mean, statistics, pixels, got nothing.",
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
