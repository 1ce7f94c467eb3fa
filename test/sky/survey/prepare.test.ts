import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readBytes } from "#base/files/disk";
import { readFieldImage, writeFits } from "#sky/fits/disk";
import { type CropSet, fieldStatistics } from "#sky/survey";
import { importImages, openCropSet, type PrepareOptions, prepareCropSet } from "#sky/survey/disk";
import { testFolder, writeCatalogue, writeField } from "./small-fields.ts";

const folder = testFolder();
const out = (name: string) => join(folder, name);

/** Prepares, opens, hands over and closes. */
async function prepared(options: PrepareOptions, look: (set: CropSet) => void): Promise<void> {
  await prepareCropSet(options);
  const set = await openCropSet(options.out);
  try {
    look(set);
  } finally {
    set.close();
  }
}

/** Asserts that preparing fails with one line, and leaves nothing of the set behind. */
async function refused(options: PrepareOptions, message: RegExp): Promise<void> {
  const before = readdirSync(folder);
  await assert.rejects(prepareCropSet(options), (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
  assert.deepEqual(readdirSync(folder), before);
}

test("a crop set's pixels are the field's own, at the places that its table says", async () => {
  const path = writeField(folder, "plain", { height: 50, width: 70 });
  const field = readFieldImage(path);
  await prepared({ inputs: [path], out: out("plain-set"), cropSize: 32 }, (set) => {
    assert.equal(set.records.length, 2 * 3);
    for (const [index, record] of set.records.entries()) {
      const { y0, x0 } = record as { y0: number; x0: number };
      assert.equal(record.id, `plain-y${y0}-x${x0}`);
      const pixels = set.pixelsOf(index);
      for (let y = 0; y < 32; y++) {
        for (let x = 0; x < 32; x++) assert.equal(pixels[y * 32 + x], field.pixels[(y0 + y) * 70 + x0 + x]);
      }
    }
    assert.deepEqual(
      set.records.map(({ y0, x0 }) => [y0, x0]),
      [
        [0, 0],
        [0, 19],
        [0, 38],
        [18, 0],
        [18, 19],
        [18, 38],
      ],
    );
  });
});

test("cropset.json tells the fields, their beams, the rules and the hashes of what was read", async () => {
  const path = writeField(folder, "told", { height: 40, width: 40 });
  await prepared(
    { inputs: [path], out: out("told-set"), cropSize: 20, margin: 5, tiling: "paper" },
    ({ info, records, pixelsOf }) => {
      const { lowFlux, highFlux, pixelScaleDeg, ...field } = info.fields[0]!;
      assert.deepEqual(field, {
        name: "told",
        file: "told.fits",
        height: 40,
        width: 40,
        beamMajorDeg: 0.002,
        beamMinorDeg: 0.0015,
        beamPositionAngleDeg: 20,
        sha256: readFieldImage(path).sha256,
      });
      assert.ok(Math.abs(pixelScaleDeg! - 0.001) < 1e-12);
      // Gaussian noise of 1e-5: the 2 % and 98 % points lie at 2.05 sigma; 1,600 pixels give them to some 10 %.
      assert.ok(Math.abs(lowFlux + 2.05e-5) < 3e-6 && Math.abs(highFlux - 2.05e-5) < 3e-6);
      assert.deepEqual(
        { ...info, fields: [] },
        {
          version: 1,
          name: "told-set",
          fluxUnit: "Jy/beam",
          tiling: "paper",
          cropSize: 20,
          storedSize: 30,
          lowPercentile: 2,
          highPercentile: 98,
          resizeRule: "none",
          fields: [],
          catalogue: null,
        },
      );
      assert.equal(pixelsOf(0).length, 900);
      for (const record of records) assert.deepEqual([record.lowFlux, record.highFlux], [lowFlux, highFlux]);
      assert.ok(Math.abs(records[0]!.rms! / 1e-5 - 1) < 0.1);
    },
  );
});

test("sources are counted where they lie; a covered crop without any has zero, a field that the catalogue does not reach has null", async () => {
  const near = writeField(folder, "near", { height: 40, width: 40 });
  const far = writeField(folder, "far", { height: 40, width: 40, raDeg: 200 });
  // Quadrants of a 40-pixel field, from its middle: lower left twice, upper right once; one outside.
  const catalogue = writeCatalogue(out("quadrants.csv"), [
    [-15, -15],
    [-2, -8],
    [7, 12],
    [300, 0],
  ]);
  await prepared({ inputs: [near, far], out: out("counted"), cropSize: 20, catalogue }, ({ records, info }) => {
    assert.deepEqual(
      records.map(({ id, sourceCount, catalogueCoverage }) => [id, sourceCount, catalogueCoverage]),
      [
        ["near-y0-x0", 2, 1],
        ["near-y0-x20", 0, 1],
        ["near-y20-x0", 0, 1],
        ["near-y20-x20", 1, 1],
        ["far-y0-x0", null, 0],
        ["far-y0-x20", null, 0],
        ["far-y20-x0", null, 0],
        ["far-y20-x20", null, 0],
      ],
    );
    assert.equal(info.catalogue?.file, "quadrants.csv");
    assert.equal(info.catalogue?.sources, 4);
  });
});

test("the summary tells crops, rejections and sources, and progress tells every field", async () => {
  const holed = writeField(folder, "holed", { height: 40, width: 40, change: (pixels) => pixels.fill(Number.NaN, 0, 3) });
  const whole = writeField(folder, "whole", { height: 20, width: 20, raDeg: 60 });
  const catalogue = writeCatalogue(out("some.csv"), [
    [-15, -15],
    [7, 12],
    [300, 0],
  ]);
  const seen: unknown[] = [];
  const summary = await prepareCropSet({ inputs: [holed, whole], out: out("summed"), cropSize: 20, catalogue }, (progress) =>
    seen.push(progress),
  );
  const { fields, ...totals } = summary;
  assert.deepEqual(totals, {
    out: out("summed"),
    crops: 4,
    rejected: 1,
    beyondEdge: 0,
    sources: 3,
    sourcesInside: 2,
    sourcesExcluded: 0,
    ownedSources: 1,
    resumedFields: 0,
    centres: null,
    warnings: [],
  });
  assert.deepEqual(
    fields.map(({ name, crops, rejected, sourcesInside }) => [name, crops, rejected, sourcesInside]),
    [
      ["holed", 3, 1, 2],
      ["whole", 1, 0, null],
    ],
  );
  assert.deepEqual(seen, [
    { field: "holed", done: 1, total: 2, isResumed: false },
    { field: "whole", done: 2, total: 2, isResumed: false },
  ]);
});

test("a NaN fraction lets crops pass, stores their NaN as 0 and says how many", async () => {
  const path = writeField(folder, "lenient", { height: 20, width: 20, change: (pixels) => pixels.fill(Number.NaN, 0, 3) });
  const summary = await prepareCropSet({ inputs: [path], out: out("lenient-set"), cropSize: 20, maxNanFraction: 0.01 });
  assert.equal(summary.fields[0]!.filledPixels, 3);
  const set = await openCropSet(out("lenient-set"));
  assert.deepEqual(Array.from(set.pixelsOf(0).subarray(0, 3)), [0, 0, 0]);
  set.close();
});

test("a folder of fields is prepared in the order of names, other files and folders in it left alone", async () => {
  const fields = out("fields");
  mkdirSync(fields);
  for (const [name, raDeg] of [
    ["c", 30],
    ["a", 10],
    ["b", 20],
  ] as const)
    writeField(fields, name, { height: 20, width: 20, raDeg });
  writeFileSync(join(fields, "notes.txt"), "not a field");
  await prepared({ inputs: [fields], out: out("ordered"), cropSize: 20 }, ({ records }) => {
    assert.deepEqual(
      records.map(({ field }) => field),
      ["a", "b", "c"],
    );
  });
});

test("fields are of the survey that is named, else of the one that their files' names tell", async () => {
  const path = writeField(folder, "Abell_133_aFix_pol_I_Farcsec_5pln_cor", { height: 20, width: 20 });
  const surveysOf = async (name: string, more: Partial<PrepareOptions>) => {
    const surveys: (string | null)[] = [];
    await prepared({ inputs: [path], out: out(name), cropSize: 20, ...more }, ({ records }) =>
      surveys.push(...records.map(({ survey }) => survey)),
    );
    return surveys;
  };
  assert.deepEqual(await surveysOf("told", {}), ["MGCLS"]);
  assert.deepEqual(await surveysOf("named", { survey: "pilot" }), ["pilot"]);
});

test("the same input gives the same bytes, and a set's hash is the same under another name but not for other crops", async () => {
  const path = writeField(folder, "same", { height: 40, width: 40 });
  const hashes: string[] = [];
  for (const [name, cropSize] of [
    ["first", 20],
    ["second", 20],
    ["third", 10],
  ] as const) {
    await prepared({ inputs: [path], out: out(name), cropSize }, ({ sha256 }) => hashes.push(sha256));
  }
  for (const file of ["crops.npy", "crops.parquet"])
    assert.deepEqual(readBytes(join(out("first"), file)), readBytes(join(out("second"), file)));
  assert.equal(hashes[0], hashes[1]);
  assert.notEqual(hashes[0], hashes[2]);
});

test("a crop set is replaced only when asked, and nothing else ever", async () => {
  const path = writeField(folder, "again", { height: 20, width: 20 });
  const options = { inputs: [path], out: out("again-set"), cropSize: 10 };
  await prepareCropSet(options);
  await refused(options, /again-set: a crop set is there already\. Choose another --out, or --force to replace it\.$/);
  await prepareCropSet({ ...options, cropSize: 20, existing: "replace" });
  assert.deepEqual(readdirSync(out("again-set")).toSorted(), ["crops.npy", "crops.parquet", "cropset.json"]);
  mkdirSync(out("mine"));
  writeFileSync(join(out("mine"), "thesis.tex"), "");
  await refused(
    { ...options, out: out("mine"), existing: "replace" },
    /mine: holds other files than a crop set\. Choose another --out; it is not written over\.$/,
  );
  assert.ok(existsSync(join(out("mine"), "thesis.tex")));
});

test("input that cannot be used is refused in one line, and nothing is written", async () => {
  const good = writeField(folder, "good", { height: 30, width: 40 });
  const base = { inputs: [good], out: out("never"), cropSize: 20 };
  const csv = (name: string, text: string) => {
    writeFileSync(out(name), text);
    return out(name);
  };
  await refused(
    { ...base, cropSize: 31 },
    /good\.fits: --size: expected 1 to 30 pixels, the shorter side of the field \(30 x 40\), got 31\.$/,
  );
  await refused({ ...base, inputs: [out("missing.fits")] }, /missing\.fits: no such file or folder\.$/);
  mkdirSync(out("empty"));
  await refused(
    { ...base, inputs: [out("empty")] },
    /empty: expected FITS files \(\*\.fits, \*\.fit, \*\.fts, also \.gz and \.fz\), got 0 other entries\.$/,
  );
  await refused({ ...base, inputs: [csv("text.fits", "not a FITS file")] }, /text\.fits: not a FITS file/);
  const dead = writeField(folder, "dead", { height: 20, width: 20, change: (pixels) => pixels.fill(Number.NaN) });
  await refused({ ...base, inputs: [good, dead] }, /dead\.fits: all of its 400 pixels are NaN\./);
  const striped = writeField(folder, "striped", { height: 20, width: 20, change: (pixels) => pixels.fill(Number.NaN, 0, 1) });
  await refused(
    { ...base, inputs: [striped] },
    /^prepare: no crop is left: all 1 hold NaN\. Choose a smaller --size or a --max-nan-fraction above 0\.$/,
  );
  const linked = out("linked");
  mkdirSync(linked);
  writeField(linked, "real", { height: 20, width: 20 });
  symlinkSync("nowhere.fits", join(linked, "broken.fits"));
  await refused(
    { ...base, inputs: [linked] },
    /linked\/broken\.fits: expected a file, got a link to nothing\. Remove it, or name the files themselves\.$/,
  );
  const kelvin = writeField(folder, "kelvin", { height: 20, width: 20, fluxUnit: "K" });
  await refused(
    { ...base, inputs: [good, kelvin] },
    /kelvin\.fits: expected the flux unit "Jy\/beam" of good\.fits, got "K"\. Prepare the two apart\.$/,
  );
});

test("a catalogue that cannot be used is refused in one line, and nothing is written", async () => {
  const good = writeField(folder, "seen", { height: 30, width: 40 });
  const base = { inputs: [good], out: out("never"), cropSize: 20 };
  writeFileSync(out("no-positions.csv"), "name,flux\na,1\n");
  await refused({ ...base, catalogue: out("no-positions.csv") }, /no-positions\.csv: /);
  writeFileSync(out("no-rows.csv"), "ra,dec\n");
  await refused(
    { ...base, catalogue: out("no-rows.csv") },
    /no-rows\.csv: expected sources, got a catalogue without rows\. Leave --catalogue out to cut crops without counts\.$/,
  );
  await refused(
    { ...base, centres: out("no-rows.csv") },
    /no-rows\.csv: expected positions to cut crops at, got a catalogue without rows\.$/,
  );
  const elsewhere = writeCatalogue(out("elsewhere.csv"), [
    [500, 0],
    [0, -700],
  ]);
  await refused(
    { ...base, catalogue: elsewhere },
    /elsewhere\.csv: expected sources inside the field, got none of 2\. Its first is at RA 9\.\d+, Dec -30\.0000; the first crop, seen-y0-x0, is at RA 10\.\d+, Dec -30\.\d+ degrees\.$/,
  );
  const unplaced = writeField(folder, "unplaced", { height: 30, width: 40, isPlaced: false });
  await refused(
    { ...base, inputs: [unplaced], catalogue: elsewhere },
    /unplaced\.fits: the catalogue's positions cannot be placed: /,
  );
});

test("settings out of range and two fields of one name are refused before anything is read", async () => {
  const path = writeField(folder, "twice", { height: 20, width: 20 });
  const base = { inputs: [path], out: out("never"), cropSize: 20 };
  await refused({ ...base, margin: -1 }, /^--margin: expected a whole number of pixels from 0, got -1\.$/);
  await refused({ ...base, cropSize: 2.5 }, /^--size: expected a whole number of pixels from 1, got 2\.5\.$/);
  await refused({ ...base, maxNanFraction: 1 }, /^--max-nan-fraction: expected 0 or more and less than 1, got 1\.$/);
  await refused(
    { ...base, lowPercentile: 98, highPercentile: 2 },
    /^--low and --high: expected 0 <= low < high <= 100, got 98 and 2\.$/,
  );
  mkdirSync(out("copies"));
  cpSync(path, join(out("copies"), "twice.fits"));
  await refused(
    { ...base, inputs: [path, out("copies")] },
    /expected every field to have its own name, but .*twice\.fits is called "twice" too\. Rename one\.$/,
  );
});

test("a set without flux unit is arbitrary, and one without world coordinates has crops without positions", async () => {
  const path = writeField(folder, "bare", { height: 20, width: 20, fluxUnit: "K", isPlaced: false });
  await prepared({ inputs: [path], out: out("bare-set"), cropSize: 20 }, ({ info, records }) => {
    assert.equal(info.fluxUnit, "arbitrary");
    assert.equal(info.fields[0]!.beamMajorDeg, null);
    assert.deepEqual([records[0]!.raDeg, records[0]!.cornersRaDeg, records[0]!.sourceCount], [null, null, null]);
  });
});

test("large fields are measured in a thread of their own, and give the same limits and the same errors", async () => {
  // Above the 16 MB from which a thread is worth its start.
  const path = writeField(folder, "wide", { height: 2000, width: 2200, change: (pixels) => pixels.fill(Number.NaN, 0, 50) });
  const range = { lowPercentile: 3, highPercentile: 97 };
  const expected = fieldStatistics(readFieldImage(path).pixels, range, path);
  await prepared({ inputs: [path], out: out("wide-set"), cropSize: 1000, ...range }, ({ records, pixelsOf }) => {
    assert.equal(records.length, 2 * 3 - 1);
    for (const { lowFlux, highFlux, rms } of records) assert.deepEqual({ lowFlux, highFlux, rms }, expected);
    assert.equal(pixelsOf(0).length, 1_000_000);
  });
  const dead = writeField(folder, "wide-dead", { height: 2000, width: 2200, change: (pixels) => pixels.fill(Number.NaN) });
  await refused({ inputs: [dead], out: out("never"), cropSize: 1000 }, /wide-dead\.fits: all of its 4400000 pixels are NaN\./);
});

test("a crop set that was changed or cut short is refused when it is opened, with the file named", async () => {
  const path = writeField(folder, "broken", { height: 20, width: 20 });
  await prepareCropSet({ inputs: [path], out: out("broken-set"), cropSize: 10 });
  const spoiled = async (file: string, change: (bytes: Uint8Array) => Uint8Array | string, message: RegExp) => {
    const target = join(out("broken-set"), file);
    const bytes = readFileSync(target);
    writeFileSync(target, change(bytes));
    await assert.rejects(openCropSet(out("broken-set")), (error) => error instanceof Error && message.test(error.message));
    writeFileSync(target, bytes);
  };
  await spoiled(
    "crops.npy",
    (bytes) => bytes.subarray(0, -4),
    /crops\.npy: expected 1728 bytes for float32 \[4, 10, 10\], got 1724\.$/,
  );
  await spoiled(
    "crops.parquet",
    (bytes) => bytes.map((byte, index) => (index === 50 ? byte ^ 1 : byte)),
    /crops\.parquet: has changed since the set was written/,
  );
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  await spoiled(
    "cropset.json",
    (bytes) => text(bytes).replace('"version": 1', '"version": 2'),
    /cropset\.json: version: expected 1, got 2\. It was written by another version of Suricate\.$/,
  );
  await spoiled(
    "cropset.json",
    (bytes) => text(bytes).replace('"storedSize": 10', '"storedSize": 5'),
    /crops\.npy: expected float32 \[4, 5, 5\], got float32 \[4, 10, 10\]\.$/,
  );
  await spoiled(
    "cropset.json",
    (bytes) => text(bytes).replace('"tiling"', '"tilling"'),
    /cropset\.json: "tilling" is not a setting\. Did you mean/,
  );
  await spoiled(
    "cropset.json",
    (bytes) => text(bytes).slice(0, 200),
    /cropset\.json: expected JSON, got other text: .+\. Prepare the set again\.$/,
  );
  await assert.rejects(
    openCropSet(out("fields-not-there")),
    /fields-not-there: not a crop set: expected a folder with cropset\.json\. Make one with "suricate prepare"\.$/,
  );
  (await openCropSet(out("broken-set"))).close();
});

test("a file of several images is told of, and --hdu chooses by number or name, for fields and for pictures", async () => {
  const stack = join(folder, "stack");
  mkdirSync(stack);
  const image = (name: string, value: number) => ({
    ...{ kind: "image" as const, shape: [20, 20], cards: [{ keyword: "EXTNAME", value: name }] },
    pixels: Float32Array.from({ length: 400 }, (_, index) => value + index),
  });
  writeFits(join(stack, "stack.fits"), [image("RMS", 0), image("SCI", 1000)]);
  const options = { inputs: [stack], cropSize: 20 };
  const first = await prepareCropSet({ ...options, out: out("stack-first") });
  assert.deepEqual(first.fields[0]!.warnings, ['HDU 0 "RMS" is read; HDU 1 "SCI" holds an image, too: --hdu chooses.']);
  for (const [name, hdu] of [
    ["stack-number", 1],
    ["stack-name", "sci"],
  ] as const) {
    await prepared({ ...options, hdu, out: out(name) }, (set) => assert.equal(set.pixelsOf(0)[0], 1000));
    const { fields } = await prepareCropSet({ ...options, hdu, out: out(name), existing: "replace" });
    assert.deepEqual(fields[0]!.warnings, []);
    await importImages({ path: stack, hdu, out: out(`${name}-pictures`) });
    const pictures = await openCropSet(out(`${name}-pictures`));
    assert.equal(pictures.pixelsOf(0)[0], 1000);
    pictures.close();
  }
  await refused({ ...options, hdu: 7, out: out("stack-none") }, /stack\.fits: HDU: expected 0 to 1, got 7\./);
});
