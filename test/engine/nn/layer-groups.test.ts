// Layer groups of fine-tuning: the paper's counts, every parameter in one group, rates by distance from the head.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  backboneBuffers,
  backboneConfigOf,
  backboneParameters,
  frozenPrefix,
  layerGroups,
  layerwiseDecay,
  supervisedOptimisation,
  supervisedParameters,
} from "#engine/nn";

const configOf = (name: string) => backboneConfigOf(name)!; // the names below are known

// Paper appendix C.1: k = 0..9 groups of a ResNet-18. A block more for each residual block of the deeper ones.
for (const [name, numGroups, first, last] of [
  ["resnet18", 9, "stem", "layer4.1"],
  ["resnet34", 17, "stem", "layer4.2"],
  ["resnet50", 17, "stem", "layer4.2"],
  ["vit-s8", 13, "patch_embed", "blocks.11"],
] as const) {
  test(`${name} has ${numGroups} layer groups from ${first} to ${last}, with every tensor in one of them`, () => {
    const groups = layerGroups(configOf(name));
    assert.equal(groups.length, numGroups);
    assert.deepEqual([groups[0]!.name, groups.at(-1)!.name], [first, last]);
    const names = (specs: readonly { readonly name: string }[]) => specs.map((spec) => spec.name).toSorted();
    assert.deepEqual(names(groups.flatMap(({ parameters }) => parameters)), names(backboneParameters(configOf(name))));
    assert.deepEqual(names(groups.flatMap(({ buffers }) => buffers)), names(backboneBuffers(configOf(name))));
  });
}

test("a ResNet's stem is its first convolution and normalisation, a transformer's last block has the last normalisation", () => {
  const [stem] = layerGroups(configOf("resnet18"));
  assert.deepEqual(
    stem!.parameters.map(({ name }) => name),
    ["conv1.weight", "bn1.weight", "bn1.bias"],
  );
  assert.deepEqual(
    stem!.buffers.map(({ name }) => name),
    ["bn1.running_mean", "bn1.running_var"],
  );
  const last = layerGroups(configOf("vit-s8")).at(-1)!;
  assert.deepEqual(
    last.parameters.slice(-2).map(({ name }) => name),
    ["norm.weight", "norm.bias"],
  );
});

test("a prefix that is longer than the network is refused by its number", () => {
  assert.equal(frozenPrefix(configOf("resnet18"), 9).trained.length, 0);
  const message = /^ShapeError: fine-tuning: expected from 0 to 9 frozen layer groups \(stem to layer4\.1\), got 10\.$/;
  assert.throws(() => frozenPrefix(configOf("resnet18"), 10), message);
  assert.throws(() => frozenPrefix(configOf("resnet18"), 0.5), /got 0\.5\.$/);
});

test("the uppermost group learns at the full rate and each below at 0.75 of the one above", () => {
  const scales = layerwiseDecay(layerGroups(configOf("resnet18")), 0.75);
  assert.equal(scales.get("layer4.1.conv2.weight"), 1);
  assert.equal(scales.get("layer4.0.downsample.0.weight"), 0.75);
  assert.equal(scales.get("conv1.weight"), 0.75 ** 8);
});

test("frozen layers are not optimised, vectors are not decayed, and the head learns at the full rate", () => {
  const config = { backbone: configOf("resnet18"), head: { hiddenDim: 512, numOutputs: 2 }, numFrozenGroups: 8 };
  const { trained, frozen, followedBuffers, frozenBuffers } = supervisedParameters(config);
  assert.equal(trained.length + frozen.length, backboneParameters(config.backbone).length + 4);
  assert.ok(trained.every(({ name }) => /^(layer4\.1|head)\./.test(name)));
  assert.equal(followedBuffers.length, 4);
  assert.equal(frozenBuffers.length, 40 - 4);
  const byName = new Map(supervisedOptimisation(config, 0.5).map((parameter) => [parameter.name, parameter]));
  assert.deepEqual(
    [...byName.keys()],
    trained.map(({ name }) => name),
  );
  assert.deepEqual(byName.get("head.1.weight"), { name: "head.1.weight", shape: [2, 512], rateScale: 1, isDecayed: true });
  assert.equal(byName.get("layer4.1.bn1.weight")!.isDecayed, false);
});
