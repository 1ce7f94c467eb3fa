// Every FITS file at hand that astropy's numbers are known for is read as they say.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FitsError } from "#sky/fits";
import { loadFieldImage, readFieldImage, readFitsArray } from "#sky/fits/disk";
import { realData } from "../../real-data.ts";
import { atHand, type ExpectedUnit, expectedUnits } from "./astropy-values.ts";

/** Physical values with astropy's NaN count, sum, extremes and pixels. */
function checkValues(values: Float64Array, expected: ExpectedUnit, what: string): void {
  let [nan, sum, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (Number.isNaN(value)) nan += 1;
    else {
      sum += value;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  assert.equal(nan, expected.nan, `${what}: number of NaN`);
  // astropy scales integers to float32 and adds up in another order.
  const unit = 1e-7 * Math.max(Math.abs(expected.min ?? 0), Math.abs(expected.max ?? 0));
  const close = (got: number, wanted: number | null, tolerance: number, name: string) =>
    assert.ok(
      wanted === null ? Number.isNaN(got) : Math.abs(got - wanted) <= tolerance,
      `${what}: ${name}: expected ${wanted}, got ${got}`,
    );
  close(sum, expected.sum, unit * values.length, "sum");
  if (expected.min !== null) close(min, expected.min, unit, "smallest pixel");
  if (expected.max !== null) close(max, expected.max, unit, "largest pixel");
  expected.first.forEach((value, index) => {
    close(values[index]!, value, unit, `pixel ${index}`);
  });
  close(values[Math.floor(values.length / 2)]!, expected.mid, unit, "middle pixel");
}

/** Every plane, read by itself at once and ahead, is the rounded part of the whole. */
async function checkPlanes(path: string, hdu: number, values: Float64Array): Promise<void> {
  const { numPlanes, height, width } = readFieldImage(path, { hdu });
  assert.equal(numPlanes * height * width, values.length, path);
  for (let plane = 0; plane < numPlanes; plane++) {
    const part = Float32Array.from(values.subarray(plane * height * width, (plane + 1) * height * width));
    const read = readFieldImage(path, { hdu, plane });
    assert.deepEqual(read.pixels, part, `${path}: plane ${plane}`);
    const loaded = await loadFieldImage(path, { hdu, plane });
    assert.deepEqual(loaded.pixels, part, `${path}: plane ${plane}, read ahead`);
    assert.equal(loaded.sha256, read.sha256, path);
  }
}

test("every image of every file at hand has astropy's shape, NaN count, sum, extremes and pixels, and so has each plane by itself", {
  skip: atHand.skip,
}, async () => {
  const expected = expectedUnits();
  let [numImages, numCompressed, numPacked, numRefused] = [0, 0, 0, 0];
  for (const [file, units] of Object.entries(expected)) {
    const path = join(atHand.path, file);
    if (!existsSync(path)) continue;
    for (const unit of units) {
      const { hdu, type, shape } = unit;
      if (shape === undefined) {
        assert.throws(() => readFitsArray(path, { hdu }), FitsError, `${path}, HDU ${hdu}`);
        numRefused += 1;
        continue;
      }
      const array = readFitsArray(path, { hdu });
      assert.deepEqual(array.shape, shape, path);
      checkValues(array.values, unit, `${path}, HDU ${hdu}`);
      if (shape.length > 1) await checkPlanes(path, hdu, array.values);
      numImages += 1;
      if (type === "CompImageHDU") numCompressed += 1;
      if (file.endsWith(".gz")) numPacked += 1;
    }
  }
  assert.deepEqual([numImages, numCompressed, numPacked, numRefused], [88, 21, 9, 68]);
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
