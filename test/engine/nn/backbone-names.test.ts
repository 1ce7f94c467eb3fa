// Names of shapes that the command line and the registry know, and the networks behind them by their published sizes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sizeOf } from "#base/array";
import { backboneConfigOf, backboneParameters, embeddingDimOf, isResnet } from "#engine/nn";

// Parameters of DeiT's sizes with patches of 16 on three channels, less the 1000-class head (Touvron et al. 2021, Table 1: 5, 22, 86 M).
const DEIT = { "vit-ti": 5_717_416 - 193_000, "vit-s": 22_050_664 - 385_000, "vit-b": 86_567_656 - 769_000 };

for (const [size, expected] of Object.entries(DEIT)) {
  for (const patchSize of [8, 14, 16]) {
    test(`${size}${patchSize} is a transformer of DeiT's size with patches of ${patchSize}`, () => {
      const config = backboneConfigOf(`${size}${patchSize}`);
      assert.ok(config && !isResnet(config));
      const { embedDim } = config;
      const grey = backboneParameters(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
      // Two channels fewer, patches of another size, and as many positions as patches of it.
      const patches = embedDim * (patchSize ** 2 - 3 * 16 ** 2);
      const positions = embedDim * ((224 / patchSize) ** 2 - 14 ** 2);
      assert.equal(grey, expected + patches + positions);
      assert.equal(config.patchSize, patchSize);
    });
  }
}

test("ResNets of three depths have their names, and other names stand for nothing", () => {
  const dims = ["resnet18", "resnet34", "resnet50"].map((name) => embeddingDimOf(backboneConfigOf(name)!));
  assert.deepEqual(dims, [512, 512, 2048]);
  for (const name of ["resnet101", "vit-s", "vit-x8", "vit-s8x", ""]) assert.equal(backboneConfigOf(name), undefined);
});
