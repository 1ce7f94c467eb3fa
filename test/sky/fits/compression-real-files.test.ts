// The codecs against every tile-compressed image at hand whose values astropy told (fits_cases/expected_astropy.json).
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { atHand, type ExpectedUnit, expectedUnits } from "./astropy-values.ts";
import { compressedImage, decodeImage } from "./compressed-tiles.ts";

test("every tile-compressed image at hand has astropy's NaN count, sum, extremes and pixels by the codecs", {
  skip: atHand.skip,
}, () => {
  const expected = expectedUnits();
  const methods = new Map<string, number>();
  for (const [file, units] of Object.entries(expected)) {
    const unit = units.find(({ type }) => type === "CompImageHDU");
    const path = join(atHand.path, file);
    if (!unit || !existsSync(path)) continue;
    const image = compressedImage(path);
    const scale = image.header.number("BSCALE") ?? 1;
    const zero = image.header.number("BZERO") ?? 0;
    checkPixels(
      decodeImage(image).pixels.map((value) => zero + scale * value),
      unit,
      file,
    );
    const method = image.header.string("ZCMPTYPE")!;
    methods.set(method, (methods.get(method) ?? 0) + 1);
  }
  assert.deepEqual([...methods.keys()].toSorted(), ["GZIP_1", "GZIP_2", "HCOMPRESS_1", "PLIO_1", "RICE_1"]);
  assert.ok((methods.get("RICE_1") ?? 0) >= 8, `RICE_1 images: ${methods.get("RICE_1")}`);
});

function checkPixels(pixels: Float64Array, unit: ExpectedUnit, file: string): void {
  const numbers = pixels.filter((value) => !Number.isNaN(value));
  assert.equal(
    pixels.length,
    unit.shape!.reduce((product, size) => product * size, 1),
    file,
  );
  assert.equal(pixels.length - numbers.length, unit.nan, `${file}: NaN`);
  const bound = Math.max(Math.abs(unit.min ?? 0), Math.abs(unit.max ?? 0));
  // Sums of doubles in another order; extremes and single pixels are the same numbers.
  const sum = numbers.reduce((total, value) => total + value, 0);
  assert.ok(
    Math.abs(sum - unit.sum) <= 1e-6 * bound * Math.sqrt(pixels.length) + 1e-9,
    `${file}: sum ${sum}, expected ${unit.sum}`,
  );
  const same = (got: number, wanted: number | null, what: string) =>
    assert.ok(
      wanted === null ? Number.isNaN(got) : Math.abs(got - wanted) <= 1e-12 * bound,
      `${file}: ${what} ${got}, expected ${wanted}`,
    );
  same(
    numbers.reduce((least, value) => Math.min(least, value), Infinity),
    unit.min,
    "smallest",
  );
  same(
    numbers.reduce((most, value) => Math.max(most, value), -Infinity),
    unit.max,
    "largest",
  );
  unit.first.forEach((value, index) => void same(pixels[index]!, value, `pixel ${index}`));
  same(pixels[Math.floor(pixels.length / 2)]!, unit.mid, "middle pixel");
}
