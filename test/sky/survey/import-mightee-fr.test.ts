// FRI and FRII galaxies cut from images round the positions of a table.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readFieldImage } from "#sky/fits/disk";
import { frClassOf, parseLabelColumns, parseLabelNames } from "#sky/survey";
import { importMighteeFr, openCropSet } from "#sky/survey/disk";
import { DEC_DEG, PIXEL_DEG, testFolder, writeField } from "./small-fields.ts";

const root = testFolder();

/** A position (dx, dy) pixels from the middle of the field at RA 10. */
function at(dx: number, dy: number): string {
  const decDeg = DEC_DEG + dy * PIXEL_DEG;
  return `${10 - (dx * PIXEL_DEG) / Math.cos((decDeg * Math.PI) / 180)} ${decDeg}`;
}

/** Two images of 40 pixels, side by side with 10 columns in common, and a table as the catalogue of Whittam et al. (2022) has its columns. */
function survey(name: string) {
  const folder = join(root, name);
  mkdirSync(folder);
  const images = [
    writeField(folder, "COSMOS", { height: 41, width: 41 }),
    // 30 pixels further west.
    writeField(folder, "XMMLSS", {
      height: 41,
      width: 41,
      raDeg: 10 - (30 * PIXEL_DEG) / Math.cos((DEC_DEG * Math.PI) / 180),
      seed: 2,
    }),
  ];
  const table = join(folder, "galaxies.txt");
  const rows = [
    `J1 ${at(0, 0)} FRI 0.5`,
    `J2 ${at(15, 1)} fr-2 1.25`, // in both: of COSMOS, which is first
    `J3 ${at(19, 0)} FRII 0.7`, // too near COSMOS's edge, whole in XMMLSS
    `J4 ${at(-19, 0)} FRI 0.7`, // too near the edge of the only one
    `J5 ${at(5, 5)} hybrid 0.1`,
    `J6 ${at(-300, 0)} FRII nan`,
    `J7 ${at(6, 6)} - 0.1`,
  ];
  writeFileSync(table, `# Galaxies\n# NAME RA_host DEC_host class z\n${rows.join("\n")}\n`);
  return { folder, images, table, out: join(folder, "set") };
}

test("galaxies are cut once each, from the first image that holds the whole crop, with class and redshift", async () => {
  const { images, table, out } = survey("whole");
  const summary = await importMighteeFr({ images, table, out, cropSize: 9 });
  assert.deepEqual(summary, {
    out,
    crops: 3,
    rejected: 0,
    splits: { none: 3 },
    labels: { FRI: 1, FRII: 2 },
    warnings: [
      `${table}: 2 of 7 rows are left out: no class among FRI, FRII.`,
      `${table}: 2 of 5 galaxies have no crop: outside the images, too near an edge, or on NaN.`,
    ],
  });
  const set = await openCropSet(out);
  assert.deepEqual(
    set.records.map(({ id, field, survey: name, label, redshift, y0, x0 }) => [id, field, name, label, redshift, y0, x0]),
    [
      ["COSMOS-J1", "COSMOS", "MIGHTEE", "FRI", 0.5, 16, 16],
      ["COSMOS-J2", "COSMOS", "MIGHTEE", "FRII", 1.25, 17, 31],
      ["XMMLSS-J3", "XMMLSS", "MIGHTEE", "FRII", 0.7, 16, 5],
    ],
  );
  const field = readFieldImage(images[1]!);
  const pixels = set.pixelsOf(2);
  for (let y = 0; y < 9; y++) for (let x = 0; x < 9; x++) assert.equal(pixels[y * 9 + x], field.pixels[(16 + y) * 41 + 5 + x]);
  assert.deepEqual(
    [set.info.tiling, set.info.lowPercentile, set.info.highPercentile, set.info.centres!.file, set.info.centres!.sources],
    ["cutouts", 2, 99.9, "galaxies.txt", 5],
  );
  assert.equal(set.info.collection, "MIGHTEE_FR");
  set.close();
});

test("columns and classes may have any name", async () => {
  const { images, folder, out } = survey("named");
  const table = join(folder, "free.csv");
  const [ra, dec] = at(1, 1).split(" ");
  writeFileSync(table, `alpha,delta,kind\n${ra},${dec},1\n${ra},${dec},0\n${ra},${dec},7\n`);
  const { labels } = await importMighteeFr({
    ...{ images, table, out, cropSize: 9 },
    columns: parseLabelColumns("ra=alpha,dec=delta,label=kind"),
    classes: parseLabelNames("0=FRI, 1=FRII"),
  });
  assert.deepEqual(labels, { FRII: 1, FRI: 1 });
});

test("Fanaroff-Riley classes are known in many spellings, and nothing else is taken for one", () => {
  for (const word of ["FRI", "FR I", "fr-1", "FR_I", " FR1 "]) assert.equal(frClassOf(word), "FRI");
  for (const word of ["FRII", "FR II", "fr2", "FR-ii"]) assert.equal(frClassOf(word), "FRII");
  for (const word of ["FRIII", "FR-X", "FR0", "I", "1", "hybrid"]) assert.equal(frClassOf(word), word);
});

test("classes are asked for as values or as value=label", () => {
  assert.deepEqual(
    [...parseLabelNames("FR-I,2=FRII")],
    [
      ["FRI", "FRI"],
      ["2", "FRII"],
    ],
  );
  const form = "--classes: expected values of the class column, as in FRI,FRII or 0=FRI,1=FRII, got";
  for (const wrong of ["", "=FRI", "0="]) assert.throws(() => parseLabelNames(wrong), { message: `${form} "${wrong}".` });
  assert.throws(() => parseLabelNames("FR1,FRI"), { message: "--classes: expected every value once, got FRI twice." });
});

test("tables without positions or classes, and images that hold none of the galaxies, are refused, and nothing is written", async () => {
  const { images, folder, out } = survey("refused");
  const table = join(folder, "wrong.csv");
  const before = readdirSync(folder).length;
  const refused = async (text: string, message: string | RegExp) => {
    writeFileSync(table, text);
    await assert.rejects(importMighteeFr({ images, table, out, cropSize: 9 }), (error) => {
      assert.ok(error instanceof Error);
      if (typeof message === "string") assert.equal(error.message, message);
      else assert.match(error.message, message);
      return !error.message.includes("\n");
    });
    assert.equal(readdirSync(folder).length, before + 1);
  };
  await refused(
    "RA,class\n1,FRI\n",
    /wrong\.csv: no column of the dec: expected a name such as dechost, dec, decdeg, got RA, class\./,
  );
  await refused(
    "RA,DEC,class\n1,x,FRI\n",
    `${table}: line 2: column "DEC": expected a declination in degrees, or as -12:34:56.7, got "x".`,
  );
  await refused(
    "RA,DEC,class\n1,95,FRI\n",
    `${table}: line 2: column "DEC": expected a declination in degrees, or as -12:34:56.7, got "95".`,
  );
  await refused(
    "RA,DEC,class\n400,5,FRI\n",
    `${table}: line 2: column "RA": expected a right ascension in degrees, or hours as 12:34:56.7, got "400".`,
  );
  await refused("RA,DEC,class\n,1,FRI\n", `${table}: line 2: expected a right ascension and a declination, got none.`);
  await refused(
    "RA,DEC,class\n1,1,A\n1,1,B\n",
    `${table}: expected rows of the classes FRI, FRII, got A, B in 2 rows. Name the column with --columns label=..., its values with --classes.`,
  );
  await refused(
    "RA,DEC,class\n200,1,FRI\n",
    `${table}: no crop is left of 1 positions: 1 lie outside the fields, 0 too near an edge, 0 crops hold NaN. Check its frame, or choose a smaller --size.`,
  );
});
