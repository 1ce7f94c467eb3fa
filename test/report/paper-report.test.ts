// The report of the paper's tables and figures, from made-up records.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  backboneTitle,
  confusionMatrixSvg,
  isFloorName,
  paperReport,
  type ReportTable,
  tableCsv,
  tableLatex,
  tableMarkdown,
} from "#report";
import { assertGolden } from "../golden-file.ts";
import { countRecord, EMPTY, FULL, fewLabelsRecord, finetuneRecord, frRecord, RUN } from "./paper-case.ts";

const full = paperReport(FULL);
const empty = paperReport(EMPTY);
const tableOf = (id: string, report = full) => report.tables.find((table) => table.id === id)!;
const figureOf = (id: string, report = full) => report.figures.find((figure) => figure.id === id)!;
/** The cells of the rows of one kind, the backbone first. */
const rowsOf = (table: ReportTable, origin: string) =>
  table.rows.filter((row) => row.origin === origin).map(({ cells }) => cells);

test("Tables 1 to 6 and Figures 2 to 13 are all there, with data or without", () => {
  for (const report of [full, empty]) {
    assert.deepEqual(
      report.tables
        .map(({ id }) => id)
        .filter((id) => /^table-\d$/.test(id))
        .toSorted(),
      ["table-1", "table-2", "table-3", "table-4", "table-5", "table-6"],
    );
    assert.deepEqual(
      report.figures.map(({ id }) => Number(id.replace("figure-", ""))).toSorted((a, b) => a - b),
      [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
    );
  }
});

test("with all data nothing is missing; without, every table and figure says the command that makes it", () => {
  const incomplete = [...full.tables, ...full.figures].filter(({ missing }) => missing !== undefined);
  assert.deepEqual(incomplete, []);
  assert.doesNotMatch(full.html, /Data are missing/);
  for (const { id, missing } of [...empty.tables, ...empty.figures])
    assert.match(missing ?? "", /^(a: )?suricate (prepare|train|evaluate|project|attention|inspect) /, id);
  assert.match(
    empty.html,
    /<code>suricate evaluate source-count MIGHTEE --backbone RUN --split field --out mightee\.json<\/code>/,
  );
});

test("Table 4 has the paper's numbers, ours with intervals and the floors, each in its column, in Markdown, LaTeX and CSV", () => {
  const table = tableOf("table-4");
  assert.deepEqual(rowsOf(table, "published")[0], [
    "DINOv2 ViTG",
    "59.08 ± 0.07",
    "32.79 ± 0.00",
    "0.07",
    "0.94",
    "0.33",
    "0.72 ± 0.00",
    "–",
  ]);
  assert.deepEqual(rowsOf(table, "ours"), [
    [
      "first",
      "48.5 [45.5, 52.5]",
      "48.5 [45.5, 52.5]",
      "0.200 [0.150, 0.260]",
      "0.700 [0.600, 0.800]",
      "0.300 [0.250, 0.360]",
      "0.600 [0.500, 0.700]",
      "0.780 [0.680, 0.880]",
    ],
  ]);
  assert.deepEqual(
    rowsOf(table, "floor").map(([name]) => name),
    [
      "untrained, as first (seed 0)",
      "mean of the training crops",
      "majority class",
      "raw pixels, central 96 × 96",
      "first, from scratch",
      "first, frozen",
    ],
  );
  assertGolden("report/table-4.md", tableMarkdown(table));
  assertGolden("report/table-4.tex", tableLatex(table));
  assertGolden("report/table-4.csv", tableCsv(table));
});

test("what the published code's fitting gives stands beside the headline, as an audit", () => {
  assert.ok(
    tableOf("table-4").notes.includes(
      "Fitted as the published code does (mgcls-dino-asis, for audit), first on MiraBest has an error of 0.0500 where the paper's text, fitted on training crops alone, gives 0.200.",
    ),
  );
});

test("every evaluation has a table of its own, and none is lost", () => {
  const records = [
    countRecord("simulated"),
    frRecord("my galaxies", 0.25),
    countRecord("mgcls_protege"),
    fewLabelsRecord("MiraBest"),
  ];
  const report = paperReport({ ...EMPTY, records });
  assert.deepEqual(
    report.tables.filter(({ id }) => id.startsWith("evaluation-")).map(({ id, title }) => [id, title]),
    [
      ["evaluation-source-count-simulated-first", "Source count: first on simulated"],
      ["evaluation-fr-my-galaxies-first", "FRI/FRII: first on my galaxies"],
      ["evaluation-source-count-mgcls-protege-first", "Source count: first on mgcls_protege"],
      ["evaluation-few-labels-mirabest-first", "Fewer labels: first on MiraBest"],
    ],
  );
  assert.deepEqual(rowsOf(tableOf("table-4", report), "ours"), []);
});

test("of two evaluations of one backbone the later one is shown", () => {
  const twice = paperReport({ ...EMPTY, records: [countRecord("EMU"), { ...countRecord("EMU"), value: 7 }] });
  assert.equal(figureOf("figure-8", twice).panels.length, 1);
  assert.match(figureOf("figure-8", twice).caption, /first on EMU: mean squared error 7\.00/);
  const report = paperReport({ ...EMPTY, records: [frRecord("mirabest", 0.4), frRecord("mirabest", 0.25)] });
  assert.equal(rowsOf(tableOf("table-4", report), "ours")[0]![3], "0.250 [0.200, 0.310]");
});

test("Table 1 says what each set was used for, and Table 2 stands the runs beside the paper's settings", () => {
  assert.deepEqual(rowsOf(tableOf("table-1"), "ours"), [
    ["MGCLS_20k", "MGCLS, 115 fields", "Training, Evaluation", "19\u202f554", "256 × 256"],
  ]);
  const settings = tableOf("table-2").rows.map(({ cells }) => cells);
  assert.deepEqual(settings.slice(0, 6), [
    ["architecture", "resnet50", "deit_small", "resnet50"],
    ["patch size", "–", "8", "–"],
    ["batch size per GPU (6 GPUs)", "32", "8", "32 × 6"],
    ["learning rate per 256 images", "0.03", "0.00625", "0.03"],
    ["teacher momentum", "0.996", "0.996", "0.996"],
    ["weight decay", "1e-4", "0.04", "1e−4"],
  ]);
  assert.ok(!tableMarkdown(tableOf("table-2")).includes("numbers of"));
});

test("Tables 5 and 6 have every printed point and ours behind them", () => {
  assert.equal(rowsOf(tableOf("table-5"), "published").length, 40);
  assert.deepEqual(rowsOf(tableOf("table-5"), "published")[39], ["MGCLS Resnet", "9", "0.07 ± 0.00", "0.94 ± 0.00"]);
  assert.deepEqual(rowsOf(tableOf("table-5"), "ours"), [
    ["first", "0", "0.12 [0.07, 0.18]", "0.88 [0.78, 0.98]"],
    ["first", "1", "0.09 [0.04, 0.15]", "0.91 [0.81, 1.01]"],
  ]);
  assert.equal(rowsOf(tableOf("table-6"), "published").length, 32);
  assert.deepEqual(rowsOf(tableOf("table-6"), "floor")[2], ["image statistics", "729", "0.36 [0.26, 0.46]", "0.59 [0.49, 0.69]"]);
});

test("Figure 8 tells the tail of the counts beside the paper's", () => {
  assert.match(
    figureOf("figure-8").caption,
    /first on MIGHTEE: mean squared error 48\.5 \[45\.5, 52\.5\]; 2\.10 % of the 3 crops have more than 61, 0\.150 % are predicted to\./,
  );
  const { tail: _, ...untold } = countRecord("MGCLS_20k");
  const { caption } = figureOf("figure-8", paperReport({ ...EMPTY, records: [untold] }));
  assert.match(caption, /33\.3 % of the 3 crops have more than 35, 33\.3 % are predicted to\./);
});

test("Figures 9 and 10 stand the paper's numbers beside ours only where it has the set", () => {
  const [mgcls] = figureOf("figure-9").panels;
  assertGolden("report/figure-9.svg", mgcls!.svg);
  const own = figureOf("figure-9", paperReport({ ...EMPTY, records: [countRecord("simulated")] }));
  assert.equal(own.panels.length, 1);
  assert.doesNotMatch(own.panels[0]!.svg, /\(paper\)/);
  assert.match(figureOf("figure-10").panels[0]!.svg, /RGZ VDVAE \(paper\)/);
});

test("Figure 11 has a confusion matrix for every evaluation of more than two classes", () => {
  const { panels } = figureOf("figure-11");
  assert.deepEqual(
    panels.map(({ name }) => name),
    ["first-fine-tuned"],
  );
  assert.match(panels[0]!.svg, /Compact/);
});

test("a confusion matrix shows shares of the true classes with the counts under them", () => {
  const svg = confusionMatrixSvg({
    description: "A matrix",
    title: "two classes",
    classes: ["FRI", "FRII"],
    counts: [
      [30, 10],
      [4.5, 40.5],
    ],
  });
  const words = [...svg.matchAll(/>([^<>\n]+)<\/text>/g)].map(([, word]) => word);
  assert.deepEqual(words.slice(0, 8), ["0.75", "30", "0.25", "10", "0.10", "4.5", "0.90", "40.5"]);
  assertGolden("report/confusion-matrix.svg", svg);
});

test("Figure 13 draws ours with intervals over the paper's curves", () => {
  const [tuned, reduced] = figureOf("figure-13").panels;
  assertGolden("report/figure-13-a.svg", tuned!.svg);
  assert.match(reduced!.svg, /image statistics/);
  const half = figureOf(
    "figure-13",
    paperReport({ ...EMPTY, records: [finetuneRecord("MiraBest", ["FRI", "FRII"], [0.12, 0.09])] }),
  );
  assert.match(half.missing!, /^b: suricate evaluate few-labels/);
});

test("rows and curves of another set than MiraBest are named after it, as the columns are the paper's", () => {
  const records = [fewLabelsRecord("cuts"), finetuneRecord("cuts", ["FRI", "FRII"], [0.12, 0.09])];
  const other = paperReport({ ...EMPTY, records });
  const ours = (id: string, report = other) =>
    new Set(tableOf(id, report).rows.flatMap(({ origin, cells }) => (origin === "published" ? [] : [cells[0]!])));
  assert.deepEqual([...ours("table-6")], ["first, on cuts", "image statistics, on cuts"]);
  assert.deepEqual([...ours("table-5")], ["first, on cuts", "first, on cuts, from scratch"]);
  for (const { svg } of figureOf("figure-13", other).panels) assert.match(svg, />first, on cuts</);
  assert.deepEqual([...ours("table-6", full)], ["first", "image statistics"]);
});

test("of a run of one epoch Figure 5 says where it ends, and that a curve has two", () => {
  const { panels, caption, missing } = figureOf("figure-5", paperReport({ ...EMPTY, runs: [{ ...RUN, losses: [[0, 7.78]] }] }));
  assert.deepEqual([panels, missing], [[], "suricate train CROPSET --out RUN"]);
  assert.match(caption, /after 475\. \S+ ends at 7\.78, ln K = [\d.]+\. A run has a curve from its second epoch on\./);
});

test("Figure 5 has the loss of each run and the probe where it ran", () => {
  assert.deepEqual(
    figureOf("figure-5").panels.map(({ name }) => name),
    ["first-loss", "first-probe"],
  );
  const unprobed = figureOf("figure-5", paperReport({ ...EMPTY, runs: [{ ...RUN, probes: [] }] }));
  assert.equal(unprobed.panels.length, 1);
});

test("a collapse that the monitor found stands under the training's figure", () => {
  const collapses = ["Collapsed, by the last 40 steps up to step 78: the teacher is flat."];
  const report = paperReport({ ...EMPTY, runs: [{ ...RUN, collapses }] });
  assert.match(
    figureOf("figure-5", report).caption,
    /first: Collapsed, by the last 40 steps up to step 78: the teacher is flat\.$/,
  );
});

test("a grid is a table of its cells, and a failed cell says why under it", () => {
  const grid = tableOf("grid-1");
  assert.deepEqual(
    grid.rows.map(({ cells }) => cells),
    [
      ["0.03", "0", "100", "9.10", "11.1", "52.0 [47.0, 58.0]", "71.0"],
      ["9", "as is", "failed", "–", "–", "–", "–"],
    ],
  );
  assert.deepEqual(grid.notes, ["9, as is: DivergenceError: step 2"]);
});

test("figures of other commands stand in the page as they are", () => {
  assert.match(
    full.html,
    /<div class="item" id="figure-6">\n<figure class="natural">\n<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" id="given-6">/,
  );
  assert.match(full.html, /id="given-7"/);
});

test("the page needs nothing of the network, and its contents lead to every table and figure", () => {
  assert.doesNotMatch(full.html, /<script|<link|<iframe|@import|src=/);
  assert.deepEqual([...new Set(full.html.match(/https?:\/\/[^"')\s]+/g))], ["http://www.w3.org/2000/svg"]);
  const targets = [...full.html.matchAll(/<a href="#([\w-]+)"/g)].map(([, target]) => target!);
  assert.deepEqual(targets.toSorted(), [...full.tables, ...full.figures].map(({ id }) => id).toSorted());
  for (const target of targets) assert.ok(full.html.includes(`id="${target}"`), target);
});

test("a name that is markup reaches the page and LaTeX as text", () => {
  const report = paperReport({ ...EMPTY, records: [{ ...frRecord("MiraBest", 0.2), backbone: "runs/a_b<i>&50%" }] });
  assert.match(report.html, /a_b&lt;i&gt;&amp;50%/);
  assert.match(tableLatex(tableOf("table-4", report)), /a\\_b\$<\$i\$>\$\\&50\\% &/);
});

test("titles of backbones are the floors' words, or the part of a path that tells them apart", () => {
  assert.deepEqual(["pixels", "random:runs/first:3", "runs/first@25", "demo/run/", "./model"].map(backboneTitle), [
    "raw pixels",
    "untrained, as first (seed 3)",
    "first@25",
    "demo/run",
    "model",
  ]);
  assert.deepEqual(["mean", "pixels-centre-96", "random:resnet50", "runs/mean"].map(isFloorName), [true, true, true, false]);
});
