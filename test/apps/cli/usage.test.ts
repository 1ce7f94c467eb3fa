// Exit codes: 2 where the command line is wrong whatever the files hold, 1 where a file shows what is wrong.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ConfigError } from "#base/config";
import { writeCropSet } from "#sky/survey/disk";
import { asUsage, UsageError } from "../../../apps/cli/usage-error.ts";
import { cropRecord, cropSetOf } from "../../learn/crop-sets.ts";
import { suricate } from "./suricate.ts";

const SIDE = 8;
let folder = "";

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "suricate-usage-"));
  const out = join(folder, "crops");
  const squares = [0, 1].map((value) => new Float32Array(SIDE * SIDE).fill(value));
  const { info, records } = cropSetOf([cropRecord({ id: "a" }), cropRecord({ id: "b" })], SIDE, squares);
  await writeCropSet({ out, storedSize: SIDE, existing: "refuse", durability: "rename" }, async (append) => {
    for (const square of squares) append(square);
    return { info, records };
  });
  writeFileSync(join(folder, "bad.yaml"), "bachSize: 2\n");
});
after(() => rmSync(folder, { recursive: true, force: true }));

const WRONG_USAGE: readonly (readonly [args: string, message: string])[] = [
  ["prepare sky.fits --size 8 --out x --low 98 --high 2", "--low and --high: expected 0 <= low < high <= 100, got 98 and 2."],
  ["prepare sky.fits --size 8 --out x --single-gaussian", "--single-gaussian: expected --catalogue beside it, got none."],
  ["simulate --out x --size 0.5", "Expected a whole number from 1"],
  ["simulate --out x --cutouts 4 --small", "--small: expected no --cutouts beside it, got both. Leave one out."],
  ["import images x --out y --folder-labels --labels z", "--folder-labels: expected no --labels beside it, got both."],
  ["import images x --out y --columns file=a,label=b", "--columns: expected a table of --labels beside it, got none."],
  ["split crops --test 1.5", "Expected a share between 0 and 1, got 1.5."],
  [
    "train crops --out x --preset smal",
    "--preset smal: expected one of paper-vit, paper-vit-constant-decay, paper-resnet, small.",
  ],
  ["train crops --out x --set numEpoch=1", '--set numEpoch: "numEpoch" is not a setting. Did you mean "numEpochs"?'],
  ["grid crops --out x --over seed=1,1", "--over seed=1,1: expected different values, got 1 twice."],
  ["embed crops --backbone mean --out x.gif", "--out x.gif: expected a name that ends in .parquet, .csv, .vot, .npy."],
  ["embed crops --backbone random --out x.csv", '--backbone random: expected random:SHAPE or random:SHAPE:SEED, got "random".'],
  ["export mean --out x.pb", "export --out x.pb: expected a file .onnx or .safetensors."],
  ["evaluate source-count crops", "evaluate: expected one of --backbone and --embeddings."],
  ["evaluate fr", "evaluate: expected a crop set folder or a file of embeddings."],
  [
    "evaluate knn e.parquet --backbone mean",
    "evaluate e.parquet: its embeddings are made already. To compare backbones give the crop set's folder instead.",
  ],
  ["evaluate finetune crops --embeddings e.parquet", "evaluate finetune: expected a crop set folder and --backbone"],
  ["evaluate few-labels e.parquet --scratch-epochs 1", "evaluate few-labels: --scratch-epochs: expected a crop set folder"],
  ["evaluate shift crops e.parquet", "evaluate shift: expected two crop sets or two files of embeddings, got one of each."],
  [
    "evaluate shift e.parquet f.csv --backbone mean",
    "evaluate shift e.parquet: its embeddings are made already: expected no --backbone, --embeddings and --against.",
  ],
  ["embed crops --out x.csv", "embed crops: expected one of --backbone and --embeddings for a crop set."],
  [
    "embed e.csv --int8 --out x.csv",
    "embed e.csv: --int8: expected a --backbone to round, got embeddings that are made already.",
  ],
  ["evaluate shift crops crops", "evaluate shift crops: expected one of --backbone and --embeddings for a crop set."],
  [
    "evaluate cka crops --backbone mean",
    "evaluate cka: expected a crop set with --backbone or --embeddings, and --against, or two files of embeddings.",
  ],
  [
    "evaluate cka e.parquet",
    "evaluate cka: expected two files of embeddings and no backbones, or a crop set with --backbone and --against.",
  ],
  ["project crops --method pca --out x.csv", "project crops: expected one of --backbone and --embeddings for a crop set."],
  ["project e.parquet --method pca --perplexity 1 --out x.csv", "project: --perplexity: expected 2 or more, got 1."],
  ["project e.parquet --method pca --pca 1 --out x.csv", "project: --pca: expected a whole number from 2 on, or none, got 1."],
  ["search e.parquet --backbone mean --like a", "search e.parquet: its embeddings are made already"],
  ["search crops --backbone statistics --like 1,99", "expected RA from 0 to 360 and Dec from -90 to 90 degrees, got 1, 99."],
  ["attention crops --crop a --backbone mean --out x.gif", "expected a name that ends in .svg or .png"],
];

for (const [args, message] of WRONG_USAGE) {
  test(`suricate ${args} is wrong usage: one line and exit code 2`, async () => {
    const { status, stdout, stderr } = await suricate(folder, ...args.split(" "));
    assert.equal(status, 2, stderr);
    assert.equal(stdout, "");
    assert.ok(stderr.includes(message), stderr);
    assert.ok(!existsSync(join(folder, "x")) && !existsSync(join(folder, "y")));
  });
}

const FAILED: readonly (readonly [args: string, message: string])[] = [
  ["train crops --out x --config bad.yaml", 'ConfigError: bad.yaml: "bachSize" is not a setting.'],
  ["train crops --out x --resume", "ConfigError: x: not a run folder"],
  ["embed crops --backbone nothing --out x.csv", 'ConfigError: --backbone nothing: there is no run in "nothing".'],
  ["search crops --backbone statistics --like c", "search: --like c: expected the id of a crop of tiny"],
  ["inspect nothing", "nothing: no such file or folder."],
  ["simulate --out bad.yaml --small", "suricate: bad.yaml: cannot be written: a file is in the way."],
  ["simulate --out x --small --completeness bad.yaml/c.svg", "suricate: bad.yaml/c.svg: cannot be written: "],
  ["demo --out bad.yaml", "suricate: bad.yaml: cannot be written: a file is in the way."],
  ["grid crops --over seed=1,2 --out bad.yaml", "suricate: bad.yaml/settings.json: cannot be written: a file is in the way."],
  ["evaluate source-count nowhere.parquet --out bad.yaml/x.json", "suricate: bad.yaml/x.json: cannot be written: "],
  ["evaluate cka nowhere.parquet nowhere.parquet --out bad.yaml/x.json", "suricate: bad.yaml/x.json: cannot be written: "],
  ["project nowhere.parquet --method pca --out x.svg bad.yaml/x.csv", "suricate: bad.yaml/x.csv: cannot be written: "],
  ["search nowhere.parquet --like a --out bad.yaml/x.csv", "suricate: bad.yaml/x.csv: cannot be written: "],
  ["attention nowhere --crop a --backbone mean --out bad.yaml/x.svg", "suricate: bad.yaml/x.svg: cannot be written: "],
  ["export nowhere --out bad.yaml/x.onnx", "suricate: bad.yaml/x.onnx: cannot be written: "],
];

for (const [args, message] of FAILED) {
  test(`suricate ${args} is well said and fails: one line and exit code 1`, async () => {
    const { status, stdout, stderr } = await suricate(folder, ...args.split(" "));
    assert.equal(status, 1, stderr);
    assert.equal(stdout, "");
    assert.ok(stderr.includes(message), stderr);
  });
}

for (const [task, message] of [
  ["source-count", "expected crops with the label sourceCount"],
  ["fr", "expected crops with the labels FRI, FRII, got none"],
  ["knn", "expected crops with 2 labels or more, got none"],
  ["similarity", "expected crops with 2 labels or more, got none"],
  ["few-labels", "expected crops with 2 labels or more, got none"],
  ["anomaly", "crops with an interest score from 4 on"],
] as const) {
  test(`evaluate ${task} tells that a set has nothing to judge by before it embeds a crop`, async () => {
    const { status, stderr } = await suricate(folder, "evaluate", task, "crops", "--backbone", "statistics");
    assert.equal(status, 1, stderr);
    assert.ok(stderr.startsWith("suricate: evaluate") && stderr.includes(message), stderr);
  });
}

test("a check of the command line tells its own text as wrong usage, and its stack stays", () => {
  const cause = new RangeError("--low: expected 1, got 2.");
  const refuse = (error: unknown) => () =>
    asUsage(() => {
      throw error;
    });
  assert.throws(refuse(cause), (error) => {
    assert.ok(error instanceof UsageError && error instanceof ConfigError);
    assert.equal(error.message, "ConfigError: --low: expected 1, got 2.");
    assert.equal(error.cause, cause);
    return true;
  });
  // The prefix stands once.
  assert.throws(refuse(new ConfigError("--set: x.")), { message: "ConfigError: --set: x." });
  assert.equal(
    asUsage(() => 3),
    3,
  );
});

test("what commander refuses is told as everything else, with where help is", async () => {
  for (const [args, lines] of [
    [
      ["train", "crops"],
      ["suricate: required option '--out <run>' not specified", "(suricate train --help shows the options and examples)"],
    ],
    [
      ["evaluate", "sourcecount"],
      [
        "suricate: unknown command 'sourcecount'",
        "(Did you mean source-count?)",
        "(suricate evaluate <command> --help shows the options and examples)",
      ],
    ],
  ] as const) {
    const { status, stderr } = await suricate(folder, ...args);
    assert.equal(status, 2);
    assert.deepEqual(stderr.trim().split(/\n+/), lines);
  }
});

test("help tells defaults, but not that a switch is off or a list empty", async () => {
  const { stdout } = await suricate(folder, "prepare", "--help");
  assert.match(stdout, /\(default: 98\)/);
  assert.doesNotMatch(stdout.replaceAll(/\s+/g, " "), /\(default: (false|\[\])\)/);
});
