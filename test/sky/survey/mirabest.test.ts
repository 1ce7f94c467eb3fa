import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { isArray, isDictionary, parseTar, unpickle } from "#base/files";
import { readBytes } from "#base/files/disk";
import { readFieldImage } from "#sky/fits/disk";
import { isInMiraBestSubset, MIRABEST_CODES, miraBestClass, miraBestPicture, parseMiraBestName } from "#sky/survey";
import { realData } from "../../real-data.ts";

test("MiraBest's codes are class, confidence and morphology", () => {
  assert.deepEqual(miraBestClass("102"), { label: "FRI", labelConfidence: "confident", morphology: "wide-angle tail" });
  assert.deepEqual(miraBestClass("201"), { label: "FRII", labelConfidence: "confident", morphology: "double-double" });
  assert.deepEqual(miraBestClass("310"), { label: "hybrid", labelConfidence: "uncertain", morphology: "standard" });
  for (const wrong of ["", "10", "400", "120", "103", "1000"]) assert.equal(miraBestClass(wrong), undefined, wrong);
});

test("MiraBest's parts: hybrids are neither confident nor uncertain", () => {
  const inSubset = (subset: Parameters<typeof isInMiraBestSubset>[1]) =>
    MIRABEST_CODES.filter((code) => isInMiraBestSubset(miraBestClass(code)!, subset));
  assert.deepEqual(inSubset("confident"), ["100", "102", "104", "200", "201"]);
  assert.deepEqual(inSubset("uncertain"), ["110", "112", "210"]);
  assert.deepEqual(inSubset("hybrid"), ["300", "310"]);
  assert.equal(inSubset("all").length, 10);
});

test("a MiraBest picture's name tells its position and redshift, south of the equator too", () => {
  assert.deepEqual(parseMiraBestName("./MiraBest_F/PNG/Scaled_Final/100_335.417-008.424_0.0707_0208.39.png"), {
    id: "100_335.417-008.424_0.0707_0208.39",
    code: "100",
    raDeg: 335.417,
    decDeg: -8.424,
    redshift: 0.0707,
  });
  assert.equal(parseMiraBestName("picture.png"), undefined);
});

test("MiraBest's recipe has no answer for a field without a source, or one too small", () => {
  assert.throws(() => miraBestPicture({ height: 300, width: 300, pixels: new Float32Array(90_000) }), {
    message: "miraBestPicture: no pixel is above three times the noise.",
  });
  assert.throws(() => miraBestPicture({ height: 100, width: 300, pixels: new Float32Array(30_000) }), {
    message: "miraBestPicture: expected an even field of 150 pixels or more a side, got 100 x 300.",
  });
});

const fits = realData("mirabest/fits_sample");
const batches = realData("mirabest/MiraBest_F_batches.tar.gz");

test("19 FIRST fields become MiraBest's own pictures, bit for bit", { skip: fits.skip || batches.skip }, () => {
  const pictures = new Map<string, Uint8Array>();
  for (const { name, bytes } of parseTar(new Uint8Array(gunzipSync(readBytes(batches.path))))) {
    if (!/_batch(_\d)?$/.test(name)) continue;
    const batch = unpickle(bytes, name);
    assert.ok(isDictionary(batch));
    const [names, data] = [batch.get("filenames"), batch.get("data")];
    assert.ok(Array.isArray(names) && Array.isArray(data));
    for (const [index, picture] of data.entries()) {
      assert.ok(isArray(picture));
      pictures.set(parseMiraBestName(String(names[index]))!.id, picture.data as Uint8Array); // uint8 in the whole set
    }
  }
  assert.equal(pictures.size, 1256);
  const files = readdirSync(fits.path).filter((name) => name.endsWith(".fits"));
  assert.equal(files.length, 19);
  for (const file of files) {
    const made = miraBestPicture(readFieldImage(join(fits.path, file)));
    assert.deepEqual(made, new Uint8Array(pictures.get(file.replace(".fits", ""))!), file);
  }
});
