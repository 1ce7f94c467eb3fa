import assert from "node:assert/strict";
import { test } from "node:test";
import type { TaskResult } from "#learn/tasks";
import { type DemoReport, formatDemoReport, predictionsByField, scoreRows, type TrainingPoint } from "#report";

const LN_K = Math.log(4096);
const CROP = { height: 2, width: 2, pixels: Float32Array.of(0, 0.25, 0.5, 1) };

/** Steps at which the loss holds still at `loss`. */
function training(numSteps: number, loss: number): readonly TrainingPoint[] {
  return Array.from({ length: numSteps }, (_, index) => ({
    step: index + 1,
    loss,
    lnK: LN_K,
    teacherEntropy: loss - 0.5,
    klDivergence: 0.5,
    embeddingSpread: 0.6,
  }));
}

/** A result whose main error is 5.2; floors by name, with the interval of the main error less theirs. */
function resultWith(floors: Readonly<Record<string, readonly [low: number, high: number]>>): TaskResult {
  const estimate = (value: number) => ({ value, interval: [value - 1, value + 1] as const });
  const scores = {
    meanSquaredError: estimate(6),
    rootMeanSquaredError: estimate(2.4),
    meanAbsoluteError: estimate(2),
    r2: estimate(0.89),
    calibrationSlope: estimate(1),
    meanSquaredErrorWithoutOutliers: estimate(5),
  };
  const score = (backbone: string, value: number) => ({
    backbone,
    embeddingDim: 128,
    metric: "meanSquaredError" as const,
    value,
    interval: [value - 0.8, value + 1] as const,
    exact: scores,
    sgd: scores,
    sgdPerSeed: [6, 6],
    numComponents: [60],
    penalties: [1],
    predictions: [2.5, 9, 0],
  });
  return {
    task: "source-count",
    label: "sourceCount",
    cropSetName: "crops",
    dataHash: "0",
    ...score("run", 5.2),
    split: "own",
    seeds: { split: 0, bootstrap: 0, probe: [0, 1] },
    n: 203,
    numWithoutLabel: 0,
    numTrain: 200,
    numTest: 3,
    numOutliers: 0,
    intervalUnit: "crop",
    floors: Object.keys(floors).map((name) => score(name, 8)),
    comparisons: Object.entries(floors).map(([against, interval]) => ({
      against,
      difference: (interval[0] + interval[1]) / 2,
      interval,
      p: 0.01,
    })),
    protocol: "paper",
    protocolText: "",
    notes: ["A note on the intervals."],
    test: {
      ids: ["a", "b", "c"],
      fields: ["SIM_1_00", "SIM_1_00", "SIM_1_01"],
      truth: [3, 8, 1],
      fold: ["own", "own", "own"],
      isOutlier: [false, false, false],
    },
  };
}

const REPORT: DemoReport = {
  simulator: "meerkat",
  sky: { numFields: 2, fieldSize: 640, pixelScaleDeg: 2 / 3600, numCatalogued: 1234 },
  crops: { count: 200, cropSize: 64 },
  training: training(40, 5),
  examples: [{ ...CROP, title: "3 sources", subtitle: "SIM_1_00", sources: [{ x: 1, y: 1 }] }],
  result: resultWith({ "random:run:0": [-4.1, -1.8], pixels: [1, 4], statistics: [-0.5, 0.5] }),
  names: new Map([
    ["run", "trained backbone"],
    ["random:run:0", "an untrained backbone"],
    ["pixels", "raw pixels"],
    ["statistics", "image <statistics>"],
  ]),
  attention: { cropId: "SIM_1_00-0-0", crop: CROP, heads: [CROP, CROP] },
  timings: [
    { stage: "simulate", seconds: 2 },
    { stage: "train", seconds: 123 },
  ],
  facts: [["seed", "1"]],
  configYaml: "seed: 1\n",
};

const PAGE = formatDemoReport(REPORT);

test("the page asks nothing of the network and runs no script", () => {
  assert.doesNotMatch(PAGE, /<script|<link|<iframe|@import|src=/);
  assert.deepEqual([...new Set(PAGE.match(/https?:\/\/[^"')\s]+/g))], ["http://www.w3.org/2000/svg"]);
  for (const [, href] of PAGE.matchAll(/href="([^"]*)"/g)) assert.match(href!, /^data:image\/png;base64,/);
});

test("the page says that its sky is simulated, and by which simulator", () => {
  assert.match(PAGE, /made up by the MeerKAT simulator/);
});

test("the page counts fields, sources, crops and seconds", () => {
  assert.match(PAGE, /2 simulated fields, 1\u202f234 catalogued sources, 200 crops of 64 × 64 pixels/);
  assert.match(PAGE, /2 min 05 s in all/);
  assert.match(PAGE, /over 3 test crops of 2 fields/);
  assert.match(PAGE, /128″ on a side/);
});

test("each floor is judged as its interval says, with the sign turned to the floor's side", () => {
  assert.match(PAGE, /better than an untrained backbone \(excess error 1.80 to 4.10\)/);
  assert.match(PAGE, /worse than raw pixels \(excess error −4.00 to −1.00\)/);
  assert.match(PAGE, /not told apart from image &lt;statistics&gt; \(excess error −0.500 to 0.500\)/);
});

test("rows keep the result's order, the backbone in question first, unnamed ones under their own name", () => {
  const rows = scoreRows(resultWith({ mean: [-50, -30] }), new Map([["run", "trained"]]));
  assert.deepEqual(
    rows.map(({ name, isMain }) => ({ name, isMain })),
    [
      { name: "trained", isMain: true },
      { name: "mean", isMain: false },
    ],
  );
  assert.equal(rows[0]!.excess, null);
  assert.deepEqual(rows[1]!.excess, { difference: 40, interval: [30, 50] });
  assert.equal(rows[1]!.meanSquaredError, 8);
});

test("a floor without a comparison is a fault of the result, and is named", () => {
  const result = { ...resultWith({ mean: [-50, -30] }), comparisons: [] };
  assert.throws(() => scoreRows(result, new Map()), { message: 'internal: report: the result has no comparison with "mean".' });
});

test("predictions are grouped by field, each crop's own beside its truth", () => {
  assert.deepEqual(predictionsByField(REPORT.result), [
    {
      name: "SIM_1_00",
      points: [
        [3, 2.5],
        [8, 9],
      ],
    },
    { name: "SIM_1_01", points: [[1, 0]] },
  ]);
});

test("the notes of the evaluation and the paper's own probe are told", () => {
  assert.match(PAGE, /the same probe on the trained backbone reaches 6.00. A note on the intervals./);
});

test("the loss is told against ln K, whichever side it ends on", () => {
  assert.match(PAGE, /Over the last 4 steps the loss is 5.00, 3.32 below ln K = 8.32; the teacher's entropy is 4.50/);
  assert.match(formatDemoReport({ ...REPORT, training: training(3, 9) }), /the loss is 9.00, 0.682 above ln K = 8.32/);
});

test("a long run is thinned to at most 400 points a line, and its mean stays", () => {
  const points = training(20_000, 5).map((point) => ({ ...point, loss: point.step % 2 === 0 ? 4 : 6 }));
  const page = formatDemoReport({ ...REPORT, training: points });
  const path = /<path d="([^"]+)"/.exec(page)![1]!;
  assert.equal(path.match(/[ML]/g)!.length, 400);
  const heights = new Set(path.match(/ [\d.]+(?=[ML]|$)/g));
  assert.equal(heights.size, 1, "averages over 50 alternating steps are all the same");
});

test("every figure is described in words, and every section is there", () => {
  assert.equal(PAGE.match(/<svg xmlns/g)!.length, PAGE.match(/role="img" aria-label="[^"]+"/g)!.length);
  assert.deepEqual(
    [...PAGE.matchAll(/<h2>([^<]+)<\/h2>/g)].map(([, heading]) => heading),
    [
      "The sky",
      "Training without labels",
      "How many sources does a crop hold?",
      "What the heads look at",
      "How to get the same again",
    ],
  );
});

test("a report without steps is refused", () => {
  assert.throws(() => formatDemoReport({ ...REPORT, training: [] }), {
    message: "report: expected at least one training step, got none.",
  });
});
