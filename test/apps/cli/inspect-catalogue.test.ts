// suricate inspect on a catalogue: where its sources lie, how bright and how large they are.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { suricate } from "./suricate.ts";

let folder = "";

before(() => {
  folder = mkdtempSync(join(tmpdir(), "suricate-inspect-"));
  // PyBDSF: fluxes in Jy, sizes in degrees.
  const rows = ["1, 10.5, -30.25, 0.002, 0.0025, 0.002, 45", "2, 11.0, -30.5, 0.05, 0.005, 0.004, 10"];
  writeFileSync(join(folder, "sources.csv"), `Source_id, RA, DEC, Total_flux, Maj, Min, PA\n${rows.join("\n")}\n`);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("inspect tells a catalogue's positions, fluxes and sizes with their ranges", async () => {
  const { status, stdout, stderr } = await suricate(folder, "inspect", "sources.csv", "--json");
  assert.equal(status, 0, stderr);
  const report = JSON.parse(stdout);
  assert.equal(report.sources, 2);
  assert.deepEqual(report.raDeg, { least: 10.5, greatest: 11 });
  assert.deepEqual(report.fluxJy, { least: 0.002, greatest: 0.05 });
  assert.ok(Math.abs(report.majorArcsec.least - 9) < 1e-9 && Math.abs(report.majorArcsec.greatest - 18) < 1e-9);
  const { stdout: lines } = await suricate(folder, "inspect", "sources.csv");
  assert.match(lines, /^ {2}size +9 to 18 arcsec \(major axis, FWHM\), of 2 sources$/m);
});
