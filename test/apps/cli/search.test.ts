// suricate search and attention: what they find and draw, and what they refuse.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { randomFor } from "#base/array";
import { formatPng, parsePng } from "#base/files";
import { openEmbeddings, writeEmbeddings } from "#learn/embeddings/disk";
import { importImages } from "#sky/survey/disk";
import { cropRecord, tableOf } from "../../learn/crop-sets.ts";
import { suricate } from "./suricate.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-search-"));
after(() => rmSync(folder, { recursive: true }));

const random = randomFor(4, "search command");
const vectors = Array.from({ length: 50 }, () => Array.from({ length: 5 }, () => Math.fround(random.normal())));
const records = vectors.map((_, row) => cropRecord({ id: `crop-${row}`, raDeg: 10 + row / 10, decDeg: -30 }));
writeEmbeddings(join(folder, "e.parquet"), tableOf("a backbone", records, vectors));

/** Rows by 1 - cosine from row `from`, in plain numbers. */
function ranked(from: number): { readonly id: string; readonly distance: number }[] {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, index) => sum + value * b[index]!, 0);
  const length = (a: readonly number[]) => Math.sqrt(dot(a, a));
  return vectors
    .map((vector, row) => ({
      id: `crop-${row}`,
      distance: 1 - dot(vector, vectors[from]!) / (length(vector) * length(vectors[from]!)),
    }))
    .filter((_, row) => row !== from)
    .toSorted((a, b) => a.distance - b.distance);
}

async function refused(...args: readonly string[]): Promise<string> {
  return await endedWith(1, args);
}

async function endedWith(wanted: number, args: readonly string[]): Promise<string> {
  const { status, stderr, stdout } = await suricate(folder, ...args);
  assert.equal(status, wanted, stderr);
  assert.equal(stdout, "");
  return stderr.trim().split("\n").at(-1)!;
}

test("search finds the nearest rows of a plain sort, by id and by position, and writes catalogue and regions", async () => {
  const { status, stdout, stderr } = await suricate(
    folder,
    ...["search", "e.parquet", "--like", "crop-7", "--k", "4", "--out", "like.csv", "like.reg", "like.vot", "--json"],
  );
  assert.equal(status, 0, stderr);
  const { results } = JSON.parse(stdout);
  const expected = ranked(7).slice(0, 4);
  assert.deepEqual(
    results.map(({ id }: { id: string }) => id),
    expected.map(({ id }) => id),
  );
  for (const [index, { distance }] of expected.entries()) assert.ok(Math.abs(results[index].distance - distance) < 1e-12);
  assert.ok(readFileSync(join(folder, "like.csv"), "utf8").startsWith(`rank,distance,id,field,`));
  const [first] = expected;
  assert.ok(readFileSync(join(folder, "like.reg"), "utf8").includes(`# point=cross text={1 ${first!.id}}`));
  assert.ok(readFileSync(join(folder, "like.vot"), "utf8").includes('ucd="pos.eq.ra;meta.main"'));

  const bySky = await suricate(folder, "search", "e.parquet", "--like", "00:42:48.1, -30.001", "--k", "4");
  assert.match(bySky.stderr, /the nearest centre is that of crop-7, 0\.00\d+ degrees away\./);
  assert.match(bySky.stdout, new RegExp(`1 {2}${first!.id}`));
});

test("search refuses a position in no crop, with how far the nearest reaches", async () => {
  assert.equal(
    await refused("search", "e.parquet", "--like", "10.7,-33"),
    "suricate: ConfigError: search: --like 10.7,-33: expected a position inside a crop, got one 3.00 degrees from the nearest centre, that of crop-7, which reaches 0.500 degrees. Check the position and its frame (ICRS).",
  );
  // Corners 0.05 degrees north and south of the equator, and as much east and west.
  const corners = { cornersRaDeg: [20.05, 19.95, 19.95, 20.05], cornersDecDeg: [-0.05, -0.05, 0.05, 0.05] };
  const square = vectors.map((_, row) =>
    cropRecord({ id: `crop-${row}`, raDeg: 20 + row, decDeg: 0, ...(row === 0 ? corners : {}) }),
  );
  writeEmbeddings(join(folder, "square.parquet"), tableOf("a backbone", square, vectors));
  const { status, stderr } = await suricate(folder, "search", "square.parquet", "--like", "20.049,0.049");
  assert.equal(status, 0, stderr);
  assert.match(
    await refused("search", "square.parquet", "--like", "20.06,0.06"),
    /got one 0\.0849 degrees from the nearest centre, that of crop-0, which reaches 0\.0707 degrees\./,
  );
});

test("search refuses an id that is not there, a set without positions, a k too large and a gallery without pictures", async () => {
  assert.equal(
    await refused("search", "e.parquet", "--like", "crop-77"),
    'suricate: ConfigError: search: --like crop-77: expected the id of a crop of tiny, RA,Dec or a file, got none of them. Its first crop is "crop-0".',
  );
  assert.equal(
    await refused("search", "e.parquet", "--like", "crop-7", "--k", "50"),
    "suricate: search: --k: expected at most 49, the crops there are to find, got 50.",
  );
  assert.equal(
    await endedWith(2, ["search", "e.parquet", "--like", "crop-7", "--out", "g.png"]),
    "suricate: ConfigError: search: --out g.png: a file of embeddings has no pictures. Give the crop set, with --embeddings.",
  );
  const nowhere = records.map(({ id }) => cropRecord({ id }));
  writeEmbeddings(join(folder, "nowhere.parquet"), tableOf("a backbone", nowhere, vectors));
  assert.equal(
    await refused("search", "nowhere.parquet", "--like", "10.7,-30"),
    "suricate: ConfigError: search: --like 10.7,-30: expected crops with positions, got none in tiny. Search by the id of a crop.",
  );
  assert.equal(
    await refused("search", "nowhere.parquet", "--like", "crop-1", "--out", "n.reg"),
    "suricate: ConfigError: search: --out n.reg: expected crops with positions, got none. Write .csv.",
  );
  const broken = vectors.map((vector, row) => (row === 9 ? vector.with(2, Number.NaN) : vector));
  writeEmbeddings(join(folder, "nan.parquet"), tableOf("a backbone", records, broken));
  assert.equal(
    await refused("search", "nan.parquet", "--like", "crop-1"),
    "suricate: neighbours: row 9: expected finite numbers, got NaN or infinity. Leave it out.",
  );
  assert.ok(!existsSync(join(folder, "n.reg")));
});

test("a file of embeddings read in groups has the rows, the records and the places of the table", async () => {
  const file = await openEmbeddings(join(folder, "e.parquet"));
  assert.equal(file.rows.numRows, 50);
  assert.deepEqual(Array.from(await file.rows.read(3, 2)), vectors.slice(3, 5).flat());
  assert.equal(await file.rowOf("crop-31"), 31);
  assert.equal(await file.rowOf("crop-131"), -1);
  assert.deepEqual(await file.recordsAt([40, 2]), [records[40], records[2]]);
  assert.equal((await file.nearestTo(12.04, -30))!.row, 20);
  file.close();
});

test("a picture finds itself among the crops, and attention draws a transformer's maps and refuses a ResNet", async () => {
  const pictures = join(folder, "pictures");
  const { mkdirSync } = await import("node:fs");
  mkdirSync(pictures);
  for (let index = 0; index < 6; index++) {
    const data = Uint8Array.from({ length: 32 * 32 }, () => 255 * random.uniform());
    writeFileSync(join(pictures, `${index}.png`), formatPng({ height: 32, width: 32, channels: 1, data }));
  }
  await importImages({ path: pictures, out: join(folder, "set") });
  const found = await suricate(
    folder,
    ...["search", "set", "--backbone", "pixels", "--like", join("pictures", "3.png"), "--k", "2", "--out", "g.svg", "--json"],
  );
  assert.equal(found.status, 0, found.stderr);
  const [first] = JSON.parse(found.stdout).results;
  assert.match(first.id, /^3/);
  assert.ok(first.distance < 1e-3);
  assert.equal(readFileSync(join(folder, "g.svg"), "utf8").match(/<image /g)!.length, 3);

  const drawn = await suricate(
    folder,
    ...["attention", "set", "--crop", first.id, "--backbone", "random:vit-ti8", "--out", "a.svg", "a.png", "--json"],
  );
  assert.equal(drawn.status, 0, drawn.stderr);
  const { gridSide, heads, rollout } = JSON.parse(drawn.stdout);
  assert.equal(gridSide, 4);
  assert.equal(heads.length, 3);
  const total = rollout.reduce((sum: number, value: number) => sum + value, 0);
  assert.ok(total > 0.1 && total < 1, `patches share what the class token does not keep: ${total}`);
  assert.ok(parsePng(readFileSync(join(folder, "a.png"))).width > 1000);
  assert.equal(
    await refused("attention", "set", "--crop", first.id, "--backbone", "random:resnet18", "--out", "r.svg"),
    "suricate: ConfigError: --backbone random:resnet18: expected a Vision Transformer, got a ResNet, which has no attention.",
  );
  assert.match(
    await refused("attention", "set", "--crop", "nine", "--backbone", "random:vit-ti8", "--out", "r.svg"),
    /attention: --crop nine: expected the id of a crop of set, got none of its 6\. Its first is "/,
  );
  assert.ok(!existsSync(join(folder, "r.svg")));
});
