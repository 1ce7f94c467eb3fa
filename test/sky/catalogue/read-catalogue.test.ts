// Catalogues from disk, made here and real ones.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Source } from "#sky/catalogue";
import { readCatalogue } from "#sky/catalogue/disk";
import { readFieldImage } from "#sky/fits/disk";
import { realData } from "../../real-data.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-catalogue-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test("a catalogue is named after its file and carries the hash of its bytes", () => {
  const text = "ra,dec\n1,2\n";
  const path = write("a.csv", text);
  const catalogue = readCatalogue(path);
  assert.equal(catalogue.name, path);
  assert.equal(catalogue.sha256, createHash("sha256").update(text).digest("hex"));
  assert.equal(catalogue.sources.length, 1);
});

test("a gzip-compressed catalogue is read as its text", () => {
  assert.deepEqual(
    readCatalogue(write("a.csv.gz", gzipSync("ra,dec\n1,2\n"))).sources.map(({ raDeg, decDeg }) => [raDeg, decDeg]),
    [[1, 2]],
  );
});

test("a catalogue that cannot be read is refused with its path", () => {
  const refused = (path: string, problem: string) =>
    assert.throws(() => readCatalogue(path), { name: "CatalogueError", message: `${path}: ${problem}`, file: path });
  refused(join(folder, "nowhere.csv"), "cannot be read: no such file or folder.");
  refused(folder, "cannot be read: it is a folder.");
  refused(
    write("cut.csv.gz", gzipSync("ra,dec\n1,2\n").subarray(0, 20)),
    "cannot be unpacked: unexpected end of file. The download may be cut short.",
  );
  refused(
    write("huge.csv.gz", gzipSync(new Uint8Array(2 ** 30 + 1), { level: 1 })),
    "expected at most 1073741824 bytes in a catalogue that is unpacked here, got more. Unpack it first.",
  );
  refused(write("bad.csv", "ra,dec\n1\n"), "line 2: expected 2 values, as there are columns, got 1. The file may be cut short.");
});

// Rows and first positions as the files show them in a pager.
const REAL: readonly (readonly [file: string, numSources: number, raDeg: number, decDeg: number])[] = [
  ["widefield/ska_sdc1/B1_1000h_0.3tr.pybdsm.srl", 1963, 359.76412763309571, -29.71954576896097],
  ["widefield/ska_sdc1/B1_1000h_0.3tr.pybdsm.gaul", 2055, 359.76412763309571, -29.71954576896097],
  ["widefield/pybdsf_lofar/tbdsf_process_image.in_fits.pybdsf.srl", 43, 258.24952560944956, 64.15895613560089],
  ["widefield/pybdsf_lofar/tbdsf_process_image.in_fits.pybdsf.gaul", 48, 258.24952560944956, 64.15895613560089],
  ["widefield/tigger_meerkat_sim/cat.gaul", 17, 0.0384745776784, -29.99998767854469],
  ["widefield/aegean_1904/1904_incomplete_cat.csv", 11, 293.15643, -65.26267],
  ["mirabest/first_catalogue_in_fields.csv", 7623, 10.44974167, -9.34555278],
  ["mgcls_protege/protege_subset.csv", 1366, 5.2379, -25.6637],
];

const lofar = realData("widefield/pybdsf_lofar");

for (const list of ["srl", "gaul"]) {
  test(`PyBDSF's ${list} as FITS holds the sources that it holds as text`, { skip: lofar.skip }, () => {
    const path = join(lofar.path, `tbdsf_process_image.in_fits.pybdsf.${list}`);
    const [text, fits] = [readCatalogue(path), readCatalogue(`${path}.FITS`)];
    assert.deepEqual(fits.warnings, text.warnings);
    assert.equal(fits.sources.length, text.sources.length);
    fits.sources.forEach((source, index) => {
      const other = text.sources[index]!;
      assert.deepEqual([source.id, source.sourceCode], [other.id, other.sourceCode]);
      for (const name of ["raDeg", "decDeg", "fluxJy", "peakFluxJyPerBeam", "majorDeg", "positionAngleDeg"] as const) {
        // The text has 14 decimals.
        assert.ok(Math.abs(source[name]! - other[name]!) <= 1e-12 + 1e-9 * Math.abs(other[name]!), `${index}: ${name}`);
      }
    });
    assert.deepEqual(readCatalogue(write(`${list}.fits.gz`, gzipSync(readFileSync(`${path}.FITS`)))).sources, fits.sources);
  });
}

const aegean = realData("widefield/aegean_1904/1904_comp.fits");

test("Aegean's components are read from FITS in the units of their columns", { skip: aegean.skip }, () => {
  const { sources, warnings } = readCatalogue(aegean.path);
  assert.equal(sources.length, 51);
  // astropy's first row: ra 293.15643, dec -65.26267, int_flux 0.5595817 (Jy), a 955.14685 (arcsec), pa -1.5477319.
  const [{ raDeg, decDeg, fluxJy, majorDeg, positionAngleDeg }] = sources as [Source];
  const expected = [293.15643, -65.26267, 0.5595817, 955.14685 / 3600, -1.5477319];
  [raDeg, decDeg, fluxJy, majorDeg, positionAngleDeg].forEach((value, index) => {
    assert.ok(Math.abs(value! - expected[index]!) < 1e-5, `${index}: ${value}`);
  });
  assert.deepEqual(warnings, []);
});

test("a FITS file without a table is no catalogue", () => {
  const header = ["SIMPLE  =                    T", "BITPIX  = 8", "NAXIS   = 0", "END"].map((card) => card.padEnd(80)).join("");
  const path = write("empty.fits", header.padEnd(2880));
  assert.throws(() => readCatalogue(path), {
    name: "CatalogueError",
    message: `${path}: holds no table: expected a table, got a primary header without data.`,
  });
});

for (const [file, numSources, raDeg, decDeg] of REAL) {
  const data = realData(file);
  test(`${file} is read whole`, { skip: data.skip }, () => {
    const { sources } = readCatalogue(data.path);
    assert.equal(sources.length, numSources);
    assert.deepEqual([sources[0]!.raDeg, sources[0]!.decDeg], [raDeg, decDeg]);
  });
}

const first = realData("mirabest/first_catalogue_in_fields.csv");
const samples = realData("mirabest/fits_sample/102_161.256+012.967_0.3056_0028.41.fits");

test("FIRST's sources fall on the pixels that their catalogue gives, through the image's coordinates", {
  skip: first.skip || samples.skip,
}, () => {
  const image = readFieldImage(samples.path);
  const [heading, ...lines] = readFileSync(first.path, "utf8").trim().split("\n");
  const names = heading!.split(",");
  const { sources } = readCatalogue(first.path);
  let numCompared = 0;
  sources.forEach((source, index) => {
    if (source.field !== image.name) return;
    const cells = lines[index]!.split(",");
    const pixel = image.wcs!.skyToPixel(source.raDeg, source.decDeg)!;
    // The catalogue's x and y have two decimals.
    assert.ok(Math.abs(pixel.x - Number(cells[names.indexOf("x")])) < 0.01, `x of line ${index + 2}: ${pixel.x}`);
    assert.ok(Math.abs(pixel.y - Number(cells[names.indexOf("y")])) < 0.01, `y of line ${index + 2}: ${pixel.y}`);
    assert.equal(source.fluxJy, Number(cells[names.indexOf("fint_mjy")]) / 1000);
    numCompared += 1;
  });
  assert.ok(numCompared >= 3, `sources in the field: ${numCompared}`);
});

const sdc1 = realData("widefield/ska_sdc1");

test("all 1,963 sources of SKA data challenge 1 lie on its image", { skip: sdc1.skip }, () => {
  const image = readFieldImage(join(sdc1.path, "B1_1000h_0.3tr.fits"));
  const { sources } = readCatalogue(join(sdc1.path, "B1_1000h_0.3tr.pybdsm.srl"));
  const { x, y } = image.wcs!.skyToPixels(
    sources.map(({ raDeg }) => raDeg),
    sources.map(({ decDeg }) => decDeg),
  );
  const isInside = (index: number) =>
    x[index]! >= -0.5 && x[index]! < image.width - 0.5 && y[index]! >= -0.5 && y[index]! < image.height - 0.5;
  assert.equal(sources.filter((_, index) => isInside(index)).length, 1963);
});
