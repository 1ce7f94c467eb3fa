// Beams and flux units in the dialects of AIPS, Obit, CASA and Miriad.
import assert from "node:assert/strict";
import { test } from "node:test";
import { beamOf, type Card, fieldNameOf, fitsHeader, fluxUnitOf } from "#sky/fits";

const card = (keyword: string, value: string | number): Card => ({ keyword, value });
// Lines as AIPS writes them (VLA FIRST and NVSS images).
const CLEAN_LINE = card("HISTORY", "AIPS   CLEAN BMAJ=  1.7778E-03 BMIN=  1.5000E-03 BPA=  12.50");
const EARLIER_LINE = card("HISTORY", "AIPS   CLEAN BMAJ=  9.0000E-03 BMIN=  9.0000E-03 BPA=   0.00");

test("the beam is BMAJ, BMIN and BPA, with an angle of 0 where none is given", () => {
  const beam = beamOf(fitsHeader([card("BMAJ", 0.002), card("BMIN", 0.001), card("BPA", -30)]));
  assert.deepEqual(beam, { majorDeg: 0.002, minorDeg: 0.001, positionAngleDeg: -30 });
  const round = beamOf(fitsHeader([card("BMAJ", 0.002), card("BMIN", 0.002)]));
  assert.deepEqual(round, { majorDeg: 0.002, minorDeg: 0.002, positionAngleDeg: 0 });
});

test("without BMAJ the last CLEAN line of AIPS's history gives the beam", () => {
  const header = fitsHeader([EARLIER_LINE, CLEAN_LINE, card("HISTORY", "AIPS   CLEAN NITER=        1")]);
  assert.deepEqual(beamOf(header), { majorDeg: 1.7778e-3, minorDeg: 1.5e-3, positionAngleDeg: 12.5 });
  const both = fitsHeader([CLEAN_LINE, card("BMAJ", 0.002), card("BMIN", 0.002)]);
  assert.equal(beamOf(both)!.majorDeg, 0.002);
});

test("Obit's CLEANBMJ is a beam too", () => {
  const header = fitsHeader([card("CLEANBMJ", 0.022), card("CLEANBMN", 0.021), card("CLEANBPA", 4)]);
  assert.deepEqual(beamOf(header), { majorDeg: 0.022, minorDeg: 0.021, positionAngleDeg: 4 });
});

test("a beam of zero or missing width is no beam", () => {
  assert.equal(beamOf(fitsHeader([])), undefined);
  assert.equal(beamOf(fitsHeader([card("BMAJ", 0), card("BMIN", 0)])), undefined);
  assert.equal(beamOf(fitsHeader([card("BMAJ", 0.002)])), undefined);
  assert.equal(beamOf(fitsHeader([card("BMAJ", "unknown"), card("BMIN", 0.002)])), undefined);
});

test("flux units have one spelling, and units that may mean two things stay as they are", () => {
  const units: readonly (readonly [bunit: string, unit: string])[] = [
    ["JY/BEAM", "Jy/beam"],
    ["JY/BEAM ", "Jy/beam"],
    ["Jy/beam", "Jy/beam"],
    ["Jy beam-1", "Jy/beam"],
    ["Jy beam^-1", "Jy/beam"],
    ["Jy.beam**-1", "Jy/beam"],
    ["beam-1 Jy", "Jy/beam"],
    ["mJy/beam", "mJy/beam"],
    ["uJy/beam", "uJy/beam"],
    ["JY/PIXEL", "Jy/pixel"],
    ["MJY/BEAM", "MJY/BEAM"],
    ["K", "K"],
    ["Jy beam", "Jy beam"],
    ["", "arbitrary"],
  ];
  for (const [bunit, unit] of units) assert.equal(fluxUnitOf(fitsHeader([card("BUNIT", bunit)])), unit, bunit);
  assert.equal(fluxUnitOf(fitsHeader([])), "arbitrary");
});

test("a field is named after its file without folder and ending", () => {
  assert.equal(fieldNameOf("data/Abell_133_aFix_pol_I_Farcsec_5pln_cor.fits.gz"), "Abell_133_aFix_pol_I_Farcsec_5pln_cor");
  assert.equal(fieldNameOf("100_016.732+000.523_0.1538_0026.95.fits"), "100_016.732+000.523_0.1538_0026.95");
  assert.equal(fieldNameOf("a\\b\\Map.FIT"), "Map");
  assert.equal(fieldNameOf("B1_1000h_0.3tr.fits.fz"), "B1_1000h_0.3tr");
  assert.equal(fieldNameOf("noending"), "noending");
});
