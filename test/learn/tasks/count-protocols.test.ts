// The count task as the published code fits it: each of its faults shows, and none of them is in the paper's protocol.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { type EmbeddingTable, matrixOf } from "#learn/embeddings";
import { evaluateSourceCount, fitLinearBySgd, type SourceCountOptions, type TaskResult } from "#learn/tasks";
import { countFeatures } from "../../../src/learn/tasks/count-features.ts";
import { cropRecord, tableOf } from "../crop-sets.ts";

const NUM_ROWS = 300;

/** Embeddings of noise alone, over crops with these counts. */
function noise(counts: readonly number[]): EmbeddingTable {
  const random = randomFor(61, "noise");
  const records = counts.map((sourceCount, row) => cropRecord({ id: `c${row}`, field: `f${Math.floor(row / 30)}`, sourceCount }));
  return tableOf(
    "noise",
    records,
    counts.map(() => [random.normal(), random.normal(), random.normal()]),
  );
}

function evaluated(table: EmbeddingTable, options: Partial<SourceCountOptions> = {}): TaskResult {
  const asked = {
    floors: [],
    label: "sourceCount",
    split: "crop",
    splitSeed: 0,
    probeSeeds: [0],
    seenTestRows: "refuse",
  } as const;
  return evaluateSourceCount({ ...asked, table, ...options });
}

const asis = { protocol: "mgcls-dino-asis" } as const;

test("where counts go with the row's number, noise predicts them under mgcls-dino-asis, and tells nothing under the paper's protocol", () => {
  const table = noise(Array.from({ length: NUM_ROWS }, (_, row) => 1 + Math.floor(row / 10)));
  const [paper, audit] = [evaluated(table), evaluated(table, asis)];
  assert.deepEqual([paper.protocol, audit.protocol], ["paper", "mgcls-dino-asis"]);
  assert.ok(paper.exact.r2.value! < 0.05, `${paper.exact.r2.value}`);
  // Tens of rows share a count: what the row's number leaves is a uniform spread of one, 1/12 of variance beside 30²/12.
  assert.ok(audit.exact.r2.value! > 0.99, `${audit.exact.r2.value}`);
  assert.deepEqual(audit.test.ids, paper.test.ids);
  assert.notEqual(audit.protocolText, paper.protocolText);
});

test("mgcls-dino-asis drops crops without a source, and outliers by all rows from the test rows too; the paper's protocol scores both", () => {
  const random = randomFor(62, "counts");
  const counts = Array.from({ length: NUM_ROWS }, (_, row) => (row % 5 === 0 ? 0 : row % 50 === 7 ? 400 : 1 + random.integer(9)));
  const [paper, audit] = [evaluated(noise(counts)), evaluated(noise(counts), asis)];
  assert.ok(paper.test.truth.includes(0) && paper.test.truth.includes(400) && paper.numOutliers > 0);
  const counted = counts.filter((count) => count > 0);
  const mean = counted.reduce((sum, count) => sum + count, 0) / counted.length;
  const deviation = Math.sqrt(counted.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counted.length);
  const isKept = (count: number) => count > 0 && Math.abs(count - mean) <= 3 * deviation;
  assert.deepEqual(
    audit.test.ids,
    paper.test.ids.filter((_, place) => isKept(paper.test.truth[place]!)),
  );
  assert.ok(audit.test.truth.every((count) => count > 0 && count < 10));
  assert.equal(audit.numOutliers, 0);
  assert.ok(
    audit.notes.includes(
      "mgcls-dino-asis never sees 60 crops without a source, nor 6 crops beyond 3 standard deviations of all, test crops among them.",
    ),
    audit.notes.join("\n"),
  );
});

test("mgcls-dino-asis refuses a split whose test crops have no source at all", () => {
  const table = noise(Array.from({ length: 60 }, (_, row) => (row < 40 ? 3 : 0)));
  const records = table.records.map((record, row) => ({ ...record, split: row < 40 ? "train" : "test" }));
  assert.throws(() => evaluated({ ...table, records }, { ...asis, split: "own" }), {
    name: "RangeError",
    message: "evaluate: --protocol mgcls-dino-asis: fold own: expected crops with sources to train and to test on, got 40 and 0.",
  });
});

test("features are standardised over all rows and end in the row's number under mgcls-dino-asis, over training rows alone else", () => {
  const table = noise(new Array<number>(40).fill(1));
  const fold = {
    name: "one",
    train: Array.from({ length: 25 }, (_, row) => row),
    test: Array.from({ length: 15 }, (_, row) => 25 + row),
  };
  const column = ({ data, numColumns }: { readonly data: Float64Array; readonly numColumns: number }, k: number) =>
    Array.from(data.filter((_, index) => index % numColumns === k));
  const moments = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
  };
  const near = (values: readonly number[], wanted: readonly number[]) => {
    for (const [place, value] of values.entries()) assert.ok(Math.abs(value - wanted[place]!) < 1e-9, `${values} for ${wanted}`);
  };
  const published = countFeatures(table, "mgcls-dino-asis", "auto")(fold);
  assert.deepEqual([published.numComponents, published.train.numColumns], [3, 4]);
  for (let k = 0; k < 4; k++) near(moments([...column(published.train, k), ...column(published.test, k)]), [0, 1]);
  // Rows 0 to 39 have the mean 19.5 and the variance (40² - 1) / 12.
  const numbers = Array.from({ length: 40 }, (_, row) => (row - 19.5) / Math.sqrt((40 ** 2 - 1) / 12));
  near([...column(published.train, 3), ...column(published.test, 3)], numbers);
  const paper = countFeatures(table, "paper", 3)(fold);
  assert.equal(paper.train.numColumns, 3);
  for (let k = 0; k < 3; k++) near(moments(column(paper.train, k)), [0, 1]);
  const [testMean] = moments(column(paper.test, 0));
  assert.ok(Math.abs(testMean!) > 1e-3);
  const plain = countFeatures(table, "mgcls-dino-asis", null)(fold);
  assert.equal(plain.train.numColumns, 3);
});

test("targets as they are: the layer's bias goes to them by the recurrence of SGD, and is far off after 100 epochs", () => {
  // Features of zero: b <- b - 0.001 (2 (b - 1000) + 1e-5 b), one step an epoch, from |b| <= 1.
  const rate = 1 - 1e-3 * (2 + 1e-5);
  const wanted = (2e-3 * 1000 * (1 - rate ** 100)) / (1 - rate);
  const x = matrixOf(64, 1, new Float64Array(64));
  const y = new Float64Array(64).fill(1000);
  const { intercept } = fitLinearBySgd(x, y, 0, "none");
  assert.ok(Math.abs(intercept - wanted) < 1 && wanted < 200, `${intercept} for ${wanted}`);
  assert.ok(Math.abs(fitLinearBySgd(x, y, 0).intercept - 1000) < 2);
});
