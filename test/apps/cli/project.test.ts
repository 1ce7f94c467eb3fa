// suricate project: tables and figures of embeddings on a plane, and what it refuses.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { randomFor } from "#base/array";
import { parquetColumn, parsePng } from "#base/files";
import { readParquet } from "#base/files/disk";
import { writeEmbeddings } from "#learn/embeddings/disk";
import { colourPanels } from "../../../apps/cli/project/colourings.ts";
import { cropRecord, tableOf } from "../../learn/crop-sets.ts";
import { suricate } from "./suricate.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-project-"));
after(() => rmSync(folder, { recursive: true }));

const random = randomFor(2, "project command");
const records = Array.from({ length: 60 }, (_, row) =>
  cropRecord({ id: `crop-${row}`, field: `field ${row % 3}`, raDeg: row, decDeg: -row / 2, sourceCount: row % 7 }),
);
const table = tableOf(
  "a backbone",
  records,
  records.map((_, row) => Array.from({ length: 6 }, () => 5 * (row % 3) + random.normal())),
);
writeEmbeddings(join(folder, "e.parquet"), table);

test("project writes a table with positions, a figure and its settings; the same points each time", async () => {
  const args = ["project", "e.parquet", "--method", "tsne", "--perplexity", "8", "--iterations", "300"];
  const { status, stdout, stderr } = await suricate(
    folder,
    ...args,
    "--out",
    "a.parquet",
    "a.svg",
    "a.png",
    "a.csv",
    "a.json",
    "--json",
  );
  assert.equal(status, 0, stderr);
  const record = JSON.parse(stdout);
  const { divergence, ...parameters } = record.parameters;
  assert.ok(divergence > 0 && divergence < 1, `divergence ${divergence}`);
  assert.deepEqual(parameters, {
    method: "tsne",
    scaling: "standardised",
    numComponents: 6,
    perplexity: 8,
    numIterations: 300,
    start: "principal components",
  });
  assert.ok(record.trustworthiness.value > 0.7 && record.trustworthiness.value < 1);
  assert.match(stderr, /Trustworthiness 0\.\d{4} \(12 neighbours, measured on 60 crops\)\./);
  const points = await readParquet(join(folder, "a.parquet"));
  assert.deepEqual(
    parquetColumn(points, "raDeg", "double", "a"),
    records.map(({ raDeg }) => raDeg),
  );
  assert.deepEqual(JSON.parse(points.metadata["projection"]!).parameters, record.parameters);
  const svg = readFileSync(join(folder, "a.svg"), "utf8");
  assert.ok(svg.includes(">field 2<") && svg.includes("log10 (sources + 1)"));
  assert.ok(parsePng(readFileSync(join(folder, "a.png"))).width > 1000);
  assert.match(readFileSync(join(folder, "a.csv"), "utf8"), /^id,field,.*,x,y\ncrop-0,field 0,/);

  assert.equal((await suricate(folder, ...args, "--threads", "1", "--out", "b.parquet")).status, 0);
  const again = await readParquet(join(folder, "b.parquet"));
  for (const axis of ["x", "y"])
    assert.deepEqual(parquetColumn(again, axis, "double", "b"), parquetColumn(points, axis, "double", "a"));
});

test("project refuses what it cannot do in one line, and writes nothing", async () => {
  const refused = async (wanted: number, ...args: readonly string[]) => {
    const { status, stderr } = await suricate(folder, "project", ...args);
    assert.equal(status, wanted, stderr);
    return stderr.trim().split("\n").at(-1)!;
  };
  assert.equal(
    await refused(1, "e.parquet", "--method", "tsne", "--out", "c.parquet"),
    "suricate: project: expected more than 90 rows for tsne, got 60. Give more, or a perplexity of 19 or less.",
  );
  const { stderr } = await suricate(folder, "project", "e.parquet", "--method", "tsne", "--out", "c.parquet");
  assert.doesNotMatch(stderr, /^tsne: /m, "no bar stands before the refusal");
  assert.equal(
    await refused(2, "e.parquet", "--method", "pca", "--out", "c.gif"),
    "suricate: ConfigError: project: --out c.gif: expected a name that ends in .parquet, .csv, .vot, .json, .svg, .png.",
  );
  assert.equal(
    await refused(1, "e.parquet", "--method", "pca", "--colour", "redshift", "--out", "c.svg"),
    "suricate: ConfigError: project: --colour redshift: expected something that is known of the crops, got nothing. Known: field, sourceCount.",
  );
  const broken = { ...table, embeddings: table.embeddings.with(6 * 4, Number.NaN) };
  writeEmbeddings(join(folder, "nan.parquet"), broken);
  assert.equal(
    await refused(1, "nan.parquet", "--method", "pca", "--out", "c.csv"),
    "suricate: project: expected finite numbers, got NaN or infinite ones in 1 of 60 rows, first in row 4. Leave them out.",
  );
  assert.ok(!existsSync(join(folder, "c.csv")) && !existsSync(join(folder, "c.parquet")));
});

test("a figure tells its method as the field does, sizes in arcsec, and fluxes by their powers of ten", async () => {
  const sized = records.map((record, row) => ({
    ...record,
    meanSizeDeg: (2 + row) / 3600,
    brightestFluxJy: row === 0 ? -1 : 10 ** (-5 + (2 * row) / 59),
  }));
  const panels = colourPanels(sized, ["meanSizeDeg", "brightestFluxJy"]);
  const [size, flux] = panels.map(({ values }) => values) as [number[], (number | null)[]];
  assert.deepEqual(
    panels.map(({ title }) => title),
    ["mean size (arcsec)", "log10 (brightest source / Jy)"],
  );
  assert.ok(Math.abs(size[3]! - 5) < 1e-9);
  assert.deepEqual([flux[0], flux[59]!.toFixed(6)], [null, "-3.000000"]);
  const { stderr } = await suricate(folder, "project", "e.parquet", "--method", "pca", "--out", "titled.svg");
  assert.match(stderr, /^pca: 100\/100 % {2}\d/);
  assert.ok(readFileSync(join(folder, "titled.svg"), "utf8").includes("a backbone: PCA, trustworthiness"));
});
