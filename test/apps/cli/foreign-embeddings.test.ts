// Tables of features that others made, in every command that takes embeddings: the same answers as for embed's own file.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ndArray, randomFor } from "#base/array";
import { formatNpy } from "#base/files";
import { readEmbeddings, writeEmbeddings } from "#learn/embeddings/disk";
import { writeFits } from "#sky/fits/disk";
import { writeCropSet } from "#sky/survey/disk";
import { cropRecord, cropSetOf, tableOf } from "../../learn/crop-sets.ts";
import { suricate } from "./suricate.ts";

const SIDE = 8;
const NUM_CROPS = 60;
const DIM = 4;
let folder = "";
const at = (name: string) => join(folder, name);

const random = randomFor(9, "foreign embeddings");
const records = Array.from({ length: NUM_CROPS }, (_, row) =>
  cropRecord({
    ...{ id: `crop-${row}`, field: `f${row}`, label: row % 2 === 0 ? "FRI" : "FRII", split: row < 40 ? "train" : "test" },
    ...{ raDeg: 10 + row / 10, decDeg: -30, sourceCount: row % 7 },
  }),
);
const vectors = records.map((_, row) => Array.from({ length: DIM }, () => Math.fround((row % 2) + random.normal())));
/** The rows as other programs have them: backwards. */
const turned = records.map((_, row) => NUM_CROPS - 1 - row);

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "suricate-others-"));
  const squares = records.map(() => Float32Array.from({ length: SIDE * SIDE }, () => random.uniform()));
  for (const name of ["crops", "more"]) {
    const { info } = cropSetOf(records, SIDE, squares);
    await writeCropSet({ out: at(name), storedSize: SIDE, existing: "refuse", durability: "rename" }, async (append) => {
      for (const square of squares) append(square);
      return { info, records };
    });
  }
  writeEmbeddings(at("own.parquet"), tableOf("a backbone", records, vectors));
  writeFileSync(at("rows.npy"), formatNpy(ndArray("float32", [NUM_CROPS, DIM], Float32Array.from(vectors.flat()))));
  writeFileSync(
    at("turned.csv"),
    `name,f0,f1,f2,f3\n${turned.map((row) => [records[row]!.id, ...vectors[row]!].join(",")).join("\n")}\n`,
  );
  const columns = [
    { name: "OBJID", values: turned.map((row) => records[row]!.id) },
    { name: "FEATURE", values: Float64Array.from(turned.flatMap((row) => vectors[row]!)), numPerRow: DIM },
  ];
  writeFits(at("turned.fits"), [{ kind: "table", columns, cards: [] }]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function json(...args: readonly string[]) {
  const { status, stdout, stderr } = await suricate(folder, ...args, "--json");
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

async function refused(wanted: number, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await suricate(folder, ...args);
  assert.equal(status, wanted, stderr);
  assert.equal(stdout, "");
  return stderr.trim().split("\n").at(-1)!;
}

/** Each form as a command with a crop set is given it. */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  ".npy by row": ["--embeddings", "rows.npy", "--by-row"],
  ".csv by ids": ["--embeddings", "turned.csv"],
  ".fits by ids": ["--embeddings", "turned.fits", "--id-column", "OBJID"],
};

for (const [form, args] of Object.entries(FORMS)) {
  test(`search finds in a table of others (${form}) what it finds in embed's own file, with positions of the set`, async () => {
    const asked = ["--like", "crop-7", "--k", "5"];
    const found = await json("search", "crops", ...args, ...asked, "--out", "like.reg", "like.svg");
    assert.deepEqual(found.results, (await json("search", "own.parquet", ...asked)).results);
    assert.match(readFileSync(at("like.reg"), "utf8"), /fk5|icrs/);
  });

  test(`project lays a table of others (${form}) out as embed's own file, coloured by the set's labels`, async () => {
    const asked = ["--method", "pca", "--colour", "label"];
    assert.equal((await suricate(folder, "project", "crops", ...args, ...asked, "--out", "theirs.csv", "theirs.svg")).status, 0);
    assert.equal((await suricate(folder, "project", "own.parquet", ...asked, "--out", "ours.csv")).status, 0);
    assert.equal(readFileSync(at("theirs.csv"), "utf8"), readFileSync(at("ours.csv"), "utf8"));
    assert.ok(readFileSync(at("theirs.svg"), "utf8").includes(">FRII<"));
  });
}

test("cka of one backbone's embeddings with themselves is 1, whatever file holds them", async () => {
  for (const args of [
    ["own.parquet", "turned.csv"],
    ["turned.csv", "turned.fits", "--id-column", "OBJID"].slice(0, 2),
    ["own.parquet", "rows.npy", "--by-row"],
    ["crops", "--embeddings", "turned.csv", "--against", "own.parquet"],
  ]) {
    const { value, notes } = await json("evaluate", "cka", ...args);
    assert.ok(Math.abs(value - 1) < 1e-9, `${args.join(" ")}: ${value}`);
    assert.ok(notes.some((note: string) => note.includes("What its backbone has seen in pre-training is not known.")));
  }
  const { value } = await json("evaluate", "cka", "crops", "--backbone", "pixels", "--against", "turned.csv");
  assert.ok(value > 0 && value < 1);
});

test("shift takes two tables of others, alone or with their crop sets, whose floors then stand beside them", async () => {
  const alone = await json("evaluate", "shift", "rows.npy", "turned.csv", "--permutations", "20");
  assert.ok(alone.value < 1e-9, `the same rows are not apart: ${alone.value}`);
  assert.deepEqual([alone.backbone, alone.floors], ["rows.npy and turned.csv", []]);
  const sets = await json(
    ...["evaluate", "shift", "crops", "more", "--embeddings", "turned.csv", "own.parquet", "--permutations", "20"],
  );
  assert.ok(sets.value < 1e-9);
  assert.deepEqual(
    [sets.backbone, sets.floors.map(({ backbone }: { backbone: string }) => backbone)],
    ["a backbone", ["statistics", "pixels"]],
  );
});

test("a table of others that stands alone is evaluated by the labels that it brings itself", async () => {
  const lines = records.map(({ id, label, split }, row) => [id, label, split, ...vectors[row]!].join(","));
  writeFileSync(at("labelled.csv"), `id,label,split,f0,f1,f2,f3\n${lines.join("\n")}\n`);
  const fields = ({ error, interval, numTest }: { error: number; interval: unknown; numTest: number }) => ({
    ...{ error, interval, numTest },
  });
  const own = await json("evaluate", "fr", "own.parquet");
  assert.equal(own.task, "fr");
  assert.deepEqual(fields(await json("evaluate", "fr", "labelled.csv")), fields(own));
});

test("embed writes embeddings of others in another form, with the set's positions", async () => {
  const summary = await json("embed", "crops", "--embeddings", "turned.csv", "--out", "again.parquet");
  assert.deepEqual([summary.crops, summary.dim, summary.backbone], [NUM_CROPS, DIM, "turned.csv"]);
  const table = await readEmbeddings(at("again.parquet"));
  assert.deepEqual([table.records, [...table.embeddings]], [records, vectors.flat()]);
  // A file of embed's own goes through a group of rows at a time, to the same bytes.
  const rewritten = await json("embed", "own.parquet", "--out", "rewritten.parquet");
  assert.deepEqual(
    [rewritten.crops, rewritten.dim, rewritten.backbone],
    [NUM_CROPS, DIM, (await readEmbeddings(at("own.parquet"))).backbone],
  );
  assert.deepEqual(readFileSync(at("rewritten.parquet")), readFileSync(at("own.parquet")));
  await json("embed", "own.parquet", "--out", "own.csv");
  assert.match(readFileSync(at("own.csv"), "utf8"), /^id,field,.*\ncrop-0,f0,/);
});

test("rows that do not match, and too much or too little, are refused in one line, and nothing is written", async () => {
  writeFileSync(
    at("few.csv"),
    `name,f0,f1\n${records
      .slice(1)
      .map(({ id }) => `${id},1,2`)
      .join("\n")}\n`,
  );
  writeFileSync(at("three.npy"), formatNpy(ndArray("float32", [3, 2], new Float32Array(6))));
  const missing = (set: string) =>
    `expected a row for each of the 60 crops of ${set}, got none for 1 of them, such as "crop-0"; its own ids are like "crop-1".`;
  for (const command of [
    ["search", "crops", "--like", "crop-1"],
    ["project", "crops", "--method", "pca", "--out", "no.csv"],
    ["embed", "crops", "--out", "no.csv"],
  ]) {
    assert.equal(await refused(1, ...command, "--embeddings", "few.csv"), `suricate: few.csv: ${missing("tiny")}`);
    assert.equal(
      await refused(1, ...command, "--embeddings", "three.npy", "--by-row"),
      "suricate: three.npy: --by-row: expected 60 rows, the crops of tiny in their order, got 3.",
    );
    assert.equal(
      await refused(2, ...command, "--embeddings", "few.csv", "--backbone", "pixels"),
      `suricate: ConfigError: ${command[0]} crops: expected one of --backbone and --embeddings for a crop set.`,
    );
  }
  writeFileSync(at("text.txt"), "words");
  for (const [command, ...rest] of [
    ["project", "--method", "pca", "--out", "no.csv"],
    ["search", "--backbone", "mean", "--like", "a", "--out", "no.csv"],
  ] as const)
    assert.equal(
      await refused(1, command, "text.txt", ...rest),
      `suricate: ConfigError: ${command} text.txt: expected a crop set folder or a file of embeddings (.parquet, .npy, .csv, .tsv, .fits, .fits.gz), got another file.`,
    );
  assert.equal(
    await refused(1, "evaluate", "cka", "own.parquet", "few.csv"),
    `suricate: few.csv: ${missing("a backbone")} Say --by-row where the rows are the same crops in the same order.`,
  );
  writeEmbeddings(
    at("equal.parquet"),
    tableOf(
      "equal",
      records,
      records.map(() => [1, 2]),
    ),
  );
  assert.equal(
    await refused(1, "evaluate", "cka", "own.parquet", "equal.parquet"),
    'suricate: evaluate cka: embeddings of "equal": expected rows that differ, got all of them equal.',
  );
  assert.equal(
    await refused(1, "evaluate", "shift", "few.csv", "own.parquet"),
    "suricate: evaluate shift: expected both sets through one backbone, got few.csv (2 numbers) and a backbone (4).",
  );
  assert.equal(
    await refused(2, "evaluate", "shift", "crops", "more", "--embeddings", "few.csv"),
    "suricate: ConfigError: evaluate shift: --embeddings: expected two files, of the first set and of the second, got 1.",
  );
  assert.equal(
    await refused(
      2,
      "project",
      "crops",
      "--method",
      "pca",
      "--embeddings",
      "few.csv",
      "--by-row",
      "--id-column",
      "name",
      "--out",
      "no.csv",
    ),
    "suricate: ConfigError: project: --by-row: expected no --id-column beside it, got name.",
  );
  assert.ok(!existsSync(at("no.csv")));
});
