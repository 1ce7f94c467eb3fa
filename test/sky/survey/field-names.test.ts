import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldFinder, fieldKey, namedField } from "#sky/survey";

// Files of MGCLS DR1, and the clusters as its tables spell them.
const MGCLS: readonly (readonly [file: string, cluster: string])[] = [
  ["Abell_133_aFix_pol_I_Farcsec_5pln_cor.fits.gz", "Abell 133"],
  ["Abell_S1063_nofix_pol_I_Farcsec_5pln_cor.FITS", "Abell S1063"],
  ["Abell_2485_noFix_pol_I_15arcsec_fcube_cor.fits", "Abell 2485"],
  ["data/Abell_85.APSCal.1pln.fits.gz", "Abell 85"],
  ["ElGordo_aFix_pol_I_Farcsec_5pln_cor.fits", "El Gordo"],
  ["J0225.9-4154_aFix_pol_I_Farcsec_5pln_cor.fits", "J0225.9-4154"],
  ["J0528.9-3927_B_aFix_pol_I_Farcsec_5pln_cor.fits", "J0528.9-3927"],
  ["RXCJ0225.1-22928_aFix_pol_I_Farcsec_5pln_cor.fits", "RXC J0225.1-2928"],
  ["RXCJ1314_aFix_pol_I_Farcsec_5pln_cor.fits", "RXC J1314.4-2515"],
  ["RXCJ0510.7-0801_aFix_Pol_I_Farcsec_5pln_cor.fits", "RXC J0510.7-0801"],
  ["RXC_J0520.7-1328_aFix_pol_I_Farcsec_5pln_cor.fits", "RXC J0520.7-1328"],
  ["MACSJ_0025.4-1222B_aFix_pol_I_Farcsec_5pln_cor.fits", "MACS J0025.4-1222"],
  ["MACS_J0257.6-2209_aFix_pol_I_Farcsec_5pln_cor.fits", "MACS J0257.6-2209"],
  ["PLCK_G200.9-28.2_aFix_pol_I_Farcsec_5pln_cor.fits", "PLCK G200.9-28.2"],
];

test("MGCLS fields are called as its tables call them, whatever their files are called", () => {
  for (const [file, cluster] of MGCLS) assert.deepEqual(namedField(file), { name: cluster, survey: "MGCLS" }, file);
});

test("a field of another survey is called as its file", () => {
  assert.deepEqual(namedField("fields/abell-209.fits.gz"), { name: "abell-209", survey: null });
  assert.deepEqual(namedField("J1234_mosaic.fits"), { name: "J1234_mosaic", survey: null });
});

test("MIGHTEE's files tell their survey, and keep their names", () => {
  const name = "MIGHTEE_Continuum_Early_Science_COSMOS_r-1p2.app.restored.circ";
  assert.deepEqual(namedField(`${name}.fits`), { name, survey: "MIGHTEE" });
});

test("a field is found by the spellings of catalogues, tables and files, and not by another field's", () => {
  const find = fieldFinder(MGCLS.map(([, cluster]) => cluster));
  for (const [file, cluster] of MGCLS) {
    for (const spelling of [
      cluster,
      file.replace(/\.fits.*$/i, "").replace("data/", ""),
      cluster.replaceAll(" ", "_"),
      `${cluster.toUpperCase()} †`,
      cluster.replace(" ", ""),
    ]) {
      assert.equal(find(spelling), cluster, spelling);
    }
  }
  assert.equal(find("Abell 13"), undefined);
  assert.equal(find("Abell 2485B"), undefined);
  assert.notEqual(fieldKey("J1234+1200"), fieldKey("J1234-1200"));
});

test("names that differ by signs alone are found as they stand, and no guess is made between them", () => {
  const find = fieldFinder(["a-b", "a_b", "c"]);
  assert.deepEqual([find("a-b"), find("a_b"), find("A B"), find(" C ")], ["a-b", "a_b", undefined, "c"]);
});
