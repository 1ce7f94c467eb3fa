// Settings: what is read, what is refused, and the words of every refusal.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, checkConfig, jsonSchemaOf, nearestName, z } from "#base/config";
import { applySettings, formatYaml, parseConfig, parseYaml } from "#base/yaml";

const schema = z.strictObject({
  seed: z.int().min(0).default(1),
  views: z
    .strictObject({ blurSigma: z.tuple([z.number(), z.number()]).default([0.1, 2]), rotate: z.boolean().default(true) })
    .prefault({}),
  training: z
    .strictObject({
      epochs: z.int().positive().default(100),
      learningRate: z.number().max(1).default(0.5),
      optimizer: z.enum(["adamw", "sgd"]).default("adamw"),
      stopAfter: z.union([z.int(), z.literal("never")]).default("never"),
      stages: z
        .array(z.strictObject({ epochs: z.int() }))
        .min(1)
        .default([{ epochs: 1 }]),
    })
    .prefault({}),
  batchSize: z
    .int()
    .refine((size) => size % 2 === 0, "expected an even number")
    .default(8),
});

const defaults = schema.parse({});

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return assert.fail("nothing was thrown");
}

test("empty text is a configuration of defaults", () => {
  assert.deepEqual(parseConfig(schema, "", "train.yaml"), {
    seed: 1,
    views: { blurSigma: [0.1, 2], rotate: true },
    training: { epochs: 100, learningRate: 0.5, optimizer: "adamw", stopAfter: "never", stages: [{ epochs: 1 }] },
    batchSize: 8,
  });
});

test("YAML settings replace defaults and leave the others", () => {
  const config = parseConfig(
    schema,
    "training:\n  epochs: 3\n  optimizer: sgd # as the paper\nviews: {rotate: false}\n",
    "train.yaml",
  );
  assert.deepEqual(config.training, { ...defaults.training, epochs: 3, optimizer: "sgd" });
  assert.deepEqual(config.views, { blurSigma: [0.1, 2], rotate: false });
});

const REFUSALS: readonly (readonly [yaml: string, message: string])[] = [
  ["traning: {epochs: 3}", 'train.yaml: "traning" is not a setting. Did you mean "training"?'],
  ["training: {epoch: 3}", 'train.yaml: "training.epoch" is not a setting. Did you mean "epochs"?'],
  [
    "training: {stages: [{epoch: 3}]}",
    'train.yaml: "training.stages.0.epoch" is not a setting. Did you mean "epochs"? (1 more wrong.)',
  ],
  ["zzz: 1", 'train.yaml: "zzz" is not a setting. There are: seed, views, training, batchSize.'],
  ["training: {epochs: many}", 'train.yaml: "training.epochs": expected a number, got "many".'],
  ["training: {epochs: 2.5}", 'train.yaml: "training.epochs": expected a whole number, got 2.5.'],
  ["training: {epochs: 0}", 'train.yaml: "training.epochs": expected more than 0, got 0.'],
  ["training: {learningRate: 3}", 'train.yaml: "training.learningRate": expected at most 1, got 3.'],
  ["training: {learningRate: .nan}", 'train.yaml: "training.learningRate": expected a number, got NaN.'],
  [
    "training: {optimizer: adam}",
    'train.yaml: "training.optimizer": expected "adamw" or "sgd", got "adam". Did you mean "adamw"?',
  ],
  ["training: {stopAfter: soon}", 'train.yaml: "training.stopAfter": expected a number or "never", got "soon".'],
  ["training: {stages: []}", 'train.yaml: "training.stages": expected a list of at least 1 entries, got a list of 0.'],
  ["training: {stages: [{}]}", 'train.yaml: "training.stages.0.epochs" is missing: expected a number.'],
  ["training: 3", 'train.yaml: "training": expected a group of settings, got 3.'],
  ["views: {rotate: maybe}", 'train.yaml: "views.rotate": expected true or false, got "maybe".'],
  ["batchSize: 3", 'train.yaml: "batchSize": expected an even number, got 3.'],
  ["seed: -1", 'train.yaml: "seed": expected at least 0, got -1.'],
  ["- 1", "train.yaml: the configuration: expected a group of settings, got a list of 1."],
];

for (const [yaml, message] of REFUSALS) {
  test(`the text "${yaml}" is refused by name`, () => {
    assert.equal(
      messageOf(() => parseConfig(schema, yaml, "train.yaml")),
      `ConfigError: ${message}`,
    );
  });
}

test("aliases that stand for aliases without end are refused, with the file named", () => {
  const levels = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  const lines = levels.map((name, index) => {
    const inside = index === 0 ? "x" : `*${levels[index - 1]}`;
    return `${name}: &${name} [${Array(9).fill(inside).join(", ")}]`;
  });
  assert.throws(() => parseYaml(lines.join("\n"), "bomb.yaml"), {
    name: "ConfigError",
    message: "ConfigError: bomb.yaml: expected plain YAML, got aliases (*name) that stand for too many values. Write them out.",
  });
});

test("text that is not YAML is refused with its line", () => {
  const message = messageOf(() => parseConfig(schema, "seed: 1\nviews: [1, 2\n", "train.yaml"));
  assert.match(message, /^ConfigError: train\.yaml: line 3 is not YAML: .+\.$/);
});

test("a key written twice is refused", () => {
  assert.match(
    messageOf(() => parseConfig(schema, "seed: 1\nseed: 2\n", "a.yaml")),
    /line 2 is not YAML: Map keys must be unique/,
  );
});

test("configurations read back from their YAML as they were", () => {
  const value = { a: 1e-6, b: [0.4, 1], c: "a: b", d: null, e: { f: true, g: "1e3" }, h: "x".repeat(200) };
  assert.deepEqual(parseYaml(formatYaml(value), "here"), value);
  assert.deepEqual(parseConfig(schema, formatYaml(defaults), "here"), defaults);
});

test("settings from the command line are YAML values put in by name, and the original stays", () => {
  const before = structuredClone(defaults);
  const changed = applySettings(defaults, ["training.epochs=20", "views.blurSigma=[0.5, 1]", "training.optimizer=sgd", "seed=7"]);
  assert.deepEqual(checkConfig(schema, changed, "--set"), {
    ...defaults,
    seed: 7,
    views: { ...defaults.views, blurSigma: [0.5, 1] },
    training: { ...defaults.training, epochs: 20, optimizer: "sgd" },
  });
  assert.deepEqual(defaults, before);
});

test("the later of two settings of one name wins", () => {
  assert.equal(applySettings(defaults, ["seed=2", "seed=3"])["seed"], 3);
});

test("settings with unknown names, no value or too long a path are refused by name", () => {
  const refusal = (setting: string) => messageOf(() => applySettings(defaults, [setting]));
  assert.equal(
    refusal("traning.epochs=3"),
    'ConfigError: --set traning.epochs: "traning" is not a setting. Did you mean "training"?',
  );
  assert.equal(
    refusal("training.epohcs=3"),
    'ConfigError: --set training.epohcs: "epohcs" is not a setting. Did you mean "epochs"?',
  );
  assert.equal(
    refusal("training.epochs"),
    'ConfigError: --set training.epochs: expected name=value, got "training.epochs". Write --set training.epochs=value.',
  );
  assert.equal(
    refusal("seed.first=3"),
    'ConfigError: --set seed.first: "seed" has no settings of its own: expected --set seed=…, got "first" after it.',
  );
  assert.match(refusal("seed=[1"), /^ConfigError: --set seed: line 1 is not YAML/);
});

test("a setting never reaches names that every object has", () => {
  assert.match(
    messageOf(() => applySettings(defaults, ["__proto__.polluted=1"])),
    /"__proto__" is not a setting/,
  );
  assert.match(
    messageOf(() => applySettings(defaults, ["constructor=1"])),
    /"constructor" is not a setting/,
  );
});

test("a value of the wrong kind set from the command line is refused as in a file", () => {
  const message = messageOf(() => checkConfig(schema, applySettings(defaults, ["training.epochs=x"]), "--set"));
  assert.equal(message, 'ConfigError: --set: "training.epochs": expected a number, got "x".');
});

test("the nearest name allows a third of the letters to be wrong, and a swap is one edit", () => {
  const names = ["training", "views", "head"];
  assert.equal(nearestName("trianing", names), "training");
  assert.equal(nearestName("veiw", names), undefined);
  assert.equal(nearestName("veiws", names), "views");
  assert.equal(nearestName("HEAD", names), "head");
  assert.equal(nearestName("optimizer", names), undefined);
  assert.equal(nearestName("bat", ["cat", "rat"]), "cat");
  assert.equal(nearestName("x", []), undefined);
});

test("the exported JSON Schema names defaults, limits and choices", () => {
  const exported = jsonSchemaOf(schema) as { properties: { training: { properties: Record<string, unknown> } } };
  assert.deepEqual(exported.properties.training.properties["optimizer"], {
    default: "adamw",
    type: "string",
    enum: ["adamw", "sgd"],
  });
});
