// suricate report, as a person calls it: what it finds in folders, what it writes, and what each mistake is told.
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parsePng } from "#base/files";
import { paperReport } from "#report";
import { writeCropSet } from "#sky/survey/disk";
import { cropSetInput } from "../../../apps/cli/report/crop-set-inputs.ts";
import { figureNumber } from "../../../apps/cli/report/find-inputs.ts";
import { cropRecord, cropSetOf } from "../../learn/crop-sets.ts";
import { tinyConfig, train } from "../../learn/dino/training-case.ts";
import { countRecord, EMPTY, frRecord } from "../../report/paper-case.ts";
import { suricate } from "./suricate.ts";

let folder = "";
const at = (...names: readonly string[]) => join(folder, ...names);
const report = (...args: readonly string[]) => suricate(folder, "report", ...args);

/** Crops of 16 pixels on a grid of 3 x 3 in one field with flux, of two quality flags. */
function fieldCrops() {
  const rows = Array.from({ length: 9 }, (_, row) => row);
  const records = rows.map((row) =>
    cropRecord({
      id: `A85-${row}`,
      field: "Abell 85",
      survey: "MGCLS",
      y0: 16 * Math.floor(row / 3),
      x0: 16 * (row % 3),
      dataQualityFlag: row < 6 ? 0 : 2,
      sourceCount: row,
      lowFlux: 0,
      highFlux: 1,
    }),
  );
  const squares = rows.map((row) => Float32Array.from({ length: 256 }, (_, pixel) => Math.sin(0.3 * pixel + row) * (1 + row)));
  return cropSetOf(records, 16, squares);
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "suricate-report-"));
  const cropSet = fieldCrops();
  const { info, records, pixelsOf } = cropSet;
  await writeCropSet({ out: at("crops"), storedSize: 16, existing: "refuse", durability: "rename" }, async (append) => {
    for (const row of records.keys()) append(pixelsOf(row));
    return { info: { ...info, name: "MGCLS_5k" }, records };
  });
  mkdirSync(at("runs"));
  await train(at("runs/first"), tinyConfig({ numEpochs: 2 }), { cropSet });
  mkdirSync(at("results"));
  const write = (name: string, text: string) => writeFileSync(at("results", name), text);
  write("new.json", JSON.stringify(frRecord("MiraBest", 0.25)));
  write("old.json", JSON.stringify(frRecord("MiraBest", 0.4)));
  utimesSync(at("results/old.json"), 1e9, 1e9);
  write("demo.json", JSON.stringify({ seed: 1, result: countRecord("MGCLS_5k") }));
  // As evaluate writes it where it was asked for several --pca in turn.
  write("several.json", JSON.stringify([countRecord("EMU"), { ...countRecord("EMU"), backbone: "runs/second" }]));
  write("cut.json", JSON.stringify(frRecord("MiraBest", 0.25)).slice(0, 100));
  write("other.json", '{"name": "not a result"}');
  write("future.json", '{"task": "telepathy", "backbone": "b"}');
  write("half.json", '{"task": "fr", "backbone": "b"}');
  write(
    "figure-6-field.svg",
    '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10" id="given"><rect width="9" height="9"/></svg>',
  );
  mkdirSync(at("grids/rates/cells"), { recursive: true });
  const cell = {
    settings: { seed: "0" },
    outcome: "finished",
    epochs: 3,
    loss: 2.5,
    lnK: 3,
    error: 7,
    errorInterval: [6, 8],
    untrainedError: null,
    failure: "",
  };
  writeFileSync(at("grids/rates/grid.json"), JSON.stringify({ cells: 1, done: 1, rows: [cell], seeds: [] }));
  write("unrelated.svg", '<svg xmlns="http://www.w3.org/2000/svg" id="unrelated"/>');
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("report finds crop sets, runs, results and figures, and writes a page, tables and figures", async () => {
  const { status, stdout, stderr } = await report(".", "--out", "report", "--json");
  assert.equal(status, 0, stderr);
  const said = JSON.parse(stdout) as {
    readonly cropSets: number;
    readonly runs: number;
    readonly results: number;
    readonly skipped: readonly string[];
    readonly tables: readonly { readonly id: string }[];
    readonly figures: readonly { readonly id: string; readonly panels: number; readonly missing: string | null }[];
  };
  assert.deepEqual([said.cropSets, said.runs, said.results], [1, 1, 5]);
  assert.deepEqual(
    said.figures.filter(({ missing }) => missing !== null).map(({ id }) => id),
    ["figure-7", "figure-11", "figure-13"],
  );
  assert.match(readFileSync(at("report/report.html"), "utf8"), />1 crop set, 1 run, 1 grid, 5 results</);
  assert.match(readFileSync(at("report/tables/grid-1.csv"), "utf8"), /\r\n0,3,2\.50,3\.00,"7\.00 \[6\.00, 8\.00\]",–\r\n$/);
  const tables = readdirSync(at("report/tables"))
    .filter((name) => /^table-\d\./.test(name))
    .toSorted();
  assert.deepEqual(
    tables,
    [1, 2, 3, 4, 5, 6].flatMap((number) => ["csv", "md", "tex"].map((ending) => `table-${number}.${ending}`)),
  );
  const second = readFileSync(at("report/tables/evaluation-source-count-emu-second.csv"), "utf8");
  assert.match(second, /\r\nsecond,by field,3,"48\.5 \[45\.5, 52\.5\]",,,.*,this report\r\n/);
  const figures = readdirSync(at("report/figures"));
  assert.ok(figures.includes("figure-3.svg") && figures.includes("figure-6-figure-6-field.svg"), figures.join(" "));
  for (const svg of figures.filter((name) => name.endsWith(".svg"))) {
    const { width, height } = parsePng(readFileSync(at("report/figures", svg.replace(/svg$/, "png"))));
    assert.ok(width > 10 && height > 10, svg);
  }
  const page = readFileSync(at("report/report.html"), "utf8");
  assert.match(page, /id="given"/);
  assert.doesNotMatch(page, /id="unrelated"/);
  // The newer of the two evaluations of MiraBest.
  assert.match(
    readFileSync(at("report/tables/table-4.csv"), "utf8"),
    /first,"48\.5 \[45\.5, 52\.5\]",–,"0\.250 \[0\.200, 0\.310\]"/,
  );
  // The shares of Figure 4's crops: nine of 256 pixels.
  assert.match(page, /All crops of Abell 85 \(MGCLS_5k\)/);
  assert.match(page, /flag 2/);
});

test("files that look like results and are none are told, one line each, and others are passed over in silence", async () => {
  const { stderr } = await report("results", "--out", "again");
  const skipped = stderr.split("\n").filter((line) => line.startsWith("skipped"));
  assert.deepEqual(skipped.toSorted(), [
    "skipped results/cut.json: expected JSON, got text that is none. It may be cut short: evaluate again.",
    'skipped results/future.json: expected a task of source-count, fr, four-class, knn, finetune, few-labels, similarity, anomaly, shift, cka, got "telepathy". It may be of a newer Suricate.',
    "skipped results/half.json: expected a result of fr with backbone, cropSetName, value, interval and floors, got one without. Evaluate again.",
  ]);
});

test("a report does not read itself or another report again, and the same inputs give the same bytes", async () => {
  const before = readFileSync(at("report/report.html"), "utf8");
  const { status, stderr } = await report(".", "--out", "report");
  assert.equal(status, 0, stderr);
  assert.equal(readFileSync(at("report/report.html"), "utf8"), before);
  assert.match(stderr, /report\/report\.html: 1 crop set, 1 run, 5 results; \d+ of 23 tables and figures lack data\.\n$/);
});

test("a later report takes away the files of an earlier one that it does not have, and nothing else", async () => {
  assert.equal((await report("results", "--out", "later")).status, 0);
  const tables = () => readdirSync(at("later/tables"));
  assert.ok(tables().includes("evaluation-source-count-emu-second.csv"));
  writeFileSync(at("later/tables/evaluation-mine.csv"), "a note of one's own");
  // A list that someone changed leads to no file outside.
  writeFileSync(at("precious.csv"), "precious");
  const list = JSON.parse(readFileSync(at("later/files.json"), "utf8")) as { format: string; files: string[] };
  writeFileSync(
    at("later/files.json"),
    JSON.stringify({ ...list, files: [...list.files, "../precious.csv", "tables/../../precious.csv"] }),
  );
  mkdirSync(at("fewer"));
  writeFileSync(at("fewer/new.json"), JSON.stringify(frRecord("MiraBest", 0.25)));
  const { status, stderr } = await report("fewer", "--out", "later");
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^later: \d+ files of an earlier report that this one does not have removed\.$/m);
  const left = tables();
  assert.ok(!left.includes("evaluation-source-count-emu-second.csv"), left.join(" "));
  assert.ok(left.includes("evaluation-mine.csv") && existsSync(at("precious.csv")), left.join(" "));
  const { files } = JSON.parse(readFileSync(at("later/files.json"), "utf8")) as { readonly files: readonly string[] };
  const there = ["tables", "figures"].flatMap((part) => readdirSync(at("later", part)).map((name) => `${part}/${name}`));
  assert.deepEqual(there.filter((name) => name !== "tables/evaluation-mine.csv").toSorted(), files.toSorted());
  // Files of a report without such a list are nobody's.
  writeFileSync(at("later/files.json"), "cut");
  writeFileSync(at("later/tables/evaluation-old.csv"), "old");
  assert.equal((await report("fewer", "--out", "later")).status, 0);
  assert.ok(tables().includes("evaluation-old.csv"));
});

test("links count as what they lead to, and one that leads nowhere is passed over", async () => {
  mkdirSync(at("linked"));
  symlinkSync(at("runs/first"), at("linked/here"));
  symlinkSync(at("gone"), at("linked/nowhere"));
  const { status, stderr } = await report("linked", "--out", "of-links");
  assert.equal(status, 0, stderr);
  assert.match(stderr, /of-links\/report\.html: 0 crop sets, 1 run, 0 results;/);
});

test("a path that is not there, a folder with nothing to report and a place that cannot be written are one clear line", async () => {
  mkdirSync(at("nothing"), { recursive: true });
  writeFileSync(at("nothing/cut.json"), "{");
  writeFileSync(at("file"), "");
  mkdirSync(at("broken/cells"), { recursive: true });
  writeFileSync(at("broken/grid.json"), '{"rows": [');
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [["nowhere", "--out", "none"], "ConfigError: report nowhere: there is no such file or folder."],
    [
      ["nothing", "--out", "none"],
      "ConfigError: report nothing: expected crop sets, runs or results of evaluate --out there, got none of them. Skipped: nothing/cut.json: expected JSON, got text that is none. It may be cut short: evaluate again.",
    ],
    [
      ["broken", "--out", "none"],
      "ConfigError: broken/grid.json: expected the table of a grid, got something else. Run the same grid again: what is done stays.",
    ],
    [["results", "--out", "file"], "file/files.json: cannot be written: a file is in the way."],
  ];
  for (const [args, line] of wrong) {
    const { status, stdout, stderr } = await report(...args);
    assert.deepEqual([status, stdout], [1, ""], stderr);
    assert.ok(stderr.includes(`suricate: ${line}`), stderr);
  }
  assert.ok(!existsSync(at("none")));
  const { status, stderr } = await report("results");
  assert.equal(status, 2);
  assert.match(stderr, /^suricate: required option '--out <folder>' not specified\n/);
});

test("figures of other commands are told by the paper's number or by what drew them", () => {
  const numbers = [
    "figure-6.svg",
    "fig7-head.svg",
    "out/map.svg",
    "tsne-field.svg",
    "attention.svg",
    "histograms.svg",
    "figure-8.svg",
    "figure-60.svg",
    "photo.svg",
  ];
  assert.deepEqual(numbers.map(figureNumber), [6, 7, 6, 6, 7, 4, undefined, undefined, undefined]);
});

test("every command that an empty report tells is one: it fails for want of its files, not of its words", async () => {
  const { tables, figures } = paperReport(EMPTY);
  const missing = [...tables, ...figures].flatMap((item) => item.missing?.split("; ") ?? []);
  const told = new Set(missing.map((command) => command.replace(/^([ab]: )?suricate /, "")));
  assert.ok(told.size > 10, [...told].join("\n"));
  for (const words of told) {
    const { status, stderr } = await suricate(folder, ...words.split(" "));
    assert.equal(status, 1, `${words}: ${stderr}`);
  }
});

test("of a mosaic of many crops some are counted, and a blank edge has no range of its own", async () => {
  const side = 20;
  const records = Array.from({ length: side * side }, (_, row) =>
    cropRecord({
      id: `m-${row}`,
      field: "mosaic",
      y0: 16 * Math.floor(row / side),
      x0: 16 * (row % side),
      lowFlux: 0,
      highFlux: 1,
    }),
  );
  // Blank at the corners, as mosaics are.
  const isBlank = (row: number) => [0, side - 1, side * (side - 1), side * side - 1].includes(row);
  const squares = records.map((_, row) =>
    Float32Array.from({ length: 256 }, (_, pixel) => (isBlank(row) ? 0 : Math.sin(0.3 * pixel + row))),
  );
  const { info } = cropSetOf(records, 16, squares);
  await writeCropSet({ out: at("mosaic"), storedSize: 16, existing: "refuse", durability: "rename" }, async (append) => {
    for (const square of squares) append(square);
    return { info, records };
  });
  const { scaling } = (await cropSetInput(at("mosaic"))).shown;
  assert.ok(scaling);
  assert.deepEqual([scaling.numCrops, scaling.numCounted], [400, 256]);
  for (const { counts } of scaling.histograms)
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      256 * 256,
    );
  assert.deepEqual(
    scaling.crops.map(({ title }) => title),
    ["centre, field's limits", "edge, field's limits", "centre, its own range"],
  );
  rmSync(at("mosaic"), { recursive: true });
});
