import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readCatalogue } from "#sky/catalogue/disk";
import { readFieldImage } from "#sky/fits/disk";
import { DEFAULT_SIMPLE_SKY, type SimpleSkyConfig, simulateField } from "#sky/simulator";
import { writeSimpleSky } from "#sky/simulator/disk";

const CONFIG: SimpleSkyConfig = {
  ...DEFAULT_SIMPLE_SKY,
  numFields: 2,
  fieldSize: 128,
  primaryBeamFwhmDeg: 0.93 * 128 * (2 / 3600),
};
const folder = mkdtempSync(join(tmpdir(), "simple-sky-"));
after(() => rmSync(folder, { recursive: true }));
const heard: string[] = [];
const sky = writeSimpleSky(CONFIG, 5, join(folder, "a"), (field) => heard.push(field.name));
const fields = [0, 1].map((index) => simulateField(CONFIG, 5, index));

test("a sky is a folder of images, source lists, one catalogue and one truth, and nothing else", () => {
  assert.deepEqual(readdirSync(join(folder, "a")).toSorted(), [
    "SIM_5_00.fits",
    "SIM_5_00.srl",
    "SIM_5_01.fits",
    "SIM_5_01.srl",
    "catalogue.csv",
    "truth.csv",
  ]);
  assert.deepEqual(heard, ["SIM_5_00", "SIM_5_01"]);
});

test("a simulated image reads back with its pixels, beam, unit and centre", () => {
  const image = readFieldImage(sky.images[1]!);
  assert.deepEqual(image.pixels, fields[1]!.pixels);
  assert.deepEqual(image.beam, fields[1]!.beam);
  assert.equal(image.fluxUnit, "Jy/beam");
  assert.deepEqual(image.warnings, []);
  const centre = image.wcs!.pixelToSky(63.5, 63.5)!;
  assert.ok(Math.abs(centre.raDeg - 6) < 1e-9 && Math.abs(centre.decDeg + 30) < 1e-9);
});

test("the catalogue reads back with every detected source and its field", () => {
  const catalogue = readCatalogue(sky.catalogue);
  assert.equal(catalogue.sources.length, sky.numCatalogued);
  assert.deepEqual(
    catalogue.sources,
    fields.flatMap(({ sources }) => sources),
  );
  assert.deepEqual(catalogue.warnings, []);
});

test("a field's source list is read as PyBDSF's are, to the twelfth decimal", () => {
  const listed = readCatalogue(sky.images[0]!.replace(".fits", ".srl")).sources;
  assert.equal(listed.length, fields[0]!.sources.length);
  for (const [index, { raDeg, peakFluxJyPerBeam }] of listed.entries()) {
    assert.ok(Math.abs(raDeg - fields[0]!.sources[index]!.raDeg) < 1e-12);
    assert.ok(Math.abs(peakFluxJyPerBeam! - fields[0]!.sources[index]!.peakFluxJyPerBeam!) < 1e-12);
  }
});

test("the truth has a line for every source inside the images", () => {
  const lines = readFileSync(sky.truth, "utf8").trimEnd().split("\n");
  assert.equal(lines[0], "id,field,kind,ra_deg,dec_deg,x,y,flux_jy,separation_deg,lobe_deg,pa_deg");
  assert.equal(lines.length - 1, sky.numTrue);
  assert.equal(sky.numTrue, fields[0]!.truth.length + fields[1]!.truth.length);
  const [id, name, kind, , , x] = lines[1]!.split(",");
  const first = fields[0]!.truth[0]!;
  assert.deepEqual([id, name, kind, Number(x)], [`SIM_5_00_${first.id}`, "SIM_5_00", first.kind, first.x]);
});

test("the same seed writes the same bytes", () => {
  writeSimpleSky(CONFIG, 5, join(folder, "b"), () => {});
  for (const file of readdirSync(join(folder, "a")))
    assert.deepEqual(readFileSync(join(folder, "b", file)), readFileSync(join(folder, "a", file)), file);
});
