// Field images to disk: bytes as the standard asks, and back again.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Card } from "#sky/fits";
import { readFieldImage, writeFieldImage } from "#sky/fits/disk";
import { temporaryFolder } from "./fits-file.ts";

const folder = temporaryFolder();
const CARDS: readonly Card[] = [
  { keyword: "BUNIT", value: "JY/BEAM" },
  { keyword: "BMAJ", value: 0.002 },
  { keyword: "BMIN", value: 0.001 },
  { keyword: "CTYPE1", value: "RA---SIN" },
  { keyword: "CTYPE2", value: "DEC--SIN" },
  { keyword: "CRVAL1", value: 10.5 },
  { keyword: "CRVAL2", value: -30.25 },
  { keyword: "CDELT1", value: -0.001 },
  { keyword: "CDELT2", value: 0.001 },
];

test("a written image is big-endian floats after one header block, padded with zeros", () => {
  const path = join(folder, "image.fits");
  const pixels = Float32Array.of(1, -2.5, Number.NaN, 4, 5, 6);
  writeFieldImage(path, { pixels, height: 2, width: 3, cards: CARDS });
  const bytes = readFileSync(path);
  assert.equal(bytes.length, 5760);
  const cards = bytes.subarray(0, 2880).toString("latin1").match(/.{80}/g)!;
  assert.equal(cards[0], "SIMPLE  =                    T / conforms to the FITS standard".padEnd(80));
  assert.equal(cards[1], "BITPIX  =                  -32 / 32-bit floating point".padEnd(80));
  assert.equal(cards[3], "NAXIS1  =                    3".padEnd(80));
  assert.equal(cards[4], "NAXIS2  =                    2".padEnd(80));
  assert.deepEqual(
    Array.from({ length: 6 }, (_, index) => bytes.readFloatBE(2880 + 4 * index)),
    [...pixels],
  );
  assert.ok(bytes.subarray(2880 + 24).every((byte) => byte === 0));
  assert.deepEqual([...pixels.subarray(0, 2)], [1, -2.5], "the caller's pixels stay as they were");
});

test("writing then reading is the identity", () => {
  const path = join(folder, "again.fits");
  const pixels = Float32Array.from({ length: 1000 }, (_, index) => Math.sin(index) * 1e-5);
  writeFieldImage(path, { pixels, height: 25, width: 40, cards: CARDS });
  const image = readFieldImage(path);
  assert.deepEqual(image.pixels, pixels);
  assert.deepEqual([image.height, image.width, image.fluxUnit, image.pixelScaleDeg], [25, 40, "Jy/beam", 0.001]);
  assert.deepEqual(image.beam, { majorDeg: 0.002, minorDeg: 0.001, positionAngleDeg: 0 });
  assert.deepEqual(image.header.cards.slice(5), CARDS);
  assert.deepEqual(image.warnings, []);
});

test("an image whose sizes do not fit, or whose cards speak of the data, is refused and nothing is left", () => {
  const path = join(folder, "refused.fits");
  const write = (numPixels: number, card: Card) => () =>
    writeFieldImage(path, { pixels: new Float32Array(numPixels), height: 2, width: 3, cards: [card] });
  assert.throws(write(5, CARDS[0]!), { name: "FitsError", message: `${path}: expected 6 pixels for 2 x 3, got 5.` });
  for (const keyword of ["NAXIS", "NAXIS3", "BITPIX", "BSCALE", "BLANK"]) {
    const message = `${path}: the card ${keyword} is written from the data. Leave it out.`;
    assert.throws(write(6, { keyword, value: 1 }), { name: "FitsError", message });
  }
  assert.throws(write(6, { keyword: "BMAJ", value: Number.NaN }), { name: "FitsError" });
  assert.equal(existsSync(path), false);
  assert.deepEqual(readdirSync(folder).toSorted(), ["again.fits", "image.fits"]);
});
