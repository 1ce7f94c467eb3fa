// Every FITS file at hand that astropy's numbers are known for: read as they say, or refused with a FitsError.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FitsError } from "#sky/fits";
import { readFieldImage } from "#sky/fits/disk";
import { realData } from "../../real-data.ts";

/** One header-and-data unit in expected_astropy.json; `shape` slowest axis first, sums over all planes. */
interface ExpectedUnit {
  readonly type: string;
  readonly shape?: readonly number[];
  readonly nan: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly first: readonly (number | null)[];
  readonly mid: number | null;
}

const root = realData(".");
const expectations = realData("fits_cases/expected_astropy.json");

/** The first image where it is plain and of at least two axes; undefined for tables, compressed files, 1-D data. */
function expectedImage(file: string, units: readonly ExpectedUnit[]): ExpectedUnit | undefined {
  const image = units.find((unit) => unit.shape !== undefined);
  const isPlain = image && ["PrimaryHDU", "ImageHDU"].includes(image.type) && image.shape!.length >= 2;
  return isPlain && !/\.(gz|fz)$/.test(file) ? image : undefined;
}

function checkImage(path: string, expected: ExpectedUnit): void {
  const shape = expected.shape!;
  const numPixels = shape.reduce((product, size) => product * size, 1);
  const first = readFieldImage(path);
  assert.deepEqual([first.height, first.width], shape.slice(-2), path);
  assert.equal(first.numPlanes * first.height * first.width, numPixels, path);
  const planes = Array.from({ length: first.numPlanes }, (_, plane) => readFieldImage(path, { plane }).pixels);
  const size = first.height * first.width;
  const pixelAt = (index: number) => planes[Math.floor(index / size)]![index % size]!;
  let [nan, sum, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const pixels of planes) {
    for (const value of pixels) {
      if (Number.isNaN(value)) nan += 1;
      else {
        sum += value;
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    }
  }
  assert.equal(nan, expected.nan, `${path}: number of NaN`);
  // Pixels are float32: 2^-24 each, here against numbers that astropy may keep as doubles.
  const unit = 1e-7 * Math.max(Math.abs(expected.min ?? 0), Math.abs(expected.max ?? 0));
  const close = (got: number, wanted: number, tolerance: number, what: string) =>
    assert.ok(Math.abs(got - wanted) <= tolerance, `${path}: ${what}: expected ${wanted}, got ${got}`);
  close(sum, expected.sum, unit * numPixels, "sum");
  if (expected.min !== null) close(min, expected.min, unit, "smallest pixel");
  if (expected.max !== null) close(max, expected.max, unit, "largest pixel");
  expected.first.forEach((value, index) => {
    if (value === null) assert.ok(Number.isNaN(pixelAt(index)), `${path}: pixel ${index} is NaN`);
    else close(pixelAt(index), value, unit, `pixel ${index}`);
  });
  const middle = pixelAt(Math.floor(numPixels / 2));
  if (expected.mid === null) assert.ok(Number.isNaN(middle), `${path}: the middle pixel is NaN`);
  else close(middle, expected.mid, unit, "middle pixel");
}

test("every plain image at hand has astropy's shape, NaN count, sum, extremes and pixels; all else is refused", {
  skip: root.skip || expectations.skip,
}, () => {
  // Shape as the file's README says.
  const expected = JSON.parse(readFileSync(expectations.path, "utf8")) as Record<string, readonly ExpectedUnit[]>;
  let numImages = 0;
  let numRefused = 0;
  for (const [file, units] of Object.entries(expected)) {
    const path = join(root.path, file);
    if (!existsSync(path)) continue;
    const image = expectedImage(file, units);
    if (image) {
      checkImage(path, image);
      numImages += 1;
    } else {
      assert.throws(() => readFieldImage(path), FitsError, path);
      numRefused += 1;
    }
  }
  assert.ok(numImages >= 48, `images read: ${numImages}`);
  assert.ok(numRefused >= 45, `files refused: ${numRefused}`);
});

const sdc1 = realData("widefield/ska_sdc1/B1_1000h_0.3tr.fits");

test("float data with BLANK = -1 keep every pixel (SKA data challenge 1)", { skip: sdc1.skip }, () => {
  const image = readFieldImage(sdc1.path);
  assert.equal(image.header.number("BLANK"), -1);
  assert.ok(!image.pixels.some(Number.isNaN));
  assert.equal(image.name, "B1_1000h_0.3tr");
  assert.deepEqual(image.beam, { majorDeg: 4.16666676756e-4, minorDeg: 4.16666676756e-4, positionAngleDeg: 0 });
  assert.equal(image.fluxUnit, "Jy/beam");
});

const samples = realData("mirabest/fits_sample/100_016.732+000.523_0.1538_0026.95.fits");

test("a header with tabs is read, and the tabs are told (FIRST through SkyView)", { skip: samples.skip }, () => {
  const image = readFieldImage(samples.path);
  assert.deepEqual(image.warnings, ["5 header cards hold tabs or other characters outside printable ASCII."]);
  assert.equal(image.header.string("SURVEY"), "FIRST");
  assert.equal(image.pixelScaleDeg, 0.0005);
});
