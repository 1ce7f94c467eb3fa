// suricate embed and evaluate, as a person calls them: a small crop set, a run with a tiny transformer, and what is printed.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { randomFor } from "#base/array";
import { sampleParameters, vitParameters } from "#engine/nn";
import { readEmbeddings } from "#learn/embeddings/disk";
import { createRun } from "#learn/runs/disk";
import type { TaskResult } from "#learn/tasks";
import { writeCropSet } from "#sky/survey/disk";
import { cropRecord, cropSetOf } from "../../learn/crop-sets.ts";
import { suricate as suricateIn } from "./suricate.ts";

const CROP_SIZE = 16;
const NUM_CROPS = 90;
const TINY_VIT = { imageChannels: 1, patchSize: 4, embedDim: 16, depth: 1, numHeads: 2, mlpRatio: 2, imageSize: 16 };

let folder = "";
const at = (name: string) => join(folder, name);

const suricate = (...args: readonly string[]) => suricateIn(folder, ...args);

/** Crops of six fields whose pixels are as bright as their count is high; the last two fields are set aside. */
async function makeCropSet(): Promise<void> {
  const random = randomFor(51, "cli crops");
  const records = Array.from({ length: NUM_CROPS }, (_, row) => {
    const field = Math.floor(row / 15);
    return cropRecord({
      id: `c${row}`,
      field: `f${field}`,
      y0: 0,
      x0: 16 * (row % 15),
      sourceCount: random.integer(9),
      split: field < 4 ? "train" : "test",
    });
  });
  const squares = records.map(({ sourceCount }) =>
    Float32Array.from({ length: CROP_SIZE ** 2 }, () => sourceCount! / 20 + 0.3 * random.uniform()),
  );
  const { info } = cropSetOf(records, CROP_SIZE, squares);
  await writeCropSet({ out: at("crops"), storedSize: CROP_SIZE, existing: "refuse", durability: "rename" }, async (append) => {
    for (const square of squares) append(square);
    return { info, records };
  });
}

/** A run that has seen the training crops, and one checkpoint with random weights. */
function makeRun(): void {
  const ids = Array.from({ length: 60 }, (_, row) => `c${row}`);
  const info = { versions: {}, seed: 0, inputs: [], keep: { last: 1, every: null }, config: { backbone: TINY_VIT } };
  const run = createRun(at("run"), info, { seenRows: [{ cropSetName: "tiny", cropSetSha256: "00", ids }] });
  const teacher = [...sampleParameters(vitParameters(TINY_VIT), 9)].map(([name, array]) => [`teacher.${name}`, array] as const);
  run.writeCheckpoint({ epoch: 1, stepInEpoch: 0, step: 3 }, new Map(teacher), {});
  run.close();
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "suricate-evaluate-"));
  await makeCropSet();
  makeRun();
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("embed --int8 embeds in 8 bits and says what that costs, measured on the set's own crops", async () => {
  const { status, stdout, stderr } = await suricate(
    "embed",
    "crops",
    "--backbone",
    "run",
    "--int8",
    "--out",
    "int8.parquet",
    "--json",
  );
  assert.equal(status, 0, stderr);
  const { backbone, cosine } = JSON.parse(stdout);
  assert.equal(backbone, "run (int8)");
  assert.equal(cosine.numCrops, 16);
  // Near, and not the same.
  assert.ok(cosine.smallest > 0.99 && cosine.mean < 1 && cosine.smallest <= cosine.mean, stdout);
  assert.match(stderr, /^8 bits: cosine to float32 0\.99\d+ on average over 16 crops, 0\.99\d+ at least\.$/m);
});

test("embed writes one vector a crop and says so in one JSON document", async () => {
  const { status, stdout, stderr } = await suricate("embed", "crops", "--backbone", "run", "--out", "run.parquet", "--json");
  assert.equal(status, 0, stderr);
  const said = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual([said["crops"], said["dim"], said["backbone"], said["seen"]], [NUM_CROPS, 16, "run", 60]);
  const table = await readEmbeddings(at("run.parquet"));
  assert.equal(table.embeddings.length, NUM_CROPS * 16);
  assert.equal(table.cropSetSha256, said["cropSetSha256"]);
  assert.ok(new Set(table.embeddings.filter((_, index) => index % 16 === 0)).size > NUM_CROPS / 2);
});

test("evaluate puts every floor and the untrained backbone of the same shape beside a run", async () => {
  const { status, stdout, stderr } = await suricate(
    "evaluate",
    "source-count",
    "crops",
    "--backbone",
    "run",
    "--split",
    "own",
    "--json",
    "--out",
    "result.json",
  );
  assert.equal(status, 0, stderr);
  const result = JSON.parse(stdout) as TaskResult;
  assert.deepEqual(JSON.parse(readFileSync(at("result.json"), "utf8")), result);
  assert.deepEqual(
    result.floors.map(({ backbone }) => backbone),
    ["mean", "statistics", "pixels", "random:run:0"],
  );
  assert.deepEqual(
    result.comparisons.map(({ against }) => against),
    ["mean", "statistics", "pixels", "random:run:0"],
  );
  assert.deepEqual([result.numTrain, result.numTest, result.n, result.seeds.probe], [60, 30, 90, [0, 1, 2]]);
  const [mean, statistics] = result.floors;
  // The count is in the brightness, so the mean brightness tells nearly all of it.
  assert.ok(statistics!.exact.r2.value! > 0.9 && mean!.exact.r2.value! < 0.01);
  assert.match(stderr, /^embed run: 90\/90 crops/m);
});

test("several numbers of components are one record with variants, each as if it had been asked for alone", async () => {
  const asked = ["evaluate", "source-count", "crops", "--backbone", "statistics", "--split", "own", "--probes", "linear"];
  const { status, stdout, stderr } = await suricate(
    ...asked,
    "--pca",
    "2",
    "none",
    "--dqf",
    "all",
    "--protocol",
    "both",
    "--json",
  );
  assert.equal(status, 0, stderr);
  const { variants, ...first } = JSON.parse(stdout) as TaskResult;
  assert.deepEqual([first.pca, first.audit?.protocol, first.audit?.pca], [2, "mgcls-dino-asis", 2]);
  assert.deepEqual(
    variants!.map(({ pca, audit }) => [pca, audit?.pca]),
    [[null, null]],
  );
  const alone = JSON.parse((await suricate(...asked, "--pca", "none", "--json")).stdout) as TaskResult;
  assert.equal(variants![0]!.value, alone.value);
  assert.notEqual(first.value, alone.value);
  const table = (await suricate(...asked, "--pca", "2", "none")).stdout;
  assert.match(table, /^backbone +PCA +DQF +MSE/m);
  assert.match(table, /^statistics +2 +all /m);
  assert.match(table, /^statistics +none +all /m);
});

test("without --json the result is a table for a person, on stdout", async () => {
  const { status, stdout, stderr } = await suricate(
    "evaluate",
    "source-count",
    "crops",
    "--backbone",
    "statistics",
    "--split",
    "field",
  );
  assert.equal(status, 0, stderr);
  const lines = stdout.split("\n");
  assert.equal(
    lines[0],
    "sourceCount of tiny: 90 crops with a label, 0 without; split field: 72 to train, 90 to test, 0 of them outliers.",
  );
  const table = lines.slice(lines.findIndex((line) => line.startsWith("backbone")));
  const rows = table.slice(0, table.indexOf(""));
  assert.deepEqual(
    rows.map((row) => row.split(/\s+/)[0]),
    ["backbone", "statistics", "mean", "pixels"],
  );
  assert.equal(new Set(rows.slice(2).map((row) => row.length)).size, 1);
  assert.match(rows[0]!, /MSE \[95 %\] .* sgd MSE +Poisson MSE +neg\. binomial MSE/);
  const tail = table.slice(table.findIndex((line) => line.startsWith("counts, by statistics")));
  assert.match(tail[0]!, /in truth +by exact +by sgd +by Poisson +by neg\. binomial$/);
  assert.match(tail[1]!, /^more than \d +\d+\.\d\d % +\d/);
  assert.match(rows[1]!, /^statistics {2}0\.00\d+ \[\d\.\d+(e-4)?, 0\.00\d+\] {2}/);
});

test("--protocol both puts the published code's fitting beside the paper's, in one record and one table", async () => {
  const args = ["evaluate", "source-count", "crops", "--backbone", "statistics", "--split", "own", "--protocol"];
  const { status, stdout, stderr } = await suricate(...args, "both", "--json");
  assert.equal(status, 0, stderr);
  const record = JSON.parse(stdout) as TaskResult;
  assert.deepEqual([record.protocol, record.audit!.protocol], ["paper", "mgcls-dino-asis"]);
  assert.equal(record.audit!.test.ids.length, record.test.truth.filter((count) => count > 0).length);
  assert.deepEqual(JSON.parse((await suricate(...args, "mgcls-dino-asis", "--json")).stdout), record.audit);
  const lines = (await suricate(...args, "both")).stdout.split("\n");
  const table = lines.slice(lines.findIndex((line) => line.startsWith("backbone")));
  assert.match(table[0]!, /^backbone +protocol +MSE \[95 %\]/);
  assert.deepEqual(
    table.slice(1, 7).map((line) => line.split(/\s+/).slice(0, 2)),
    ["paper", "mgcls-dino-asis"].flatMap((protocol) => ["statistics", "mean", "pixels"].map((name) => [name, protocol])),
  );
  assert.equal(lines.filter((line) => /^mgcls-dino-asis never sees \d+ crops without a source/.test(line)).length, 1);
});

test("a Parquet file is evaluated by itself, with the mean beside it", async () => {
  assert.equal((await suricate("embed", "crops", "--backbone", "statistics", "--out", "s.parquet")).status, 0);
  const { status, stdout, stderr } = await suricate("evaluate", "source-count", "s.parquet", "--split", "crop", "--json");
  assert.equal(status, 0, stderr);
  const result = JSON.parse(stdout) as TaskResult;
  assert.deepEqual([result.backbone, result.floors.map(({ backbone }) => backbone)], ["statistics", ["mean"]]);
  assert.match(result.notes[0]!, /share pixels with a training crop/);
});

test("a table of others is joined to its crop set and scores as the same embeddings of embed do", async () => {
  assert.equal((await suricate("embed", "crops", "--backbone", "statistics", "--out", "s.csv")).status, 0);
  const [head, ...lines] = readFileSync(at("s.csv"), "utf8").trim().split("\n");
  const names = head!.split(",");
  const kept = names.flatMap((name, column) => (name === "id" || name.startsWith("embedding_") ? [column] : []));
  // Backwards, and under other names.
  const rows = lines.toReversed().map((line) => kept.map((column) => line.split(",")[column]).join(","));
  writeFileSync(at("theirs.csv"), [kept.map((_, k) => (k === 0 ? "source" : `x${k}`)).join(","), ...rows, ""].join("\n"));
  const args = ["evaluate", "source-count", "crops", "--split", "own", "--json", "--embeddings"];
  const { status, stdout, stderr } = await suricate(...args, "theirs.csv", "--id-column", "source", "--against", "statistics");
  assert.equal(status, 0, stderr);
  const result = JSON.parse(stdout) as TaskResult;
  const [joined, missing] = result.notes.slice(-2);
  assert.match(joined!, /^theirs\.csv: \d+ numbers a crop, joined by the crops' ids\. What its backbone has seen/);
  assert.equal(
    missing,
    "The untrained floor is missing: nothing tells the shape of theirs.csv. Name it: --untrained resnet50, --untrained vit-s8, or a file of weights.",
  );
  const own = result.floors.find(({ backbone }) => backbone === "statistics")!;
  assert.equal(result.backbone, "theirs.csv");
  assert.ok(Math.abs(result.value - own.value) < 1e-6 * own.value, `${result.value} for ${own.value}`);
  const lost = await suricate(...args, "theirs.csv");
  assert.equal(lost.status, 1);
  assert.match(lost.stderr, /theirs\.csv: expected a column of crop ids, such as id, got source, x1, .*--id-column/);
  assert.equal((await suricate(...args, "theirs.csv", "--id-column", "source", "--by-row")).status, 2);
});

test("embeddings of a file stand beside the floors of their crop set, and another backbone beside both", async () => {
  assert.equal((await suricate("embed", "crops", "--backbone", "pixels", "--out", "p.parquet")).status, 0);
  const { status, stdout, stderr } = await suricate(
    "evaluate",
    "source-count",
    "crops",
    "--embeddings",
    "p.parquet",
    "--against",
    "random:run:4",
    "--split",
    "own",
    "--json",
  );
  assert.equal(status, 0, stderr);
  const result = JSON.parse(stdout) as TaskResult;
  assert.deepEqual(
    [result.backbone, result.floors.map(({ backbone }) => backbone)],
    ["pixels", ["mean", "statistics", "random:run:4"]],
  );
});

test("evaluate refuses a split that the set lacks, and crops that any backbone has seen, before it embeds one", async () => {
  const refused = async (...args: string[]) => {
    const { status, stderr } = await suricate("evaluate", "source-count", "crops", ...args);
    assert.equal(status, 1, stderr);
    assert.doesNotMatch(stderr, /embed /);
    return stderr.trim();
  };
  assert.match(
    await refused("--backbone", "run", "--split", "field"),
    /^suricate: evaluate: 60 of 90 test crops were seen .* "run"/,
  );
  assert.match(await refused("--backbone", "pixels", "--against", "run@1", "--split", "crop"), /seen .* "run@1"/);
  assert.match(
    await refused("--backbone", "pixels", "--split", "field", "--dqf", "0"),
    /^suricate: evaluate: --dqf 0: expected crops with such/,
  );
});

test("where no split is asked for, source-count takes the set's own, and a random fifth where it has none", async () => {
  const asked = async (data: readonly string[], ...args: string[]) => {
    const { status, stdout, stderr } = await suricate(
      "evaluate",
      "source-count",
      ...data,
      "--probes",
      "linear",
      "--json",
      ...args,
    );
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as TaskResult;
  };
  const own = await asked(["crops", "--backbone", "mean"]);
  assert.deepEqual([own.split, own.numTrain, own.numTest], ["own", 60, 30]);
  assert.equal((await suricate("embed", "crops", "--backbone", "statistics", "--out", "unsplit.csv")).status, 0);
  const [head, ...lines] = readFileSync(at("unsplit.csv"), "utf8").trim().split("\n");
  const place = head!.split(",").indexOf("split");
  const without = (line: string) => line.split(",").toSpliced(place, 1).join(",");
  writeFileSync(at("unsplit.csv"), [head!, ...lines].map(without).join("\n"));
  const random = await asked(["unsplit.csv"]);
  assert.deepEqual([random.split, random.numTrain, random.numTest], ["crop", 72, 18]);
});

test("training crops that are left out as outliers are told beside the test's", async () => {
  const { status, stdout, stderr } = await suricate(
    "evaluate",
    "source-count",
    "crops",
    "--backbone",
    "mean",
    "--split",
    "field",
    "--sigma",
    "1",
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /90 to test, [1-9]\d* of them outliers; [1-9]\d* outliers left out of training\.$/m);
});

const REFUSALS: readonly (readonly [what: string, args: readonly string[], line: RegExp, status?: number])[] = [
  [
    "test crops that pre-training has seen",
    ["crops", "--backbone", "run", "--split", "field"],
    /^suricate: evaluate: 60 of 90 test crops were seen in the pre-training of "run"\. .*--allow-seen/m,
  ],
  [
    "neither --backbone nor --embeddings",
    ["crops"],
    /^suricate: ConfigError: evaluate: expected one of --backbone and --embeddings\.$/m,
    2,
  ],
  [
    "a backbone that is not there",
    ["crops", "--backbone", "pixel"],
    /^suricate: ConfigError: --backbone pixel: there is no run in "pixel"\. Did you mean "pixels"\?$/m,
  ],
  [
    "a second backbone that is not there, before the first is embedded",
    ["crops", "--backbone", "pixels", "--against", "nofile"],
    /^suricate: ConfigError: --against nofile: there is no run in "nofile"\.$/m,
  ],
  [
    "a replica whose file is not there",
    ["crops", "--backbone", "pixels", "--replicas", "none.safetensors"],
    /^suricate: ConfigError: --replicas none\.safetensors: there is no such file\.$/m,
  ],
  [
    "a table to compare with that is not there",
    ["crops", "--backbone", "pixels", "--against", "none.parquet"],
    /^suricate: ConfigError: --against none\.parquet: there is no such file\.$/m,
  ],
  [
    "a second backbone that can name none",
    ["crops", "--backbone", "pixels", "--against", "random"],
    /^suricate: ConfigError: --against random: expected random:SHAPE or random:SHAPE:SEED, got "random"\./m,
    2,
  ],
  [
    "embeddings in a file of another kind",
    ["crops", "--embeddings", "text.txt"],
    /^suricate: ConfigError: --embeddings text\.txt: expected a file of embeddings \(\.parquet, \.npy, \.csv, \.tsv, \.fits, \.fits\.gz\), got another\.$/m,
  ],
  [
    "a label that the set lacks",
    ["crops", "--backbone", "mean", "--label", "islandCount"],
    /^suricate: evaluate: expected crops with the label islandCount, got 90 crops without it\./m,
  ],
  ["a crop set that is not there", ["none", "--backbone", "mean"], /^suricate: .*none/m],
];

for (const [what, args, line, wanted = 1] of REFUSALS) {
  test(`evaluate refuses ${what} with one line and exit code ${wanted}, and writes nothing`, async () => {
    const { status, stdout, stderr } = await suricate("evaluate", "source-count", ...args, "--out", "refused.json");
    assert.equal(status, wanted, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, line);
    assert.ok(!existsSync(at("refused.json")));
  });
}

test("test crops that were seen are refused before anything is embedded", async () => {
  const { status, stderr } = await suricate("evaluate", "source-count", "crops", "--backbone", "run", "--split", "field");
  assert.equal(status, 1);
  assert.doesNotMatch(stderr, /^embed/m);
});

test("a test set that was seen is accepted with --allow-seen, and the result says so", async () => {
  const { status, stdout, stderr } = await suricate(
    "evaluate",
    "source-count",
    "crops",
    "--backbone",
    "run@1",
    "--split",
    "field",
    "--allow-seen",
    "--json",
  );
  assert.equal(status, 0, stderr);
  const { notes } = JSON.parse(stdout) as TaskResult;
  assert.ok(notes.includes('60 of 90 test crops were seen in the pre-training of "run@1": its score may flatter.'));
});
