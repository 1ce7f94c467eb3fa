// suricate evaluate fr, four-class and knn: options, tables, JSON documents and refusals, on cutouts small enough for seconds.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { randomFor } from "#base/array";
import { readEmbeddings, writeEmbeddings } from "#learn/embeddings/disk";
import { createRun } from "#learn/runs/disk";
import type { ClassRecord } from "#learn/tasks";
import type { CropRecord } from "#sky/survey";
import { writeCropSet } from "#sky/survey/disk";
import { cropRecord, cropSetOf, tableOf } from "../../learn/crop-sets.ts";
import { suricate as suricateIn } from "./suricate.ts";

const CROP_SIZE = 12;
const CLASSES = ["FRI", "FRII", "Compact", "Bent"];
const PER_CLASS = 30;

let folder: string;
const at = (name: string) => join(folder, name);
const suricate = (...args: readonly string[]) => suricateIn(folder, ...args);

/** Cutouts sorted by class; a class is told by the quarter of the picture that is bright. Every third crop is a test crop. */
function records(): CropRecord[] {
  return CLASSES.flatMap((label, k) =>
    Array.from({ length: PER_CLASS }, (_, index) =>
      cropRecord({
        id: `${label}-${index}`,
        field: `${label}-${index}`,
        label,
        dataQualityFlag: index % 2,
        raDeg: 10 * k + index / 4,
        decDeg: 5,
        split: index % 3 === 0 ? "test" : "train",
      }),
    ),
  );
}

async function makeCropSet(name: string, rows: readonly CropRecord[], seed = 61): Promise<void> {
  const random = randomFor(seed, "class crops");
  const squares = rows.map(({ label }) => {
    const quarter = CLASSES.indexOf(label ?? "");
    return Float32Array.from({ length: CROP_SIZE ** 2 }, (_, pixel) => {
      const [y, x] = [Math.floor(pixel / CROP_SIZE), pixel % CROP_SIZE];
      const isBright = 2 * Math.floor((2 * y) / CROP_SIZE) + Math.floor((2 * x) / CROP_SIZE) === quarter;
      return 0.4 * random.uniform() + (isBright ? 0.3 : 0);
    });
  });
  const { info } = cropSetOf(rows, CROP_SIZE, squares);
  await writeCropSet({ out: at(name), storedSize: CROP_SIZE, existing: "refuse", durability: "rename" }, async (append) => {
    for (const square of squares) append(square);
    return { info, records: rows };
  });
}

/** A run whose shape untrained networks take: small enough for seconds. */
function makeRun(): void {
  const backbone = { imageChannels: 1, patchSize: 4, embedDim: 16, depth: 1, numHeads: 2, mlpRatio: 2, imageSize: 12 };
  const info = { versions: {}, seed: 0, inputs: [], keep: { last: 1, every: null }, config: { backbone } };
  createRun(at("run"), info, { seenRows: [] }).close();
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "suricate-classes-"));
  makeRun();
  await makeCropSet("cutouts", records());
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function evaluated(...args: readonly string[]): Promise<ClassRecord> {
  const { status, stdout, stderr } = await suricate("evaluate", ...args, "--json");
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as ClassRecord;
}

test("evaluate fr --test fits on all crops of one set and tests all of another, with the floors on the same crops", async () => {
  const same = records().map((record) => ({ ...record, id: `b-${record.id}`, field: `b-${record.field}`, decDeg: -40 }));
  await makeCropSet("same-sky", same, 62);
  const record = await evaluated("fr", "cutouts", "--test", "same-sky", "--backbone", "pixels", "--untrained", "run");
  assert.deepEqual([record.numTrain, record.numTest, record.split, record.error], [2 * PER_CLASS, 2 * PER_CLASS, "own", 0]);
  assert.deepEqual(
    record.test.ids,
    same.filter(({ label }) => label === "FRI" || label === "FRII").map(({ id }) => id),
  );
  assert.ok(
    record.notes.some((note) =>
      /^Everything was fitted on 120 crops of .+; all 120 crops of .+ are test crops, of which nothing was fitted or chosen\.$/.test(
        note,
      ),
    ),
  );
  const majority = record.floors.find(({ backbone }) => backbone === "majority")!;
  assert.deepEqual([majority.error, record.floors.length > 6], [0.5, true]);
});

test("evaluate --test refuses a split, embeddings, and sets of another crop size", async () => {
  const refused = async (message: RegExp, ...args: readonly string[]) => {
    const { status, stderr } = await suricate("evaluate", ...args);
    assert.match(stderr, message);
    assert.notEqual(status, 0);
  };
  const both = ["cutouts", "--test", "cutouts", "--backbone", "pixels"];
  await refused(
    /evaluate fr: --test: expected no --split beside it, got folds: the sets are the split\./,
    "fr",
    ...both,
    "--split",
    "folds",
  );
  const holdout = ["cutouts", "--test", "cutouts", "--backbone", "random:resnet18", "--split", "holdout"];
  for (const task of ["finetune", "few-labels"])
    await refused(
      RegExp(`evaluate ${task}: --test: expected no --split beside it, got holdout: the sets are the split\\.`),
      task,
      ...holdout,
    );
  const files = ["cutouts", "--test", "cutouts", "--embeddings", "none.parquet"];
  await refused(/evaluate: --test: expected a crop set folder and --backbone: both sets are embedded by it\./, "fr", ...files);
});

test("evaluate by itself names its tasks, and every task's help has examples", async () => {
  const { status, stderr } = await suricate("evaluate");
  assert.equal(status, 2);
  const tasks = [...stderr.matchAll(/^ {2}([a-z][a-z-]+) {2,}/gm)].map(([, name]) => name!);
  for (const task of ["source-count", "fr", "four-class", "knn"])
    assert.ok(tasks.includes(task), `${task} in ${tasks.join(", ")}`);
  for (const task of tasks) {
    const help = await suricate("evaluate", task, "--help");
    assert.equal(help.status, 0);
    assert.match(help.stdout, new RegExp(`Examples:\\n {2}suricate evaluate ${task} `));
  }
});

test("fr leaves other classes out, sets every floor beside a backbone and five untrained networks of one shape", async () => {
  const record = await evaluated("fr", "cutouts", "--backbone", "pixels", "--untrained", "run", "--out", "fr.json");
  assert.deepEqual(JSON.parse(readFileSync(at("fr.json"), "utf8")), record);
  assert.deepEqual([record.n, record.numTrain, record.numTest, record.split], [60, 40, 20, "own"]);
  assert.deepEqual(record.exclusions, [{ reason: "crops of other classes than FRI, FRII", count: 60 }]);
  const untrained = [0, 1, 2, 3, 4].map((seed) => `random:run:${seed}`);
  assert.deepEqual(
    record.floors.map(({ backbone }) => backbone),
    ["majority", "statistics", "pixels-centre-12", ...untrained],
  );
  // Which half is bright is in the pixels; how bright the picture is as a whole says nothing.
  assert.equal(record.error, 0);
  assert.ok(record.interval[0] === 0 && record.interval[1] > 0.1 && record.interval[1] < 0.2, `${record.interval}`);
  const [majority, statistics] = record.floors;
  assert.equal(majority!.error, 0.5);
  assert.ok(statistics!.error > 0.2, `${statistics!.error}`);
  const [spread] = record.pretrainingSeeds!;
  assert.deepEqual([spread!.name, spread!.backbones], ["random:run", untrained]);
  const errors = record.floors.slice(3).map(({ error }) => error);
  assert.deepEqual(
    spread!.perSeed.map((error) => error.toFixed(9)),
    errors.map((error) => error.toFixed(9)),
  );
});

test("both protocols, several components and flags come as one record with its audit and its variants", async () => {
  const record = await evaluated(
    "fr",
    "cutouts",
    "--backbone",
    "pixels",
    "--protocol",
    "both",
    "--pca",
    "3",
    "none",
    "--dqf",
    "all",
    "1",
  );
  assert.deepEqual([record.protocol, record.pca, record.dataQualityFlags], ["paper", 3, undefined]);
  assert.equal(record.audit!.protocol, "mgcls-dino-asis");
  const variants = record.variants!.map(({ pca, dataQualityFlags, n, audit }) => [pca, dataQualityFlags, n, audit?.pca]);
  assert.deepEqual(variants, [
    [null, undefined, 60, null],
    [3, [1], 30, 3],
    [null, [1], 30, null],
  ]);
});

test("without --json a table with recalls, the confusion matrix and what was left out is for a person, on stdout", async () => {
  const { status, stdout, stderr } = await suricate("evaluate", "four-class", "cutouts", "--backbone", "pixels", "--dqf", "0");
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^four-class of tiny: FRI, FRII, Compact, Bent; 60 crops; split own: 40 to train, 20 to test\.$/m);
  assert.match(
    stdout,
    /^backbone +protocol +PCA +DQF +error \[95 %\] +macro F1 +recall FRI +recall FRII +recall Compact +recall Bent/m,
  );
  assert.match(stdout, /^true, by pixels +as FRI +as FRII +as Compact +as Bent +recall \[95 %\] +F1 \[95 %\]$/m);
  assert.match(stdout, /^Left out: 60 crops of other data quality flags than 0\.$/m);
});

test("knn takes a Parquet file by itself, alone or behind --embeddings, and folds where no split was fixed", async () => {
  const rows = records().map((record) => ({ ...record, split: null }));
  const random = randomFor(62, "knn");
  const vectors = rows.map(({ label }) => CLASSES.map((name) => (name === label ? 1 : 0) + 0.3 * random.normal()));
  writeEmbeddings(at("free.parquet"), tableOf("others", rows, vectors));
  const record = await evaluated("knn", "free.parquet", "--repeats", "2");
  assert.deepEqual([record.split, record.numRepeats, record.numFolds, record.headline], ["folds", 2, 5, "knn-20"]);
  assert.deepEqual([record.numTest, record.floors.map(({ backbone }) => backbone)], [120, ["majority"]]);
  assert.ok(record.error < 0.1 && record.floors[0]!.error > 0.7, `${record.error}, ${record.floors[0]!.error}`);
  assert.deepEqual(await evaluated("knn", "--embeddings", "free.parquet", "--repeats", "2"), record);
});

test("replicas of a backbone widen what is said of it to other seeds of pre-training", async () => {
  assert.equal((await suricate("embed", "cutouts", "--backbone", "random:run:7", "--out", "seven.parquet")).status, 0);
  const table = await readEmbeddings(at("seven.parquet"));
  writeEmbeddings(at("eight.parquet"), { ...table, backbone: "eight" });
  const record = await evaluated("fr", "cutouts", "--embeddings", "seven.parquet", "--replicas", "eight.parquet", "random:run:9");
  const [family] = record.pretrainingSeeds!;
  assert.equal(family!.name, "random:run:7 and replicas");
  assert.deepEqual(family!.backbones, ["random:run:7", "eight", "random:run:9"]);
  assert.equal(family!.perSeed[0], family!.perSeed[1]);
  assert.equal(family!.difference, null);
});

const REFUSALS: readonly (readonly [what: string, args: readonly string[], status: number, line: RegExp])[] = [
  ["nothing to evaluate", [], 2, /^suricate: ConfigError: evaluate: expected a crop set folder or a file of embeddings\.$/m],
  [
    "a crop set without a backbone",
    ["cutouts"],
    2,
    /^suricate: ConfigError: evaluate: expected one of --backbone and --embeddings\.$/m,
  ],
  [
    "components that are no number",
    ["cutouts", "--backbone", "pixels", "--pca", "many"],
    2,
    /suricate: option '--pca <n...>' argument 'many' is invalid\. Expected none, auto or a number of components, got "many"\./,
  ],
  [
    "more components than training crops",
    ["cutouts", "--backbone", "pixels", "--pca", "40"],
    1,
    /^suricate: evaluate: --pca 40: expected more than 40 training crops, got 40\. Ask for fewer components, or say --pca none\.$/m,
  ],
  [
    "flags that no crop has",
    ["cutouts", "--backbone", "pixels", "--dqf", "2+3"],
    1,
    /^suricate: evaluate: --dqf 2\+3: expected crops with such a data quality flag, got flags 0, 1\.$/m,
  ],
  [
    "classes that the set lacks",
    ["cutouts", "--backbone", "pixels", "--classes", "FRI", "FR0"],
    1,
    /^suricate: evaluate: expected crops with the labels FRI, FR0, got Bent, Compact, FRI, FRII\. Name the classes with --classes\.$/m,
  ],
];

for (const [what, args, wanted, line] of REFUSALS) {
  test(`evaluate fr refuses ${what} with one line, and writes nothing`, async () => {
    const { status, stdout, stderr } = await suricate("evaluate", "fr", ...args, "--out", "refused.json");
    assert.equal(status, wanted, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, line);
    assert.ok(!existsSync(at("refused.json")));
  });
}
