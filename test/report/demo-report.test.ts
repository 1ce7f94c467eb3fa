import assert from "node:assert/strict";
import { test } from "node:test";
import { type DemoReport, formatDemoReport, type ScoreRow, type TrainingPoint } from "#report";

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

const MAIN: ScoreRow = {
  name: "trained backbone",
  isMain: true,
  meanSquaredError: 5.2,
  interval: [4.4, 6.2],
  rSquared: 0.89,
  excess: null,
};

function row(name: string, low: number, high: number): ScoreRow {
  const excess = { difference: (low + high) / 2, interval: [low, high] as const };
  return { name, isMain: false, meanSquaredError: 8, interval: [7, 9], rSquared: 0.8, excess };
}

const REPORT: DemoReport = {
  simulator: "simple",
  sky: { numFields: 2, fieldSize: 640, pixelScaleDeg: 2 / 3600, numCatalogued: 1234 },
  crops: { count: 200, cropSize: 64 },
  training: training(40, 5),
  examples: [{ ...CROP, title: "3 sources", subtitle: "SIM_1_00", sources: [{ x: 1, y: 1 }] }],
  predictions: [
    {
      name: "SIM_1_00",
      points: [
        [3, 2.5],
        [8, 9],
      ],
    },
    { name: "SIM_1_01", points: [[1, 0]] },
  ],
  attention: { cropId: "SIM_1_00-0-0", crop: CROP, heads: [CROP, CROP] },
  scores: [MAIN, row("untrained backbone", 1.8, 4.1), row("raw pixels", -4, -1), row("image statistics", -0.5, 0.5)],
  protocol: "Each field is predicted by a probe fitted on the others.",
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
  assert.match(PAGE, /made up by the simple simulator/);
});

test("the page counts fields, sources, crops and seconds", () => {
  assert.match(PAGE, /2 simulated fields, 1\u202f234 catalogued sources, 200 crops of 64 × 64 pixels/);
  assert.match(PAGE, /2 min 05 s in all/);
  assert.match(PAGE, /over 3 test crops of 2 fields/);
  assert.match(PAGE, /128″ on a side/);
});

test("each floor's sentence says what its interval says", () => {
  assert.match(PAGE, /is better than untrained backbone \(excess error 1.80 to 4.10\)/);
  assert.match(PAGE, /is worse than raw pixels \(excess error −4.00 to −1.00\)/);
  assert.match(PAGE, /is not told apart from image statistics \(excess error −0.500 to 0.500\)/);
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

test("a report without steps or without a main score is refused", () => {
  assert.throws(() => formatDemoReport({ ...REPORT, training: [] }), {
    message: "report: expected at least one training step, got none.",
  });
  assert.throws(() => formatDemoReport({ ...REPORT, scores: [row("raw pixels", 0, 1)] }), {
    message: "report: expected one main score, got none.",
  });
});
