// suricate catalogue: what DS9 and TOPCAT are given of anyone's list.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readCatalogue } from "#sky/catalogue/disk";
import { cropImage } from "#sky/survey";
import { openCropSet, type PrepareOptions, prepareCropSet, readCropSources } from "#sky/survey/disk";
import { writeCatalogue, writeField } from "../../sky/survey/small-fields.ts";
import { suricate } from "./suricate.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-catalogue-"));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
writeFileSync(at("mine.csv"), "ALPHA,DELTA,S20,W,N,ANGLE\n10.5,-30.25,2.5,8,6,45\n11,-31,1,,,\n");
const COLUMNS = "ra=ALPHA,dec=DELTA,flux=S20:mJy,major=W:arcsec,minor=N:arcsec,positionAngle=ANGLE";

test("a free table becomes regions at half maximum, a VOTable, and CSV that is read back as it was", async () => {
  const { status, stdout, stderr } = await suricate(
    folder,
    ...["catalogue", "mine.csv", "--columns", COLUMNS, "--out", "a.reg", "a.vot", "a.csv", "--json"],
  );
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "a.reg, a.vot, a.csv: 2 sources of mine.csv.\n");
  assert.equal(JSON.parse(stdout).sources, 2);
  const [ellipse, point] = readFileSync(at("a.reg"), "utf8").trim().split("\n").slice(-2);
  // DS9's radii are half the widths, its angle runs from west.
  const [, ra, dec, major, minor, angle] = /^ellipse\(([^,]+),([^,]+),([^"]+)",([^"]+)",([^)]+)\)/.exec(ellipse!)!.map(Number);
  for (const [value, expected] of [
    [ra, 10.5],
    [dec, -30.25],
    [major, 4],
    [minor, 3],
    [angle, 135],
  ])
    assert.ok(Math.abs(value! - expected!) < 1e-9, ellipse);
  assert.match(point!, /^point\(11,-31\)/);
  assert.ok(readFileSync(at("a.vot"), "utf8").includes("<VOTABLE"));
  const { sources } = readCatalogue(at("a.csv"));
  assert.deepEqual(
    sources.map(({ raDeg, decDeg, fluxJy }) => [raDeg, decDeg, fluxJy]),
    [
      [10.5, -30.25, 0.0025],
      [11, -31, 0.001],
    ],
  );
});

test("an ending that is no form is wrong usage, and nothing is written", async () => {
  const { status, stderr } = await suricate(folder, "catalogue", "mine.csv", "--out", "b.reg", "b.fits");
  assert.equal(status, 2);
  assert.match(
    stderr,
    /^suricate: ConfigError: catalogue: --out b\.fits: expected a name that ends in \.reg, \.vot, \.csv, \.json\.$/m,
  );
  assert.ok(!existsSync(at("b.reg")));
});

/** A crop set of two fields with catalogued sources, one of the fields set aside for testing. */
async function cropSet(name: string, options: Partial<PrepareOptions> = {}): Promise<string> {
  const fields = [1, 2].map((seed) => writeField(folder, `${name}-${seed}`, { height: 60, width: 60, raDeg: 10 * seed, seed }));
  const lists = [1, 2].map((seed) =>
    writeCatalogue(
      at(`${name}-${seed}.csv`),
      [
        [-20, -18],
        [0.25, 12],
        [25, -28],
      ],
      10 * seed,
    ),
  );
  const out = at(name);
  await prepareCropSet({ inputs: fields, catalogue: lists, out, cropSize: 32, margin: 4, testFields: [`${name}-2`], ...options });
  return out;
}

const boxesIn = async (path: string) =>
  (await readCropSources(path))!.map(({ crop, category, x, y, boxX, boxY, boxWidth, boxHeight }) => ({
    ...{ crop, category, x, y, boxX, boxY, boxWidth, boxHeight },
  }));

test("a crop set's boxes and pictures are a set that import radiogalaxynet reads back, box by box", async () => {
  const set = await cropSet("crops");
  for (const [split, name] of [
    ["train", "train"],
    ["test", "val"],
  ] as const) {
    const asked = ["catalogue", "crops", "--split", split, "--out", `coco/${name}.json`, "--pictures", `coco/${name}`, "--json"];
    const { status, stdout, stderr } = await suricate(folder, ...asked);
    assert.equal(status, 0, stderr);
    assert.match(stderr, new RegExp(`^coco/${name}\\.json: \\d+ sources in 4 crops\\.$`, "m"));
    const { boxes, images, uncovered, pictures } = JSON.parse(stdout);
    assert.deepEqual([boxes >= 3, images, uncovered, pictures], [true, 4, 0, `coco/${name}`]);
  }
  const again = await suricate(folder, "import", "radiogalaxynet", "coco", "--out", "again");
  assert.equal(again.status, 0, again.stderr);
  const there = await boxesIn(at("again"));
  const written = (await boxesIn(set)).map(({ x, y, ...rest }) => ({ x, y, ...rest }));
  assert.equal(there.length, written.length);
  for (const [index, { x, y, ...box }] of there.entries()) {
    const { x: sourceX, y: sourceY, ...expected } = written[index]!;
    assert.deepEqual(box, expected);
    // A box that is cut off at an edge has its middle elsewhere than its source.
    if (box.boxX > 0 && box.boxX + box.boxWidth < 32) assert.ok(Math.abs(x - sourceX) < 1e-9);
    if (box.boxY > 0 && box.boxY + box.boxHeight < 32) assert.ok(Math.abs(y - sourceY) < 1e-9);
  }
  // Pictures are the crops without margin, stretched, the first row on top.
  const [original, copy] = [await openCropSet(set), await openCropSet(at("again"))];
  const { lowFlux, highFlux, id } = original.records[0]!;
  const expected = cropImage(original, 0).pixels.map((value) =>
    Math.round(255 * Math.min(Math.max((value - lowFlux) / (highFlux - lowFlux), 0), 1)),
  );
  assert.deepEqual(copy.pixelsOf(copy.records.findIndex((record) => record.id === id)), expected);
  original.close();
  copy.close();
});

test("a crop set's sources as a list have each source once", async () => {
  await cropSet("listed");
  const { status, stderr } = await suricate(folder, "catalogue", "listed", "--out", "listed.csv", "listed.json");
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^listed\.csv: 6 sources of listed\.$/m);
  const { sources } = readCatalogue(at("listed.csv"));
  assert.deepEqual(sources.map(({ field }) => field).toSorted(), [...Array(3).fill("listed-1"), ...Array(3).fill("listed-2")]);
  assert.equal(JSON.parse(readFileSync(at("listed.json"), "utf8")).images.length, 8);
});

test("crops that no catalogue covers are left out of the boxes, and counted", async () => {
  await cropSet("half", { catalogue: at("crops-1.csv") });
  const { status, stderr } = await suricate(folder, "catalogue", "half", "--out", "half.json");
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^half\.json: \d+ sources in 4 crops; 4 crops left out, which no catalogue covers\.$/m);
});

test("what does not go together is refused before anything is written", async () => {
  const field = writeField(folder, "bare", { height: 32, width: 32 });
  await prepareCropSet({ inputs: [field], out: at("bare"), cropSize: 32 });
  await cropSet("refusing");
  const refused = async (args: readonly string[], code: number, message: RegExp) => {
    const { status, stderr } = await suricate(folder, "catalogue", ...args);
    assert.equal(status, code, stderr);
    assert.match(stderr, message);
  };
  await refused(
    ["bare", "--out", "never.json"],
    1,
    /^suricate: bare: expected a crop set with sources, got one without sources\.parquet\. Prepare it with --catalogue, or import it with boxes\.$/m,
  );
  await refused(
    ["refusing", "--split", "valid", "--out", "never.json"],
    1,
    /expected crops of the split "valid", got test, train\.$/m,
  );
  await refused(
    ["mine.csv", "--out", "never.json"],
    2,
    /catalogue: --out never\.json: expected a crop set, got mine\.csv\. Make one with "suricate prepare --catalogue"\.$/m,
  );
  await refused(
    ["mine.csv", "--split", "test", "--out", "never.csv"],
    2,
    /catalogue: --split: expected a crop set, got mine\.csv\./,
  );
  await refused(["nowhere", "--out", "never.json"], 1, /nowhere: cannot be read: no such file or folder\.$/m);
  await refused(["mine.csv", "--owned", "--out", "never.csv"], 2, /catalogue: --owned: expected a crop set, got mine\.csv\./);
  await refused(
    ["mine.csv", "--pictures", "p", "--out", "never.csv"],
    2,
    /catalogue: --pictures: expected a crop set, got mine\.csv\./,
  );
  await refused(
    ["refusing", "--columns", "ra=A,dec=B", "--out", "never.json"],
    2,
    /catalogue: --columns: expected a catalogue beside it, got the crop set refusing\. Leave it out\.$/m,
  );
  await refused(
    ["refusing", "--pictures", "p", "--out", "never.csv"],
    2,
    /catalogue: --pictures: expected a file \.json in --out, which names them, got none\.$/m,
  );
  await refused(
    ["refusing", "--pictures", "refusing", "--out", "never.json"],
    1,
    /refusing: is not empty: choose another folder for --pictures, or remove it\.$/m,
  );
  for (const name of ["never.json", "never.csv", "p"]) assert.ok(!existsSync(at(name)), name);
});
