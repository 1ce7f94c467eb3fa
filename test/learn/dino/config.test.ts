// The settings of a training: defaults as the paper has them, and an error that names what cannot be.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, checkConfig, jsonSchemaOf } from "#base/config";
import { parseConfig } from "#base/yaml";
import { checkDinoConfig, checkResumable, DINO_PRESETS, dinoConfigSchema, hasDropPath, peakLearningRate } from "#learn/dino";
import { tinyConfig } from "./training-case.ts";

/** The error text of settings that the schema or the checks refuse. */
function refusal(settings: object): string {
  try {
    checkDinoConfig(checkConfig(dinoConfigSchema, settings, "train.yaml"));
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
  return assert.fail("nothing was thrown");
}

test("settings that say nothing are the paper's ViT-S/8 with DINO's head and views", () => {
  const config = checkDinoConfig(parseConfig(dinoConfigSchema, "", "empty.yaml"));
  assert.deepEqual(config.backbone, {
    imageChannels: 1,
    patchSize: 8,
    embedDim: 384,
    depth: 12,
    numHeads: 6,
    mlpRatio: 4,
    imageSize: 224,
  });
  assert.deepEqual(config.head, { hiddenDim: 2048, bottleneckDim: 256, numPrototypes: 65536 });
  const { numGlobalViews, globalViewSize, numLocalViews, localViewSize } = config.views;
  assert.deepEqual([numGlobalViews, globalViewSize, numLocalViews, localViewSize], [2, 224, 8, 96]);
  assert.deepEqual(config.views.localViewArea, [0.05, 0.4]);
  assert.deepEqual([config.studentTemperature, config.teacherTemperature], [0.1, 0.04]);
  assert.deepEqual([config.centerMomentum, config.teacherMomentum], [0.9, 0.996]);
  assert.deepEqual([config.weightDecay, config.finalWeightDecay, config.maxGradientNorm], [0.04, 0.4, 3]);
  assert.deepEqual([config.numEpochs, config.numWarmupEpochs, config.numFrozenPrototypeEpochs], [500, 10, 1]);
});

test("every preset is a whole configuration, and fits together", () => {
  for (const [name, preset] of Object.entries(DINO_PRESETS)) {
    const config = checkDinoConfig(checkConfig(dinoConfigSchema, preset, name));
    assert.ok(peakLearningRate(config) > 0, name);
    // What is written into config.yaml is read back the same.
    assert.deepEqual(checkConfig(dinoConfigSchema, config, name), config);
  }
});

test("the paper's ViT takes 48 crops a step, and its second preset differs in weight decay alone", () => {
  const paper = dinoConfigSchema.parse(DINO_PRESETS["paper-vit"]);
  assert.equal(paper.batchSize * paper.numAccumulatedBatches, 48);
  assert.deepEqual(dinoConfigSchema.parse(DINO_PRESETS["paper-vit-constant-decay"]), { ...paper, finalWeightDecay: 0.04 });
});

test("the paper's ResNet-50 takes 192 crops a step of SGD, its local views are smaller, and no branch is dropped", () => {
  const config = dinoConfigSchema.parse(DINO_PRESETS["paper-resnet"]);
  assert.equal(config.batchSize * config.numAccumulatedBatches, 192);
  assert.deepEqual([config.optimiser, config.weightDecay, config.finalWeightDecay], ["sgd", 1e-4, 1e-4]);
  assert.deepEqual(config.views.localViewArea, [0.05, 0.14]);
  // Goyal et al. 2017: 0.03 per 256 crops.
  assert.ok(Math.abs(peakLearningRate(config) - 0.0225) < 1e-12);
  assert.equal(hasDropPath(config), false);
});

test("an unknown setting is an error with the nearest name, at any depth", () => {
  assert.equal(refusal({ numEpoch: 3 }), 'ConfigError: train.yaml: "numEpoch" is not a setting. Did you mean "numEpochs"?');
  assert.equal(
    refusal({ views: { globalViewSise: 96 } }),
    'ConfigError: train.yaml: "views.globalViewSise" is not a setting. Did you mean "globalViewSize"?',
  );
  assert.equal(
    refusal({ checkpoints: { everyEpoch: 1 } }),
    'ConfigError: train.yaml: "checkpoints.everyEpoch" is not a setting. Did you mean "everyEpochs"?',
  );
});

test("a value out of its bounds is an error that says the bounds", () => {
  assert.match(refusal({ batchSize: 0 }), /^ConfigError: train\.yaml: "batchSize": expected more than 0, got 0\.$/);
  assert.match(refusal({ numEpochs: 2.5 }), /^ConfigError: train\.yaml: "numEpochs": expected a whole number, got 2\.5\.$/);
  assert.match(refusal({ dropPathRate: 1.5 }), /"dropPathRate": expected at most 1, got 1\.5\.$/);
  assert.match(refusal({ probe: { everyEpochs: 0 } }), /"probe\.everyEpochs": expected more than 0, got 0\.$/);
  assert.match(
    refusal({ stopping: { patienceEpochs: 2.5 } }),
    /"stopping\.patienceEpochs": expected a whole number, got 2\.5\.$/,
  );
  assert.match(refusal({ stopping: { lossFraction: -1 } }), /"stopping\.lossFraction": expected at least 0, got -1\.$/);
  assert.match(refusal({ seed: 2 ** 32 }), /"seed": expected at most 4294967295, got 4294967296\.$/);
  assert.equal(
    refusal({ optimiser: "adam" }),
    'ConfigError: train.yaml: "optimiser": expected "adamw" or "sgd" or "lars", got "adam". Did you mean "adamw"?',
  );
});

test("views that cannot be are refused by their own check", () => {
  assert.match(
    refusal({ views: { numGlobalViews: 1, numLocalViews: 0, globalBlurProbabilities: [1] } }),
    /would have no pairs\.$/,
  );
  assert.match(refusal({ views: { globalViewArea: [1, 0.4] } }), /^ConfigError: views\.globalViewArea: expected \[low, high\]/);
});

test("sizes that patches or heads do not divide are refused before anything is built", () => {
  assert.equal(
    refusal({ views: { localViewSize: 100 } }),
    "ConfigError: views.localViewSize: expected a side that patches of 8 pixels divide (backbone.patchSize), got 100.",
  );
  assert.equal(refusal({ backbone: { numHeads: 5 } }), "vit: expected an embedDim that 5 heads divide, got 384.");
  assert.equal(
    refusal({ backbone: { mlpRatio: 0.3 } }),
    "vit: expected an mlpRatio that makes a whole number of embedDim 384, got 0.3.",
  );
  assert.equal(
    refusal({ backbone: { imageChannels: 3 } }),
    "ConfigError: backbone.imageChannels: expected 1, as a crop has, got 3.",
  );
  // The size of views that there are none of does not matter.
  checkDinoConfig(dinoConfigSchema.parse({ views: { numLocalViews: 0, localViewSize: 100 } }));
});

test("a run goes on with another learning rate or length, but not with another network, seed, optimiser or batch", () => {
  const before = tinyConfig();
  checkResumable(before, tinyConfig({ learningRatePer256: 1e-4, numEpochs: 9, weightDecay: 0, checkpoints: { keepLast: 1 } }));
  const others = {
    seed: 1,
    backbone: { ...before.backbone, depth: 3 },
    head: { ...before.head, numPrototypes: 25 },
    optimiser: "sgd",
    batchSize: 2,
    numAccumulatedBatches: 2,
  };
  for (const [name, value] of Object.entries(others)) {
    assert.throws(() => checkResumable(before, tinyConfig({ [name]: value })), {
      name: ConfigError.name,
      message: `ConfigError: train: "${name}" cannot change in a run that goes on: its state and its order of crops come from the first one. Begin another run.`,
    });
  }
});

test("the settings have a JSON Schema that lists every one of them", () => {
  const schema = jsonSchemaOf(dinoConfigSchema) as { readonly properties: object };
  assert.deepEqual(Object.keys(schema.properties).toSorted(), Object.keys(dinoConfigSchema.parse({})).toSorted());
});
