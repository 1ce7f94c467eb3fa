// Catalogues to text: golden forms, and back again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { formatCatalogueCsv, formatPybdsfSrl, parseCatalogue, type Source } from "#sky/catalogue";
import { BARE_SOURCE } from "./bare-source.ts";

const SOURCES: readonly Source[] = [
  {
    id: "a,1",
    raDeg: 359.75,
    decDeg: -30.5,
    fluxJy: 2.5e-5,
    peakFluxJyPerBeam: 2e-5,
    majorDeg: 0.002,
    minorDeg: 0.001,
    positionAngleDeg: 45,
    field: 'the "deep" one',
  },
  { ...BARE_SOURCE, raDeg: 0.125, decDeg: 7 },
];

test("CSV has its units in the headings, quotes where they are needed, and empty cells for null", () => {
  assert.equal(
    formatCatalogueCsv(SOURCES),
    "id,field,ra_deg,dec_deg,total_flux_jy,peak_flux_jy_per_beam,maj_deg,min_deg,pa_deg\n" +
      '"a,1","the ""deep"" one",359.75,-30.5,0.000025,0.00002,0.002,0.001,45\n' +
      ",,0.125,7,,,,,\n",
  );
});

test("CSV that is read back is the same sources, to the last bit", () => {
  const random = randomFor(5, "catalogue test");
  const maybe = (value: number) => (random.chance(0.8) ? value : null);
  const sources = Array.from({ length: 200 }, (_, index): Source => {
    const text = ["plain", 'quo"te', "com,ma", "two words", null][index % 5]!;
    return {
      id: text,
      raDeg: random.uniformBetween(0, 360),
      decDeg: random.uniformBetween(-90, 90),
      fluxJy: maybe(10 ** random.uniformBetween(-7, 1)),
      peakFluxJyPerBeam: maybe(random.normal() * 1e-5),
      majorDeg: maybe(random.uniform() * 1e-3),
      minorDeg: maybe(random.uniform() * 1e-3),
      positionAngleDeg: maybe(random.uniformBetween(-180, 180)),
      field: text,
    };
  });
  const back = parseCatalogue(formatCatalogueCsv(sources), { name: "back.csv" });
  assert.deepEqual(back.sources, sources);
  assert.deepEqual(back.warnings, []);
});

test("a source list has PyBDSF's head, columns and decimals", () => {
  assert.equal(
    formatPybdsfSrl(SOURCES, { name: "sky.fits", frequencyHz: 1.28e9 }),
    `# Source list for sky.fits
# Written by Suricate in the manner of PyBDSF
# Reference frequency of the detection ("ch0") image: 1.28000e+09 Hz
# Equinox : 2000.0 

# Source_id RA DEC Total_flux Peak_flux Maj Min PA
   0 359.75000000000000 -30.50000000000000 0.00002500000000 0.00002000000000 0.00200000000000 0.00100000000000 45.00000000000000
   1 0.12500000000000 7.00000000000000 nan nan nan nan nan
`,
  );
});

test("a source list that is read back is the same sources, numbered, without their fields", () => {
  const back = parseCatalogue(formatPybdsfSrl(SOURCES, { name: "sky.fits", frequencyHz: 1.28e9 }), { name: "back.srl" });
  assert.deepEqual(
    back.sources,
    SOURCES.map((source, index) => ({ ...source, id: String(index), field: null })),
  );
});

test("a source list keeps S_Code, by which single Gaussians are told", () => {
  const codes = ["S", "M"];
  const sources = SOURCES.map((source, index) => ({ ...source, sourceCode: codes[index]! }));
  const back = parseCatalogue(formatPybdsfSrl(sources, { name: "sky.fits", frequencyHz: 1.28e9 }), { name: "back.srl" });
  assert.deepEqual(
    back.sources.map(({ sourceCode }) => sourceCode),
    codes,
  );
});
