// Classifications: what a good and a useless backbone score, the published leak, and every way in which a test row must not help.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { evaluateClasses, inRowOrder, wilsonInterval } from "#learn/tasks";
import { assertClose } from "../../compare.ts";
import { tableOf } from "../crop-sets.ts";
import { classOptions, constant, knowing, labelled } from "./class-tables.ts";

const FR = ["FRI", "FRII"];

test("embeddings that hold the class tell it, and those that hold noise do no better than the commonest class", () => {
  const rows = labelled(FR, 80);
  const floors = [constant(rows), knowing("ignorant", rows, 1e3)];
  const record = evaluateClasses("fr", classOptions(knowing("knowing", rows, 0.1), { floors, positiveClass: "FRI" }));
  assert.deepEqual([record.numTrain, record.numTest, record.error, record.value], [120, 40, 0, 0]);
  assert.deepEqual(record.probes["exact"]!.confusion, [
    [20, 0],
    [0, 20],
  ]);
  assert.deepEqual([record.probes["exact"]!.f1!.value, record.probes["sgd"]!.error.value], [1, 0]);
  const [majority, ignorant] = record.floors;
  assert.equal(majority!.error, 0.5);
  assert.ok(ignorant!.error > 0.3, `${ignorant!.error}`);
  // 20 crops are right by the first alone, none by the other alone: twice 2^-20.
  const { difference, mcnemar, interval } = record.comparisons[0]!;
  assert.deepEqual([difference, mcnemar], [-0.5, { onlyThisRight: 20, onlyOtherRight: 0, p: 2 ** -19 }]);
  assert.ok(interval[0] < -0.5 && interval[1] < -0.3, `${interval}`);
});

test("the error is near what the noise allows, and Wilson's interval holds it", () => {
  const rows = labelled(FR, 400);
  const record = evaluateClasses("fr", classOptions(knowing("noisy", rows, 0.6)));
  // The classes are sqrt(2) apart along one direction, with noise 0.6 there: an error of Φ(-sqrt(2) / 1.2) = 0.119 at best.
  assert.ok(record.interval[0] < 0.119 && 0.119 < record.interval[1], `${record.interval}`);
  const errors = Math.round(record.error * record.numTest);
  assertClose(record.interval, wilsonInterval(errors, record.numTest), 1e-12, "interval");
});

test("predictions stand beside their own rows: error and confusion matrix are recomputed from them", () => {
  const rows = labelled(["a", "b", "c"], 40);
  const record = evaluateClasses("four-class", classOptions(knowing("noisy", rows, 0.7)));
  const { truth, ids } = record.test;
  assert.deepEqual(
    ids,
    rows.filter(({ split }) => split === "test").map(({ id }) => id),
  );
  const [predicted] = record.predictions;
  const wrong = truth.filter((k, place) => predicted![place] !== k).length;
  assert.ok(wrong > 2 && Math.abs(wrong / truth.length - record.error) < 1e-12, `${wrong} of ${truth.length}, ${record.error}`);
  const confusion = [0, 1, 2].map((k) =>
    [0, 1, 2].map((other) => truth.filter((one, place) => one === k && predicted![place] === other).length),
  );
  assert.deepEqual(record.probes["exact"]!.confusion, confusion);
});

test("repeated folds test every row once a repeat, and the error is the mean over all of them", () => {
  const rows = labelled(FR, 50);
  const record = evaluateClasses("fr", classOptions(knowing("noisy", rows, 0.7), { split: "folds", numRepeats: 3, numFolds: 4 }));
  assert.deepEqual([record.numTest, record.numTrain, record.predictions.length], [100, 75, 3]);
  const wrong = record.predictions.flatMap((one) => one.filter((k, place) => k !== record.test.truth[place])).length;
  assert.ok(record.predictions.flat().every((k) => k !== null));
  assert.ok(Math.abs(wrong / 300 - record.error) < 1e-12);
  assert.equal(record.comparisons.length, 0);
  const folds = evaluateClasses("fr", classOptions(knowing("noisy", rows, 0.7), { split: "holdout", numRepeats: 4 }));
  assert.ok(folds.predictions.every((one) => one.filter((k) => k !== null).length === 20));
});

test("a test row's own label never helps its prediction", () => {
  const rows = labelled(FR, 60);
  const table = knowing("noisy", rows, 0.7);
  const plain = evaluateClasses("fr", classOptions(table));
  const swapped = rows.map((record) =>
    record.split === "test" ? { ...record, label: record.label === "FRI" ? "FRII" : "FRI" } : record,
  );
  for (const task of ["fr", "knn"] as const) {
    const first = evaluateClasses(task, classOptions(table));
    assert.deepEqual(evaluateClasses(task, classOptions({ ...table, records: swapped })).predictions, first.predictions);
  }
  assert.ok(plain.error > 0.02);
});

test("the constant floor of neighbours is the commonest class of the training rows, wherever its rows stand", () => {
  const rows = labelled(["FRI", "FRII", "FRII"], 40).toSorted((a, b) => (a.label! < b.label! ? -1 : 1));
  const { error, test: tested } = evaluateClasses("knn", classOptions(constant(rows)));
  const [first, second] = [0, 1].map((k) => tested.truth.filter((one) => one === k).length);
  assert.ok(first! < second!);
  assert.ok(Math.abs(error - first! / (first! + second!)) < 1e-12);
});

/** Noise that says nothing of the class, 40 numbers a crop. */
function noise(rows: ReturnType<typeof labelled>) {
  const random = randomFor(82, "noise");
  return tableOf(
    "noise",
    rows,
    rows.map(() => Array.from({ length: 40 }, () => random.normal())),
  );
}

test("the published code's fitting tells classes of pure noise apart where rows are sorted by class, and the paper's does not", () => {
  const rows = labelled(FR, 120);
  const sorted = inRowOrder(noise(rows), "class");
  const [paper, audit] = (["paper", "mgcls-dino-asis"] as const).map((protocol) =>
    evaluateClasses("fr", classOptions(sorted, { protocol, pca: 20 })),
  );
  assert.ok(paper!.error > 0.3, `${paper!.error}`);
  assert.ok(audit!.error < 0.1, `${audit!.error}`);
  assert.match(audit!.protocolText, /^for audit only/);
});

test("in another order of rows the paper's protocol says the same, row for row", () => {
  const rows = labelled(FR, 60);
  const table = knowing("noisy", rows, 0.7);
  const [first, second] = (["set", "class"] as const).map((order) =>
    evaluateClasses("fr", classOptions(inRowOrder(table, order))),
  );
  const byId = (record: typeof first) => new Map(record!.test.ids.map((id, place) => [id, record!.predictions[0]![place]]));
  const other = byId(second);
  const numDiffering = [...byId(first)].filter(([id, k]) => other.get(id) !== k).length;
  // The folds in which the penalty is chosen are drawn from the rows as they stand.
  assert.ok(numDiffering <= 1, `${numDiffering}`);
  assert.deepEqual(
    inRowOrder(table, "class")
      .records.map(({ label }) => label)
      .slice(59, 61),
    FR,
  );
});

test("components are asked for by number, a tenth of the rows, or none", () => {
  const rows = labelled(FR, 80);
  const table = knowing("knowing", rows, 0.3);
  const [auto, three, none] = (["auto", 3, null] as const).map((pca) => evaluateClasses("fr", classOptions(table, { pca })));
  assert.deepEqual([auto!.numComponents, three!.numComponents, none!.numComponents], [[12], [3], [12]]);
  assert.deepEqual([auto!.pca, three!.pca, none!.pca], [12, 3, null]);
  assert.throws(() => evaluateClasses("fr", classOptions(table, { pca: 120 })), {
    message: "evaluate: --pca 120: expected more than 120 training crops, got 120. Ask for fewer components, or say --pca none.",
  });
});

test("where components are fewer than the paper's, the reason told is the true one", () => {
  const records = labelled(["FRI", "FRII"], 80); // 120 to train
  const told = (numbers: number, span: number) => {
    const random = randomFor(82, "span", numbers, span);
    const axes = Array.from({ length: span }, () => Array.from({ length: numbers }, () => random.normal()));
    const vectors = records.map(() => {
      const along = axes.map(() => random.normal());
      return axes[0]!.map((_, column) => axes.reduce((sum, axis, k) => sum + along[k]! * axis[column]!, 0));
    });
    return evaluateClasses("fr", classOptions(tableOf("a", records, vectors))).notes.filter((note) => /components/.test(note));
  };
  assert.deepEqual(told(30, 30), ["12 principal components, a tenth of the training rows, in place of the paper's 100."]);
  assert.deepEqual(told(30, 4), [
    "4 principal components, all directions that the training rows span, in place of the paper's 100.",
  ]);
  assert.deepEqual(told(5, 5), []);
});

test("families of seeds have the mean of their members, and their intervals grow with the members' spread", () => {
  const rows = labelled(FR, 100);
  const [a, b, c] = ["a", "b", "c"].map((name) => knowing(name, rows, 0.6));
  const poor = [knowing("d", rows, 3), knowing("e", rows, 0.2)];
  const families = [
    { name: "own", backbones: ["a", "b"] },
    { name: "mixed", backbones: ["d", "e"] },
    { name: "half there", backbones: ["c", "not there"] },
  ];
  const record = evaluateClasses("fr", classOptions(a!, { floors: [b!, c!, ...poor] }), { families });
  assert.deepEqual(
    record.pretrainingSeeds!.map(({ name }) => name),
    ["own", "mixed"],
  );
  const [own, mixed] = record.pretrainingSeeds!;
  const errorOf = (name: string) => record.floors.find(({ backbone }) => backbone === name)!.error;
  assert.ok(Math.abs(own!.value - (record.error + errorOf("b")) / 2) < 1e-12);
  assert.deepEqual([own!.difference, mixed!.perSeed.length], [null, 2]);
  assert.ok(Math.abs(mixed!.difference!.value - (own!.value - mixed!.value)) < 1e-12);
  // Either seed may be drawn twice: the interval reaches to both ends.
  assert.ok(mixed!.interval[0] < errorOf("e") + 0.05 && mixed!.interval[1] > errorOf("d") - 0.05, `${mixed!.interval}`);
  assert.ok(mixed!.deviation > 5 * own!.deviation);
});

test("rows are counted out loud: other classes, no label, other flags", () => {
  const rows = labelled(["FRI", "FRII", "Bent"], 40).map((record, row) => ({
    ...record,
    label: row % 13 === 0 ? null : record.label,
    dataQualityFlag: row % 7 === 0 ? 3 : 0,
  }));
  const table = knowing("knowing", rows, 0.1);
  const record = evaluateClasses("fr", classOptions(table, { classes: FR, dataQualityFlags: [0] }));
  const flagged = rows.filter(({ dataQualityFlag }) => dataQualityFlag !== 0).length;
  const unlabelled = rows.filter(({ dataQualityFlag, label }) => dataQualityFlag === 0 && label === null).length;
  const bent = rows.filter(({ dataQualityFlag, label }) => dataQualityFlag === 0 && label === "Bent").length;
  assert.deepEqual(record.exclusions, [
    { reason: "crops of other data quality flags than 0", count: flagged },
    { reason: "crops without a label", count: unlabelled },
    { reason: "crops of other classes than FRI, FRII", count: bent },
  ]);
  assert.equal(record.n, 120 - flagged - unlabelled - bent);
});

test("a record is plain JSON: nothing in it is lost on the way to a file", () => {
  const rows = labelled(FR, 40);
  const record = evaluateClasses("fr", classOptions(knowing("noisy", rows, 0.5), { floors: [constant(rows)] }));
  assert.deepEqual(JSON.parse(JSON.stringify(record)), record);
  const { error, interval, floors } = JSON.parse(JSON.stringify(record)) as typeof record;
  assert.ok(error > 0 && interval.length === 2 && floors.length === 1);
});
