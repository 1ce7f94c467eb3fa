// Fields whose coordinates cannot all be right are told of, with counts, when a set is prepared.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Card } from "#sky/fits";
import { writeFieldImage } from "#sky/fits/disk";
import { openCropSet, prepareCropSet } from "#sky/survey/disk";
import { testFolder, writeField } from "./small-fields.ts";

const folder = testFolder();
let numSets = 0;

const warningsOf = async (...inputs: readonly string[]) =>
  (await prepareCropSet({ inputs, out: join(folder, `set-${numSets++}`), cropSize: 20 })).warnings;

/** A field of noise without sources, whose header the test writes. */
function fieldWith(name: string, cards: readonly Card[]): string {
  const path = join(folder, `${name}.fits`);
  const pixels = Float32Array.from({ length: 400 }, (_, index) => Math.sin(index * index));
  writeFieldImage(path, { pixels, height: 20, width: 20, cards: [{ keyword: "BUNIT", value: "Jy/beam" }, ...cards] });
  return path;
}

const at = (raDeg: number, axes: readonly [string, string] = ["RA---SIN", "DEC--SIN"]): readonly Card[] => [
  { keyword: "CTYPE1", value: axes[0] },
  { keyword: "CRPIX1", value: 10.5 },
  { keyword: "CRVAL1", value: raDeg },
  { keyword: "CDELT1", value: -0.001 },
  { keyword: "CTYPE2", value: axes[1] },
  { keyword: "CRPIX2", value: 10.5 },
  { keyword: "CRVAL2", value: -30 },
  { keyword: "CDELT2", value: 0.001 },
];

test("fields in unlike frames are told of with how many are in each", async () => {
  const modern = ["a", "b"].map((name, index) => fieldWith(name, [...at(20 + index), { keyword: "RADESYS", value: "ICRS" }]));
  const old = fieldWith("old", [...at(40), { keyword: "RADESYS", value: "FK4" }, { keyword: "EQUINOX", value: 1950 }]);
  const [warning, ...others] = await warningsOf(...modern, old);
  assert.equal(
    warning,
    "the fields' coordinates are in unlike frames: 2 in ICRS or J2000 (a.fits), 1 in FK4 1950 (old.fits). Nothing is precessed: prepare them apart.",
  );
  assert.deepEqual(others, []);
});

test("FK5 of 2000 and ICRS are one frame", async () => {
  const first = fieldWith("icrs", [...at(50), { keyword: "RADESYS", value: "ICRS" }]);
  const second = fieldWith("fk5", [...at(60), { keyword: "RADESYS", value: "FK5" }, { keyword: "EQUINOX", value: 2000 }]);
  assert.deepEqual(await warningsOf(first, second), []);
});

test("a header whose CD matrix and CDELT give two pixel scales is told of, and the CD matrix is used", async () => {
  const matrix = [
    { keyword: "CD1_1", value: -0.0005 },
    { keyword: "CD1_2", value: 0 },
    { keyword: "CD2_1", value: 0 },
    { keyword: "CD2_2", value: 0.0005 },
  ];
  const out = join(folder, "torn-set");
  const { fields } = await prepareCropSet({ inputs: [fieldWith("torn", [...at(70), ...matrix])], out, cropSize: 20 });
  assert.deepEqual(fields[0]!.warnings, [
    'two world coordinates disagree: the CD matrix gives pixels of 1.800", CDELT of 3.600"; the CD matrix is used.',
  ]);
  const set = await openCropSet(out);
  assert.equal(set.info.fields[0]!.pixelScaleDeg, 0.0005);
  set.close();
});

test("a field that is there twice under two names is told of", async () => {
  const first = writeField(folder, "once", { height: 20, width: 20 });
  mkdirSync(join(folder, "more"));
  const second = join(folder, "more", "again.fits");
  copyFileSync(first, second);
  assert.deepEqual(await warningsOf(first, second), [
    "again.fits is once.fits once more: the same coordinates and the same pixels.",
  ]);
});
