// suricate evaluate finetune and few-labels: options, tables, JSON documents, refusals and Ctrl-C, on pictures for seconds.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { writeSafetensors } from "#base/files/disk";
import type { FewLabelsRecord, FinetuneRecord } from "#learn/tasks";
import { writeCropSet } from "#sky/survey/disk";
import { layersOf, type OneSplitFlags, positiveClassOf } from "../../../apps/cli/evaluate/finetune-options.ts";
import { cropRecord } from "../../learn/crop-sets.ts";
import { SIDE, sourceSet, TINY_RESNET, TINY_VIT, trainable } from "../../learn/tasks/finetune/bent-sources.ts";
import { startSuricate, suricate as suricateIn } from "./suricate.ts";

let folder: string;
const at = (name: string) => join(folder, name);
const suricate = (...args: readonly string[]) => suricateIn(folder, ...args);

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "suricate-finetune-"));
  const { info, records, pixelsOf } = sourceSet("bent", { numTrain: 48, numTest: 20, numValid: 8 });
  await writeCropSet({ out: at("sources"), storedSize: SIDE, existing: "refuse", durability: "rename" }, async (append) => {
    for (const row of records.keys()) append(pixelsOf(row));
    return { info, records };
  });
  const flagged = records.map((record, row) => ({ ...record, dataQualityFlag: row % 4 === 3 ? 2 : 0 }));
  await writeCropSet({ out: at("flagged"), storedSize: SIDE, existing: "refuse", durability: "rename" }, async (append) => {
    for (const row of records.keys()) append(pixelsOf(row));
    return { info, records: flagged };
  });
  for (const [name, config, seed] of [
    ["resnet", TINY_RESNET, 3],
    ["vit", TINY_VIT, 3],
    ["again", TINY_VIT, 4],
  ] as const) {
    const { arrays } = trainable(config, name, seed);
    writeSafetensors(at(`${name}.safetensors`), new Map(arrays), { backbone: JSON.stringify(config) });
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

const QUICK = ["--epochs", "1", "--seeds", "1", "--update-batch", "16", "--hidden", "8"] as const;

test("finetune writes one record with every number of layers, scratch, frozen probes and how each network was trained", async () => {
  const args = ["--backbone", "vit.safetensors", "--layers", "0..1", "all", "--positive", "bent", "--valid", "own"];
  const { status, stdout, stderr } = await suricate(
    "evaluate",
    "finetune",
    "sources",
    ...args,
    ...QUICK,
    "--json",
    "--out",
    "one.json",
  );
  assert.equal(status, 0, stderr);
  const record = JSON.parse(stdout) as FinetuneRecord;
  assert.deepEqual(JSON.parse(readFileSync(at("one.json"), "utf8")), record);
  assert.deepEqual(
    record.points.map(({ numLayers }) => numLayers),
    [0, 1, 3],
  );
  assert.deepEqual([record.numTrain, record.numValid, record.numTest, record.numGroups], [48, 8, 20, 3]);
  assert.equal(record.settings.inputSize, SIDE); // small crops are shown whole
  assert.equal(record.scratch!.backbone, "vit.safetensors from scratch");
  assert.deepEqual(
    record.floors.map(({ backbone }) => backbone),
    ["vit.safetensors", "majority", "random:vit.safetensors:0"],
  );
  const { optimiser, learningRate } = record.points[0]!.rule;
  assert.deepEqual([optimiser, learningRate], ["sgd", (0.1 * 16) / 256]);
  assert.ok(record.points.every(({ f1, trainLosses }) => f1 !== null && trainLosses[0]!.length === 1));
  assert.match(stderr, /fine-tune: 12\/12 updates/); // 4 networks, 3 updates each
});

test("a range of layers may end with all of them, and of FRI and FRII the F1 told is FRI's", () => {
  assert.deepEqual(layersOf(["0..all"], 3), [0, 1, 2, 3]);
  const set = (...labels: readonly string[]) => ({ records: labels.map((label, row) => cropRecord({ id: String(row), label })) });
  const positive = (asked: string | undefined, ...labels: readonly string[]) =>
    positiveClassOf({ ...(asked === undefined ? {} : { positive: asked }) } as OneSplitFlags, set(...labels)); // what it reads of them
  assert.equal(positive(undefined, "FRII", "FRI", "FRI"), "FRI");
  assert.equal(positive("FRII", "FRII", "FRI"), "FRII");
  assert.equal(positive(undefined, "FRI", "FRII", "Bent"), null);
});

test("without --json finetune's table is for a person, on stdout", async () => {
  const { status, stdout, stderr } = await suricate(
    ...["evaluate", "finetune", "sources", "--backbone", "resnet.safetensors", "--layers", "1", "--no-scratch"],
    ...QUICK,
  );
  assert.equal(status, 0, stderr);
  assert.match(
    stdout,
    /^finetune on tiny: bent, straight; 48 crops to train, 20 to test; the middle 32 pixels; 1 epoch, 1 seed\.$/m,
  );
  assert.match(stdout, /^network +layers +trained +error \[95 %\] +sd over seeds +macro F1 +less frozen \[95 %\] +p$/m);
  assert.match(stdout, /^resnet\.safetensors +1 +[\d.]+ k +0\.\d+ \[/m);
  assert.match(stdout, /^resnet\.safetensors, frozen +- +- +0\.\d+ \[/m);
  assert.match(stdout, /^majority +- +- +0\.\d+ \[/m);
  assert.match(stdout, /^8 crops are in neither part: they are marked neither "train" nor "test"\.$/m);
});

test("finetune takes replicas and data quality flags: a table over seeds of pre-training, and crops left out and counted", async () => {
  const args = [
    "--backbone",
    "vit.safetensors",
    "--replicas",
    "again.safetensors",
    "--layers",
    "0",
    "--no-scratch",
    "--dqf",
    "0",
  ];
  const { status, stdout, stderr } = await suricate("evaluate", "finetune", "flagged", ...args, ...QUICK, "--json");
  assert.equal(status, 0, stderr);
  const record = JSON.parse(stdout) as FinetuneRecord;
  assert.deepEqual([record.dataQualityFlags, record.numTrain, record.numTest], [[0], 36, 15]);
  assert.deepEqual(record.exclusions, [{ reason: "crops of other data quality flags than 0", count: 19 }]);
  assert.deepEqual(
    record.pretrainingSeeds!.map(({ perSeed }) => perSeed.length),
    [2, 2],
  );
  const told = (await suricate("evaluate", "finetune", "flagged", ...args, ...QUICK)).stdout;
  assert.match(told, /^over seeds of pre-training +seeds +error \[95 %\] +deviation +backbone less this \[95 %\] +p$/m);
  assert.match(told, /^vit\.safetensors and replicas, 0 layers +2 +0\.\d+ \[/m);
});

test("few-labels prints every size, and trains from scratch on the same subsets where it is asked to", async () => {
  const { status, stdout, stderr } = await suricate(
    ...["evaluate", "few-labels", "sources", "--backbone", "vit.safetensors", "--counts", "8,24", "--draws", "2"],
    ...["--scratch-epochs", "1", "--pca", "4", "--json"],
  );
  assert.equal(status, 0, stderr);
  const record = JSON.parse(stdout) as FewLabelsRecord;
  assert.deepEqual(
    record.points.map(({ numLabels, errorPerDraw }) => [numLabels, errorPerDraw.length]),
    [
      [8, 2],
      [24, 2],
    ],
  );
  assert.equal(record.numComponents, 4);
  assert.equal(record.floors.at(-1)!.backbone, "vit.safetensors from scratch");
  assert.match(stderr, /evaluate: 24\/24 fits/); // 6 backbones, 2 sizes, 2 draws
  const plain = await suricate("evaluate", "few-labels", "sources", "--backbone", "pixels", "--counts", "8", "--draws", "3");
  assert.equal(plain.status, 0, plain.stderr);
  assert.match(plain.stdout, /^labels +pixels \[95 %\] +sd over draws$/m);
  assert.match(plain.stdout, /^labels +majority \[95 %\] +less this$/m);
});

const REFUSALS: readonly (readonly [what: string, args: readonly string[], status: number, line: RegExp])[] = [
  [
    "embeddings, which cannot be trained",
    ["finetune", "sources", "--embeddings", "some.parquet"],
    2,
    /evaluate finetune: expected a crop set folder and --backbone: embeddings alone cannot be trained\.$/m,
  ],
  [
    "a floor",
    ["finetune", "sources", "--backbone", "pixels"],
    1,
    /--backbone pixels: expected a ResNet or a Vision Transformer \(a run, weights or random:SHAPE\), got a floor, which cannot be trained here\.$/m,
  ],
  [
    "layers that are no number",
    ["finetune", "sources", "--backbone", "vit.safetensors", "--layers", "some"],
    2,
    /--layers some: expected all, a number of layer groups, or a range as in 0\.\.9 or 0\.\.all\.$/m,
  ],
  [
    "a range that falls",
    ["finetune", "sources", "--backbone", "vit.safetensors", "--layers", "3..0"],
    2,
    /--layers 3\.\.0: expected a range from a lower to a higher number\.$/m,
  ],
  [
    "more layers than there are",
    ["finetune", "sources", "--backbone", "vit.safetensors", "--layers", "0..9"],
    1,
    /--layers 4: expected 0 to 3, the layer groups of this backbone \(patch_embed to blocks\.1\)\.$/m,
  ],
  [
    "a middle larger than the crops",
    ["finetune", "sources", "--backbone", "vit.safetensors", "--centre", "64"],
    1,
    /--centre 64: expected at most 32 pixels, the side of the crops\. Say --centre 32\.$/m,
  ],
  [
    "a share of validation crops above one",
    ["finetune", "sources", "--backbone", "vit.safetensors", "--valid", "2"],
    2,
    /Expected none, own, or a share between 0 and 1, got "2"\./,
  ],
  [
    "more labels than training crops",
    ["few-labels", "sources", "--backbone", "pixels", "--counts", "48,49"],
    1,
    /evaluate: subset of labels: expected 4 to 48 rows for 2 classes, got 49\.$/m,
  ],
  [
    "a size that is no number",
    ["few-labels", "sources", "--backbone", "pixels", "--counts", "36;72"],
    2,
    /Expected a whole number from 1 to 4294967295, got "36;72"\./,
  ],
];

for (const [what, args, wanted, line] of REFUSALS) {
  test(`evaluate ${args[0]} refuses ${what} with one line, and writes nothing`, async () => {
    const { status, stdout, stderr } = await suricate("evaluate", ...args, "--out", "refused.json");
    assert.equal(status, wanted, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, line);
    assert.ok(!existsSync(at("refused.json")));
  });
}

test("Ctrl-C ends fine-tuning after the update under way, with 130 and nothing written", async () => {
  const before = readdirSync(folder).toSorted();
  const { child, said, ended } = startSuricate(
    folder,
    ...["evaluate", "finetune", "sources", "--backbone", "resnet.safetensors", "--epochs", "100000", "--out", "long.json"],
  );
  await said("embed resnet.safetensors: 76/76"); // training is next
  child.kill("SIGINT");
  const { code, stderr } = await ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /suricate: stopping after the update under way; nothing is written\./);
  assert.deepEqual(readdirSync(folder).toSorted(), before);
});

test("layers are named apart by spaces or commas, in ranges, or all of them", () => {
  assert.deepEqual(layersOf(["0,3,9"], 12), [0, 3, 9]);
  assert.deepEqual(layersOf(["0..2", "all,5"], 12), [0, 1, 2, 12, 5]);
  assert.throws(
    () => layersOf(["0,,3"], 12),
    /--layers : expected all, a number of layer groups, or a range as in 0\.\.9 or 0\.\.all\./,
  );
});
