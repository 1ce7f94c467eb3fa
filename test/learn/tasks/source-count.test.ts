// The count task: what a good and a useless backbone score, and every way in which a test row must not help.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import type { EmbeddingTable } from "#learn/embeddings";
import { evaluateSourceCount, type SourceCountOptions, type TaskResult } from "#learn/tasks";
import type { CropRecord } from "#sky/survey";
import { cropRecord, tableOf } from "../crop-sets.ts";

const NUM_FIELDS = 8;
const PER_FIELD = 25;

/** Counts 0 to 19 and noise, over several fields. */
function records(): CropRecord[] {
  const random = randomFor(31, "counts");
  return Array.from({ length: NUM_FIELDS * PER_FIELD }, (_, row) =>
    cropRecord({
      id: `c${row}`,
      field: `f${Math.floor(row / PER_FIELD)}`,
      y0: 10 * Math.floor((row % PER_FIELD) / 5),
      x0: 10 * (row % 5),
      sourceCount: random.integer(20),
    }),
  );
}

/** Embeddings that hold the count, with this much noise beside it. */
function knowing(name: string, rows: readonly CropRecord[], noise: number): EmbeddingTable {
  const random = randomFor(32, name);
  const vectors = rows.map(({ sourceCount }) => [
    random.normal(),
    (sourceCount ?? 0) + noise * random.normal(),
    random.normal(),
    random.normal(),
  ]);
  return tableOf(name, rows, vectors);
}

function meanTable(rows: readonly CropRecord[]): EmbeddingTable {
  return tableOf(
    "mean",
    rows,
    rows.map(() => [1]),
  );
}

function evaluate(table: EmbeddingTable, options: Partial<SourceCountOptions> = {}): TaskResult {
  return evaluateSourceCount({
    table,
    floors: [],
    label: "sourceCount",
    split: "field",
    splitSeed: 0,
    probeSeeds: [0, 1],
    seenTestRows: "refuse",
    ...options,
  });
}

test("embeddings that hold the count predict it, and those that hold noise do no better than the mean", () => {
  const rows = records();
  const result = evaluate(knowing("knowing", rows, 0.01), { floors: [meanTable(rows), knowing("ignorant", rows, 1e6)] });
  assert.ok(result.value < 0.01, `${result.value}`);
  assert.ok(result.exact.r2.value! > 0.999 && Math.abs(result.exact.calibrationSlope.value! - 1) < 0.01);
  const [mean, ignorant] = result.floors;
  assert.ok(mean!.exact.r2.value! < 0 && mean!.exact.r2.value! > -0.1);
  assert.ok(ignorant!.value > 0.9 * mean!.value, `${ignorant!.value} beside ${mean!.value}`);
  for (const { difference, interval, p } of result.comparisons) {
    assert.ok(difference < -25 && interval[1] < -15 && p < 0.01);
  }
});

test("noise in the embeddings shows in the score as least squares says", () => {
  // Counts vary by 33.25; a feature with noise 2 explains 33.25² / (33.25 + 4) of it, and leaves 33.25 * 4 / 37.25 = 3.57.
  const { value, interval, numTest } = evaluate(knowing("noisy", records(), 2));
  assert.equal(numTest, 200);
  assert.ok(interval[0] < 3.57 && 3.57 < interval[1], `${interval}`);
  assert.ok(interval[0] < value && value < interval[1]);
  assert.ok(interval[1] - interval[0] < 2.5);
});

test("the mean floor predicts each fold's training mean", () => {
  const rows = records();
  const { predictions, test: tested } = evaluate(meanTable(rows));
  for (const fold of new Set(tested.fold)) {
    const left = tested.truth.filter((_, place) => tested.fold[place] !== fold);
    const mean = left.reduce((sum, count) => sum + count, 0) / left.length;
    for (const [place, predicted] of predictions.entries())
      if (tested.fold[place] === fold) assert.ok(Math.abs(predicted - mean) < 1e-9);
  }
});

test("predictions stand beside their own rows: the score is recomputed from them", () => {
  const rows = records();
  const result = evaluate(knowing("noisy", rows, 2), { floors: [knowing("noisier", rows, 3)] });
  const { truth, ids } = result.test;
  assert.deepEqual(
    ids,
    rows.map(({ id }) => id),
  );
  assert.deepEqual(
    truth,
    rows.map(({ sourceCount }) => sourceCount),
  );
  const errorOf = (predictions: readonly number[]) =>
    predictions.reduce((sum, value, place) => sum + (value - truth[place]!) ** 2, 0) / truth.length;
  assert.ok(Math.abs(errorOf(result.predictions) - result.value) < 1e-9);
  assert.ok(Math.abs(errorOf(result.floors[0]!.predictions) - result.floors[0]!.value) < 1e-9);
  assert.ok(Math.abs(result.value - result.floors[0]!.value - result.comparisons[0]!.difference) < 1e-9);
});

test("a test row's own label never helps its prediction", () => {
  const rows = records();
  const table = knowing("noisy", rows, 2);
  const plain = evaluate(table, { split: "crop" });
  const tested = new Set(plain.test.ids);
  const changed = rows.map((record) => (tested.has(record.id) ? { ...record, sourceCount: 19 - record.sourceCount! } : record));
  const { predictions } = evaluate({ ...table, records: changed }, { split: "crop" });
  assert.deepEqual(predictions, plain.predictions);
});

test("the same seeds give the same result, and probe seeds move the sgd probe alone", () => {
  const table = knowing("noisy", records(), 2);
  const first = evaluate(table);
  assert.deepEqual(evaluate(table), first);
  const other = evaluate(table, { probeSeeds: [5, 6] });
  assert.deepEqual(other.exact, first.exact);
  assert.notDeepEqual(other.sgd, first.sgd);
  const mean = (first.sgdPerSeed[0]! + first.sgdPerSeed[1]!) / 2;
  assert.ok(Math.abs(first.sgd.meanSquaredError.value! - mean) < 1e-9);
});

test("crops without a label are left out and counted; zero is a label", () => {
  const rows = records().map((record, row) =>
    row % 10 === 0 ? { ...record, sourceCount: null } : { ...record, islandCount: 0 },
  );
  const result = evaluate(knowing("noisy", rows, 2));
  assert.deepEqual([result.n, result.numWithoutLabel, result.numTest], [180, 20, 180]);
  assert.ok(result.test.truth.includes(0));
  assert.ok(!result.test.ids.includes("c10"));
  const islands = evaluate(knowing("noisy", rows, 2), { label: "islandCount" });
  assert.equal(islands.n, 180);
  assert.ok(islands.value < 1e-20);
});

test("test rows beyond three sigma of the training rows are scored with and without", () => {
  const rows = records().map((record, row) => (row === 7 ? { ...record, sourceCount: 500 } : record));
  const result = evaluate(knowing("noisy", records(), 0.01), { table: { ...knowing("noisy", records(), 0.01), records: rows } });
  assert.equal(result.numOutliers, 1);
  assert.equal(result.test.isOutlier.indexOf(true), 7);
  const { truth } = result.test;
  const inliers = result.predictions.map((value, place) => (value - truth[place]!) ** 2).filter((_, place) => place !== 7);
  const wanted = inliers.reduce((sum, error) => sum + error, 0) / inliers.length;
  assert.ok(Math.abs(result.exact.meanSquaredErrorWithoutOutliers.value! - wanted) < 1e-9);
  assert.ok(result.value > 10 * wanted);
});

test("with several fields the interval is drawn by field, with few it is by crop and says so", () => {
  const rows = records();
  assert.equal(evaluate(meanTable(rows)).intervalUnit, "field");
  const few = rows.map((record, row) => ({ ...record, field: row < 100 ? "a" : "b" }));
  const result = evaluate(meanTable(few));
  assert.equal(result.intervalUnit, "crop");
  assert.deepEqual(result.notes, [
    "The test crops are of 2 fields: intervals are over crops, and say nothing of how fields differ.",
  ]);
});

test("test rows seen in pre-training are refused, or accepted and noted; seen training rows do not matter", () => {
  const rows = records();
  const table = { ...knowing("runs/a", rows, 2), seenIds: ["c3", "c4", "elsewhere"] };
  assert.throws(() => evaluate(table), {
    name: "RangeError",
    message:
      'evaluate: 2 of 200 test crops were seen in the pre-training of "runs/a". Evaluate on other crops or --split own, or say --allow-seen to have it noted in the result.',
  });
  const { notes } = evaluate(table, { seenTestRows: "report" });
  assert.deepEqual(notes, ['2 of 200 test crops were seen in the pre-training of "runs/a": its score may flatter.']);
  const fixed = rows.map((record, row) => ({ ...record, split: row < 100 ? "train" : "test" }));
  assert.equal(evaluate({ ...table, records: fixed }, { split: "own" }).numTest, 100);
});

test("embeddings that are not finite, of other crops, or without labels are refused", () => {
  const rows = records();
  const table = knowing("runs/a", rows, 2);
  const spoilt = table.embeddings.slice();
  spoilt[5] = Number.NaN;
  spoilt[9] = Number.POSITIVE_INFINITY;
  assert.throws(() => evaluate({ ...table, embeddings: spoilt }), {
    message: 'evaluate: embeddings of "runs/a": expected finite numbers, got 2 of 800 NaN or infinite.',
  });
  assert.throws(() => evaluate(table, { floors: [meanTable(rows.toReversed())] }), {
    message:
      'evaluate: embeddings of "mean": expected the crops of "runs/a" in their order, got others. Embed the same crop set.',
  });
  assert.throws(() => evaluate(table, { label: "islandCount" }), {
    message: "evaluate: expected crops with the label islandCount, got 200 crops without it. Use another --label.",
  });
  assert.throws(() => evaluate(table, { probeSeeds: [] }), { message: "evaluate: expected at least one probe seed, got none." });
});

test("a result is plain JSON: nothing in it is lost on the way to a file", () => {
  const result = evaluate(meanTable(records()), { floors: [knowing("noisy", records(), 1)] });
  assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
});

/** Counts whose logarithm is in the embeddings, more variable than Poisson's law, and rarely very high. */
function skewed(): { readonly rows: CropRecord[]; readonly table: EmbeddingTable } {
  const random = randomFor(33, "skewed");
  const logs = Array.from({ length: 400 }, () => 2 + 0.8 * random.normal());
  // Knuth's draw of Poisson's law: factors of uniform numbers until e^-mean is passed.
  const poisson = (mean: number) => {
    let count = -1;
    for (let product = 1; product > Math.exp(-mean); product *= random.uniform()) count += 1;
    return count;
  };
  const rows = logs.map((log, row) =>
    cropRecord({
      id: `s${row}`,
      field: `f${row % 10}`,
      sourceCount: poisson(Math.exp(log + 0.3 * random.normal())),
      dataQualityFlag: row % 4,
    }),
  );
  return {
    rows,
    table: tableOf(
      "log",
      rows,
      logs.map((log) => [log, random.normal(), random.normal()]),
    ),
  };
}

test("counts whose logarithm is linear are better predicted by regressions made for counts, and their dispersion is found", () => {
  const { exact, poisson, negativeBinomial, dispersions } = evaluate(skewed().table, { probes: "all" });
  assert.ok(poisson!.meanSquaredError.value! < 0.8 * exact.meanSquaredError.value!, `${poisson!.meanSquaredError.value}`);
  assert.ok(negativeBinomial!.meanSquaredError.value! < 0.8 * exact.meanSquaredError.value!);
  // A log-normal factor of deviation 0.3 has variance e^0.09 - 1 = 0.094 of its squared mean.
  assert.equal(dispersions!.length, 5);
  for (const dispersion of dispersions!) assert.ok(dispersion > 0.05 && dispersion < 0.15, `${dispersion}`);
  assert.equal(evaluate(skewed().table).poisson, undefined);
});

test("the tail's table counts how often high counts occur and are predicted, row by row", () => {
  const { table } = skewed();
  const result = evaluate(table, { probes: "all" });
  const { truth } = result.test;
  assert.ok(result.tail!.length >= 3);
  for (const { count, truth: share, predicted } of result.tail!) {
    assert.equal(share, truth.filter((value) => value > count).length / truth.length);
    assert.equal(predicted["exact"], result.predictions.filter((value) => value > count).length / truth.length);
    assert.ok(share <= 0.1 && share > 0.001, `${share}`);
  }
  // Section 4.1: linear regression under-predicts the upper tail.
  const last = result.tail!.at(-1)!;
  assert.ok(last.predicted["exact"]! < last.truth && last.predicted["poisson"]! > last.predicted["exact"]!);
});

test("training rows beyond the sigma rule are left out of the fit, by limits of the training rows alone", () => {
  const rows = records().map((record, row) => (row === 7 ? { ...record, sourceCount: 5000 } : record));
  const table = { ...knowing("noisy", records(), 0.01), records: rows };
  const result = evaluate(table);
  // Row 7 is a training row of four folds of five.
  assert.deepEqual([result.numTrainOutliers, result.outlierSigma], [4, 3]);
  assert.ok(result.exact.meanSquaredErrorWithoutOutliers.value! < 0.01);
  const lenient = evaluate(table, { outlierSigma: 20 });
  assert.deepEqual([lenient.numTrainOutliers, lenient.numOutliers], [0, 1]);
  assert.ok(lenient.exact.meanSquaredErrorWithoutOutliers.value! > 10);
});

test("crops of other data quality flags are left out and counted; flags that no crop has are refused", () => {
  const { table } = skewed();
  const result = evaluate(table, { dataQualityFlags: [0, 1] });
  assert.deepEqual([result.n, result.numWithoutLabel, result.dataQualityFlags], [200, 0, [0, 1]]);
  assert.equal(result.notes[0], "200 crops of other data quality flags than 0, 1 are left out.");
  assert.throws(() => evaluate(table, { dataQualityFlags: [7] }), {
    message: "evaluate: --dqf 7: expected crops with such a data quality flag, got flags 0, 1, 2, 3.",
  });
});

test("components of a count are asked for by number or none, and never more than rows span", () => {
  const table = knowing("noisy", records(), 2);
  assert.deepEqual([evaluate(table, { pca: 2 }).pca, evaluate(table, { pca: null }).pca], [2, null]);
  // All four numbers, standardised, hold what four components hold.
  const [whole, turned] = [evaluate(table, { pca: null }).value, evaluate(table, { pca: 4 }).value];
  assert.ok(Math.abs(whole - turned) < 0.02 * whole, `${whole}, ${turned}`);
  assert.throws(() => evaluate(table, { pca: 5000 }), {
    message: /^evaluate: --pca 5000: expected more than 5000 training crops, got \d+\./,
  });
});

test("without components a probe sees what hardly varies, which the leading components lose", () => {
  const random = randomFor(33, "a faint column");
  const rows = records();
  const vectors = rows.map(({ sourceCount }) => [
    ...Array.from({ length: 29 }, () => 100 * random.normal()),
    sourceCount! / 1000,
  ]);
  const table = tableOf("faint", rows, vectors);
  const [components, none] = [evaluate(table, { pca: 10 }), evaluate(table, { pca: null })];
  assert.deepEqual([new Set(components.numComponents), new Set(none.numComponents)], [new Set([10]), new Set([30])]);
  assert.ok(none.value < 0.1 * components.value, `${none.value}, ${components.value}`);
  for (const pca of [10, null])
    assert.equal(new Set(evaluate(table, { pca, protocol: "mgcls-dino-asis" }).numComponents).size, 1);
  assert.equal(evaluate(table, { pca: null, protocol: "mgcls-dino-asis" }).numComponents[0], 30);
});

test("seeds of pre-training are nested: a family's error is its members' mean, its interval reaches to them", () => {
  const rows = records();
  const [a, b] = [knowing("a", rows, 1), knowing("b", rows, 6)];
  const { pretrainingSeeds, value, floors } = evaluate(a, { floors: [b], families: [{ name: "both", backbones: ["a", "b"] }] });
  const [spread] = pretrainingSeeds!;
  assert.ok(Math.abs(spread!.value - (value + floors[0]!.value) / 2) < 1e-9);
  assert.ok(spread!.interval[0] < 1.5 * value && spread!.interval[1] > 0.7 * floors[0]!.value, `${spread!.interval}`);
});
