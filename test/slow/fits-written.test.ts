// Written FITS files as fitsverify (HEASARC's checker) and astropy see them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import type { Card, TableUnit, UnitToWrite } from "#sky/fits";
import { readFitsArray, readFitsTable, writeFieldImage, writeFits } from "#sky/fits/disk";
import { pythonCommand } from "../../bench/peer-python.ts";
import { pythonSkip } from "../python.ts";
import { temporaryFolder } from "../sky/fits/fits-file.ts";

const folder = temporaryFolder();
const CARDS: readonly Card[] = [
  { keyword: "BUNIT", value: "JY/BEAM", comment: "flux unit" },
  { keyword: "BMAJ", value: 0.0021666666666666666 },
  { keyword: "BMIN", value: 1e-7 },
  { keyword: "OBSERVER", value: "O'Neil" },
  { keyword: "CTYPE1", value: "RA---SIN" },
  { keyword: "CTYPE2", value: "DEC--SIN" },
  { keyword: "CRPIX1", value: 21 },
  { keyword: "CRPIX2", value: 18 },
  { keyword: "CRVAL1", value: 10.5 },
  { keyword: "CRVAL2", value: -30.25 },
  { keyword: "CDELT1", value: -0.001 },
  { keyword: "CDELT2", value: 0.001 },
  { keyword: "EQUINOX", value: 2000 },
  { keyword: "HISTORY", value: "simulated" },
];

const LONG_TEXT: Card = { keyword: "LONGTEXT", value: `${"it's long ".repeat(12)}- the end` };

function writtenFile(name: string, cards: readonly Card[]): string {
  const path = join(folder, name);
  const pixels = Float32Array.from({ length: 35 * 41 }, (_, index) => (index % 7 === 0 ? Number.NaN : index / 8));
  writeFieldImage(path, { pixels, height: 35, width: 41, cards });
  return path;
}

const hasFitsverify = spawnSync("fitsverify", ["-h"]).error === undefined;
const noFitsverify = hasFitsverify || process.env["CI"] ? false : "fitsverify not found: apt install fitsverify";

const SHAPE = [2, 3, 5];
const numbers = (offset: number) => Array.from({ length: 30 }, (_, index) => index * 7 + offset);

/** Every type of pixel, as images of a cube each, and a table with every type of column. */
const UNITS: readonly UnitToWrite[] = [
  { kind: "image", shape: SHAPE, pixels: Float32Array.from(numbers(0.5)), cards: [{ keyword: "BUNIT", value: "JY/BEAM" }] },
  ...[
    Float64Array.from(numbers(0.125)),
    Uint8Array.from(numbers(0)),
    Int8Array.from(numbers(-128)),
    Int16Array.from(numbers(-32768)),
    Uint16Array.from(numbers(65535 - 210)),
    Int32Array.from(numbers(-2147483648)),
    Uint32Array.from(numbers(4294967295 - 210)),
    BigInt64Array.from(numbers(0), (value) => 2n ** 60n + BigInt(value)),
  ].map(
    (pixels): UnitToWrite => ({
      kind: "image",
      shape: SHAPE,
      pixels,
      cards: [{ keyword: "EXTNAME", value: pixels.constructor.name }],
    }),
  ),
  {
    kind: "table",
    cards: [{ keyword: "EXTNAME", value: "SOURCES" }],
    columns: [
      { name: "Source_id", values: Int32Array.of(1, 2, -3) },
      { name: "RA", unit: "deg", values: Float64Array.of(10.25, 0.1, Number.NaN) },
      { name: "Total_flux", unit: "Jy", values: Float32Array.of(0.5, 1e-5, -0) },
      { name: "Name", values: ["J0041-0918", "it's", ""] },
      { name: "Aliases", values: ["a", "bc", "def", "", "e", "f"], numPerRow: 2 },
      { name: "Resolved", values: [true, false, null] },
      { name: "Flags", values: Uint8Array.of(1, 2, 3, 4, 5, 255), numPerRow: 2 },
      { name: "Short", values: Int16Array.of(-32768, 0, 32767) },
      { name: "Unsigned", values: Uint16Array.of(0, 32768, 65535) },
      { name: "Wide", values: Uint32Array.of(0, 2147483648, 4294967295) },
      { name: "Long", values: BigInt64Array.of(-(2n ** 62n) - 1n, 0n, 2n ** 62n + 1n) },
    ],
  },
];

test("fitsverify finds no error and no warning in written images and tables", { skip: noFitsverify }, () => {
  const units = join(folder, "units.fits");
  writeFits(units, UNITS);
  const table = join(folder, "table.fits");
  writeFits(table, [UNITS.at(-1)!]);
  for (const path of [writtenFile("verified.fits", [...CARDS, LONG_TEXT]), units, table]) {
    const run = spawnSync("fitsverify", [path], { encoding: "utf8" });
    assert.match(run.stdout, /Verification found 0 warning\(s\) and 0 error\(s\)/, run.stdout + run.stderr);
  }
});

test("astropy reads every type of written image and column, and we read them back", { skip: pythonSkip(["astropy"]) }, () => {
  const path = join(folder, "types.fits");
  writeFits(path, UNITS);
  const program = `
import json, sys
from astropy.io import fits
plain = lambda array: [None if value != value else str(value).rstrip() if isinstance(value, (int, str)) else value for value in array.ravel().tolist()]
with fits.open(sys.argv[1], uint=True) as units:
    units.verify("exception")
    images = {unit.name: [unit.data.dtype.name, list(unit.data.shape), plain(unit.data)] for unit in units if unit.name != "SOURCES"}
    table = units["SOURCES"]
    columns = {column.name: [column.unit, plain(table.data[column.name])] for column in table.columns}
    print(json.dumps([images, columns]))
`;
  const run = spawnSync(pythonCommand(), ["-c", program, path], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  // Shape as the program prints it.
  const [images, columns] = JSON.parse(run.stdout) as [
    Record<string, [string, readonly number[], readonly (number | string)[]]>,
    Record<string, [string | null, readonly (number | string | null)[]]>,
  ];
  const types = "float32 float64 uint8 int8 int16 uint16 int32 uint32 int64".split(" ");
  assert.deepEqual(
    Object.values(images).map(([type]) => type),
    types,
  );
  UNITS.forEach((unit, hdu) => {
    if (unit.kind !== "image") return;
    const [, shape, values] = Object.values(images)[hdu]!;
    assert.deepEqual([shape, values.map(Number)], [SHAPE, Array.from(unit.pixels, Number)], types[hdu]);
    assert.deepEqual(Array.from(readFitsArray(path, { hdu }).values), Array.from(unit.pixels, Number), types[hdu]);
  });
  const wanted = UNITS.at(-1) as TableUnit; // the last one is the table
  const table = readFitsTable(path);
  for (const [index, { name, unit, values }] of wanted.columns.entries()) {
    const plain = Array.from<unknown, string>(values as ArrayLike<unknown>, String);
    const [gotUnit, got] = columns[name]!;
    assert.equal(gotUnit ?? undefined, unit, name);
    const asText = (value: unknown) => (value === null ? "NaN" : String(value));
    // astropy knows no third truth value, and Python writes True.
    const truths = ["true", "false", "false"];
    assert.deepEqual(
      got.map((value) => asText(value).replace(/^[TF]/, (letter) => letter.toLowerCase())),
      name === "Resolved" ? truths : plain,
      name,
    );
    assert.deepEqual([...table.columns[index]!.data.values].map(String), plain, `${name}, read back`);
  }
});

test("astropy reads the pixels and cards of a written image", { skip: pythonSkip(["astropy"]) }, () => {
  const program = `
import json, sys
import numpy as np
from astropy.io import fits
with fits.open(sys.argv[1]) as units:
    units.verify("exception")
    data, header = units[0].data, units[0].header
    cards = {key: header[key] for key in ("BUNIT", "BMAJ", "BMIN", "OBSERVER", "LONGTEXT", "CRVAL2")}
    print(json.dumps({"shape": data.shape, "nan": int(np.isnan(data).sum()), "sum": float(np.nansum(data, dtype=float)), "corner": float(data[0, 40]), **cards}))
`;
  const run = spawnSync(pythonCommand(), ["-c", program, writtenFile("read.fits", [...CARDS, LONG_TEXT])], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  const numbers = Array.from({ length: 35 * 41 }, (_, index) => index);
  assert.deepEqual(JSON.parse(run.stdout), {
    shape: [35, 41],
    nan: 205,
    sum: numbers.filter((index) => index % 7 !== 0).reduce((sum, index) => sum + index / 8, 0),
    corner: 5,
    BUNIT: "JY/BEAM",
    BMAJ: 0.0021666666666666666,
    BMIN: 1e-7,
    OBSERVER: "O'Neil",
    LONGTEXT: LONG_TEXT.value,
    CRVAL2: -30.25,
  });
});
