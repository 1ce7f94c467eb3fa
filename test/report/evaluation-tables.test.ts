// Every evaluation in full: the ways it was done, seeds of one network in one row, and what differs from what.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClassRecord, EvaluationRecord } from "#learn/tasks";
import { paperReport, type ReportTable } from "#report";
import { countRecord, EMPTY, fewLabelsRecord, finetuneRecord, frRecord } from "./paper-case.ts";

const tablesOf = (...records: readonly EvaluationRecord[]) =>
  paperReport({ ...EMPTY, records }).tables.filter(({ id }) => id.startsWith("evaluation-"));
const headingsOf = ({ columns }: ReportTable) => columns.map(({ name }) => name);
const namesOf = ({ rows }: ReportTable) => rows.map(({ cells: [name] }) => name);
/** The cells under some headings, row by row. */
const under = ({ rows, columns }: ReportTable, ...names: readonly string[]) =>
  rows.map(({ cells }) => names.map((name) => cells[columns.findIndex((column) => column.name === name)]));

test("components and flags that were asked for in one go, and the published code's fitting, stand in rows of one table", () => {
  const first = countRecord("sim");
  const audit = { ...first, protocol: "mgcls-dino-asis" as const, pca: 100, value: 20 };
  const variants = [
    { ...first, pca: null, value: 30 },
    { ...first, pca: 100, dataQualityFlags: [0, 1], value: 40 },
  ];
  const [table, ...others] = tablesOf({ ...first, pca: 100, audit, variants });
  assert.deepEqual(others, []);
  const ours = { ...table!, rows: table!.rows.filter(({ origin }) => origin === "ours") };
  assert.deepEqual(under(ours, "protocol", "PCA", "DQF", "split", "test crops"), [
    ["paper", "100", "all", "by field", "3"],
    ["mgcls-dino-asis", "100", "all", "by field", "3"],
    ["paper", "none", "all", "by field", "3"],
    ["paper", "100", "0+1", "by field", "3"],
  ]);
  assert.deepEqual(
    under(ours, "MSE").flat(),
    ["48.5", "20.0", "30.0", "40.0"].map((value) => `${value} [45.5, 52.5]`),
  );
  assert.equal(table!.rows.filter(({ origin }) => origin === "floor").length, 8);
});

test("another split of the same set is another way, and the makers' own is the headline, whichever came later", () => {
  const own = { ...frRecord("MiraBest", 0.2), split: "own" as const };
  const folds = { ...frRecord("MiraBest", 0.3), split: "folds" as const, numRepeats: 10, numFolds: 5, numTest: 833 };
  const report = paperReport({ ...EMPTY, records: [own, folds] });
  const [, , , error] = report.tables.find(({ id }) => id === "table-4")!.rows.find(({ origin }) => origin === "ours")!.cells;
  assert.equal(error, "0.200 [0.150, 0.260]");
  const [table] = tablesOf(own, folds);
  const ours = { ...table!, rows: table!.rows.filter(({ origin }) => origin === "ours") };
  assert.deepEqual(under(ours, "split", "test crops", "error"), [
    ["own", "104", "0.200 [0.150, 0.260]"],
    ["10 × 5 folds", "833", "0.300 [0.250, 0.360]"],
  ]);
});

test("the published code's fitting alone never stands among the paper's results", () => {
  const record = { ...frRecord("MiraBest", 0.05), protocol: "mgcls-dino-asis" as const };
  const rows = paperReport({ ...EMPTY, records: [record] }).tables.find(({ id }) => id === "table-4")!.rows;
  assert.deepEqual([...new Set(rows.map(({ origin }) => origin))], ["published"]);
});

/** With five untrained floors, an interval over their seeds, and comparisons. */
function withUntrained(): ClassRecord {
  const record = frRecord("MiraBest", 0.2);
  const untrained = [0.24, 0.26, 0.28].map((error, seed) => ({
    ...frRecord("MiraBest", error).floors[0]!,
    backbone: `random:runs/first:${seed}`,
    value: error,
    interval: [error - 0.05, error + 0.05] as const,
  }));
  const backbones = untrained.map(({ backbone }) => backbone);
  return {
    ...record,
    floors: [...record.floors, ...untrained],
    comparisons: [
      {
        against: "majority",
        difference: -0.271,
        interval: [-0.4, -0.1],
        p: 0.5,
        mcnemar: { onlyThisRight: 9, onlyOtherRight: 1, p: 0.0123 },
      },
      { against: "pixels-centre-96", difference: -0.18, interval: [-0.3, 0.1], p: 0.0004, mcnemar: null },
    ],
    pretrainingSeeds: [
      {
        ...{
          name: "random:runs/first",
          backbones,
          value: 0.26,
          interval: [0.2, 0.33],
          perSeed: [0.24, 0.26, 0.28],
          deviation: 0.02,
        },
        difference: { value: -0.06, interval: [-0.1, 0.02], p: 0.25 },
      },
    ],
  };
}

test("untrained networks of several seeds are one row, with an interval over rows and seeds and the difference from it", () => {
  const [table] = tablesOf(withUntrained());
  assert.deepEqual(namesOf(table!), ["first", "majority class", "raw pixels, central 96 × 96", "untrained, as first (3 seeds)"]);
  assert.deepEqual(under(table!, "error", "backbone less this", "p"), [
    ["0.200 [0.150, 0.260]", "", ""],
    ["0.471 [0.421, 0.531]", "−0.271 [−0.400, −0.100]", "0.012"],
    ["0.380 [0.330, 0.440]", "−0.180 [−0.300, 0.100]", "< 0.001"],
    ["0.260 [0.200, 0.330]", "−0.0600 [−0.100, 0.0200]", "0.25"],
  ]);
});

test("a backbone pre-trained with several seeds has a row for all beside its own", () => {
  const record = withUntrained();
  const backbones = ["runs/first", "runs/second"];
  const family = {
    name: "runs/first and replicas",
    backbones,
    value: 0.22,
    interval: [0.1, 0.3],
    perSeed: [0.2, 0.24],
    deviation: 0.03,
    difference: null,
  } as const;
  const [table] = tablesOf({ ...record, pretrainingSeeds: [family] });
  assert.deepEqual(
    [table!.rows[0]!.origin, ...under(table!, "backbone", "error")[0]!],
    ["ours", "first (2 seeds of pre-training)", "0.220 [0.100, 0.300]"],
  );
});

test("fine-tuning is told beside the same network from scratch and frozen, fewer labels beside every floor", () => {
  const tuned = finetuneRecord("MiraBest", ["FRI", "FRII"], [0.12, 0.09]);
  const comparisons = [{ numLayers: 1, against: "runs/first", difference: -0.21, interval: [-0.3, -0.1], p: 0.0005 }];
  const [finetune, fewer] = tablesOf({ ...tuned, comparisons } as unknown as EvaluationRecord, fewLabelsRecord("MiraBest"));
  assert.deepEqual(under(finetune!, "p"), [[""], ["< 0.001"], [""], [""]]);
  const once = comparisons.map((one) => ({
    ...one,
    mcnemarPerSeed: [{ seed: 0, onlyThisRight: 4, onlyOtherRight: 19, p: 0.0026 }],
  }));
  const [ofOneSeed] = tablesOf({ ...tuned, comparisons: once } as unknown as EvaluationRecord);
  assert.deepEqual(under(ofOneSeed!, "p")[1], ["0.0026"]);
  assert.deepEqual(under(finetune!, "backbone", "groups trained", "error", "less from scratch", "F1 of FRI"), [
    ["first", "0", "0.120 [0.0700, 0.180]", "", "0.880 [0.780, 0.980]"],
    ["first", "1", "0.0900 [0.0400, 0.150]", "−0.210 [−0.300, −0.100]", "0.910 [0.810, 1.01]"],
    ["first, from scratch", "1", "0.300 [0.250, 0.360]", "", "0.700 [0.600, 0.800]"],
    ["first, frozen", "–", "0.350 [0.300, 0.410]", "", "–"],
  ]);
  assert.deepEqual(under(fewer!, "backbone", "labels").at(-1), ["image statistics", "729"]);
});

const HEAD = {
  ...{ cropSetName: "a", dataHash: "aa", intervalUnit: "field", exclusions: [], notes: [], protocolText: "how" },
  ...{ backbone: "runs/first", embeddingDim: 4, seeds: { split: 7, bootstrap: 7, probe: [] } },
};
const about = (value: number) => ({ value, interval: [value - 0.1, value + 0.1] });

test("searches, anomalies, shifts and likenesses of backbones tell their own measures, with intervals", () => {
  const precision = [1, 3, 5].map((k) => ({ k, ...about(1 / k) }));
  const similarity = {
    ...HEAD,
    task: "similarity",
    metric: "precisionAt1",
    ...about(1),
    precision,
    numTest: 9,
    floors: [],
    comparisons: [],
  };
  const scorers = [
    { name: "neighbour-distance", rocAuc: about(0.7), rankCorrelation: about(0.2) },
    { name: "mahalanobis", rocAuc: about(0.6), rankCorrelation: about(0.1) },
  ];
  const anomaly = { ...HEAD, task: "anomaly", metric: "rocAuc", ...about(0.7), scorers, n: 40, floors: [] };
  const distance = { ...about(2), withoutShift: { mean: 0.3, interval: [0.2, 0.4], p: 0.01 } };
  const shift = {
    ...HEAD,
    task: "shift",
    metric: "frechetDistance",
    ...about(2),
    frechetDistance: distance,
    meanDiscrepancy: distance,
    otherCropSetName: "b",
    n: 5,
    floors: [],
  };
  const floors = [{ name: "shuffled", value: 0.01, interval: [0, 0.02] }];
  const cka = { ...HEAD, task: "cka", metric: "linearCka", ...about(0.9), otherBackbone: "runs/second", n: 6, floors };
  const tables = tablesOf(...([similarity, anomaly, shift, cka] as unknown as EvaluationRecord[])); // what tables read of them
  assert.deepEqual(
    tables.map(({ title, columns: _, rows: [row], ...table }) => [title, ...row!.cells, table.notes]),
    [
      [
        "Similarity search: first on a",
        "first",
        "9",
        "1.00 [0.900, 1.10]",
        "",
        "",
        "0.333 [0.233, 0.433]",
        "0.200 [0.100, 0.300]",
      ],
      ["Anomalies: first on a", "first", "40", "0.700 [0.600, 0.800]", "0.600 [0.500, 0.700]", "0.200 [0.100, 0.300]"],
      ["Shift between sets: first on a to b", "first", "5", "2.00 [1.90, 2.10]", "0.300 [0.200, 0.400]", "2.00 [1.90, 2.10]"],
      ["Two backbones compared: first and second on a", "first", "6", "0.900 [0.800, 1.00]"],
    ].map((cells) => [...cells, ["how.", "Seeds: 7 of split and bootstrap."]]),
  );
  assert.deepEqual(namesOf(tables[3]!), ["first", "crops shuffled"]);
  assert.deepEqual(headingsOf(tables[1]!), [
    "backbone",
    "test crops",
    "area under the ROC, neighbour distance",
    "area under the ROC, mahalanobis",
    "rank correlation with interest",
  ]);
  assert.equal(tables[0]!.caption, "Similarity search: first on a. Intervals are 95 %, over whole fields.");
});

test("the paper's sets are known by the collection that a record tells, else by the survey, and last by the folder's name", () => {
  const columnsWith = (record: EvaluationRecord) => {
    const { rows, columns } = paperReport({ ...EMPTY, records: [record] }).tables.find(({ id }) => id === "table-4")!;
    const ours = rows.find(({ origin }) => origin === "ours")?.cells ?? [];
    return columns.filter((_, place) => place > 0 && (ours[place] ?? "–") !== "–").map(({ name }) => name);
  };
  const fr = (name: string, more: object) => columnsWith({ ...frRecord(name, 0.2), ...more });
  const count = (name: string, more: object) => columnsWith({ ...countRecord(name), ...more });
  assert.deepEqual(fr("mb", { collection: "MiraBest", surveys: ["FIRST"] }), ["MB error", "MB F1"]);
  assert.deepEqual(fr("mirabest", { collection: "MiraBest (all)", surveys: ["FIRST"] }), []);
  assert.deepEqual(fr("sim to mirabest", { collection: "sim to MiraBest" }), []);
  assert.deepEqual(fr("cutouts", { surveys: ["MIGHTEE"] }), ["MFR error", "MFR F1"]);
  assert.deepEqual(fr("mirabest", { surveys: ["EMU"] }), []);
  assert.deepEqual(fr("mirabest", { surveys: ["FIRST"] }), ["MB error", "MB F1"]);
  assert.deepEqual(count("crops", { surveys: ["MGCLS"] }), ["MGCLS MSE"]);
  assert.deepEqual(count("deep", { surveys: ["MIGHTEE"] }), ["MIGHTEE MSE"]);
  assert.deepEqual(count("mgcls-like", { surveys: ["simulated"] }), []);
  assert.deepEqual(count("protege", { collection: "MGCLS Protege", surveys: ["MGCLS"] }), []);
  assert.deepEqual(count("mgcls", {}), ["MGCLS MSE"]);
  const [table] = tablesOf({ ...frRecord("mb", 0.2), collection: "MiraBest" });
  assert.equal(table!.title, "FRI/FRII: first on MiraBest (mb)");
});
