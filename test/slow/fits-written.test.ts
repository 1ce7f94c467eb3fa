// Written FITS files as fitsverify (HEASARC's checker) and astropy see them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import type { Card } from "#sky/fits";
import { writeFieldImage } from "#sky/fits/disk";
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

test("fitsverify finds no error and no warning in a written image", { skip: noFitsverify }, () => {
  const run = spawnSync("fitsverify", [writtenFile("verified.fits", CARDS)], { encoding: "utf8" });
  assert.match(run.stdout, /Verification found 0 warning\(s\) and 0 error\(s\)/, run.stdout + run.stderr);
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
