// Field images from disk: planes, number types, and every file that cannot be read.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FitsError } from "#sky/fits";
import { readFieldImage } from "#sky/fits/disk";
import { bigEndianFloats, headerBlock, imageCards, padded, temporaryFolder, writeParts } from "./fits-file.ts";

const folder = temporaryFolder();

/** Asserts that reading fails with this FitsError; PATH stands for the file. */
function assertRefused(path: string, message: string, byte?: number, plane = 0): void {
  const wanted = message.replaceAll("PATH", path);
  assert.throws(
    () => readFieldImage(path, { plane }),
    (error: unknown) => {
      assert.ok(error instanceof FitsError, String(error));
      assert.equal(error.message, wanted);
      assert.equal(error.file, path);
      assert.equal(error.byte, byte);
      return true;
    },
  );
}

test("a 2-D float image is read row by row from FITS's first row, NaN and infinity kept", () => {
  const values = [1, 2, 3, Number.NaN, -5.5, Number.POSITIVE_INFINITY];
  const path = writeParts(folder, "Abell_85.fits", headerBlock(imageCards(-32, [3, 2])), padded(bigEndianFloats(values)));
  const image = readFieldImage(path);
  assert.deepEqual([...image.pixels], values);
  assert.deepEqual([image.height, image.width, image.plane, image.numPlanes], [2, 3, 0, 1]);
  assert.deepEqual([image.name, image.file, image.fluxUnit], ["Abell_85", path, "arbitrary"]);
  assert.deepEqual([image.wcs, image.beam, image.pixelScaleDeg], [undefined, undefined, undefined]);
  assert.deepEqual(image.warnings, []);
});

test("one plane of a cube is read and hashed, together with the header, and nothing else", () => {
  const header = headerBlock(imageCards(-32, [2, 2, 3, 2]));
  const data = bigEndianFloats(Array.from({ length: 24 }, (_, index) => index));
  const path = writeParts(folder, "cube.fits", header, padded(data));
  for (const plane of [0, 1, 5]) {
    const image = readFieldImage(path, { plane });
    assert.deepEqual(
      [...image.pixels],
      [0, 1, 2, 3].map((index) => 4 * plane + index),
    );
    assert.deepEqual([image.plane, image.numPlanes], [plane, 6]);
    const bytes = Buffer.concat([header, data.subarray(16 * plane, 16 * plane + 16)]);
    assert.equal(image.sha256, createHash("sha256").update(bytes).digest("hex"));
  }
  assertRefused(path, "PATH: plane: expected 0 to 5 of [2,2,3,2], got 6.", undefined, 6);
  assertRefused(path, "PATH: plane: expected 0 to 5 of [2,2,3,2], got -1.", undefined, -1);
  assertRefused(path, "PATH: plane: expected 0 to 5 of [2,2,3,2], got 0.5.", undefined, 0.5);
});

test("an image larger than one reading is put together without a seam", () => {
  const [height, width] = [300, 301];
  const values = Array.from({ length: height * width }, (_, index) => index);
  const path = writeParts(folder, "large.fits", headerBlock(imageCards(-32, [width, height])), padded(bigEndianFloats(values)));
  assert.deepEqual(readFieldImage(path).pixels, Float32Array.from(values));
  const doubles = Buffer.alloc(values.length * 8);
  values.forEach((value, index) => void doubles.writeDoubleBE(value / 2, index * 8));
  const wide = writeParts(folder, "large64.fits", headerBlock(imageCards(-64, [width, height])), padded(doubles));
  assert.deepEqual(
    readFieldImage(wide).pixels,
    Float32Array.from(values, (value) => value / 2),
  );
});

test("axes of length 1 do not count, wherever they stand", () => {
  const data = padded(bigEndianFloats([1, 2, 3, 4, 5, 6]));
  for (const axes of [
    [3, 2, 1, 1],
    [1, 3, 2],
    [3, 1, 2],
    [1, 3, 1, 2, 1],
    [3, 2, 1, 1, 1, 1],
  ]) {
    const image = readFieldImage(writeParts(folder, "degenerate.fits", headerBlock(imageCards(-32, axes)), data));
    assert.deepEqual([image.height, image.width, image.numPlanes], [2, 3, 1], `axes ${axes}`);
    assert.deepEqual([...image.pixels], [1, 2, 3, 4, 5, 6], `axes ${axes}`);
  }
  const one = readFieldImage(writeParts(folder, "column.fits", headerBlock(imageCards(-32, [1, 6])), data));
  assert.deepEqual([one.height, one.width], [6, 1]);
});

test("the image's axes are RA and Dec where the header names them", () => {
  const sky = ["CTYPE2  = 'RA---SIN'", "CTYPE3  = 'DEC--SIN'"];
  const data = padded(bigEndianFloats([1, 2, 3, 4, 5, 6]));
  const image = readFieldImage(writeParts(folder, "sky.fits", headerBlock(imageCards(-32, [1, 1, 3, 2], sky)), data));
  assert.deepEqual([image.height, image.width, image.numPlanes], [3, 1, 2]);
  const frequencyFirst = writeParts(folder, "frequency-first.fits", headerBlock(imageCards(-32, [2, 1, 3], sky)), data);
  assertRefused(
    frequencyFirst,
    "PATH: the image's axes 2 and 3 are not the fastest of [2,1,3]: axis 1 runs before them. Reorder the axes first.",
  );
});

test("integers of every size are scaled by BSCALE and BZERO, and BLANK is NaN", () => {
  const scaled = ["BSCALE  = 0.5", "BZERO   = 10", "BLANK   = 7"];
  const int16 = Buffer.alloc(8);
  [0, -2, 7, 300].forEach((value, index) => void int16.writeInt16BE(value, index * 2));
  const int32 = Buffer.alloc(16);
  [0, -2, 7, 300].forEach((value, index) => void int32.writeInt32BE(value, index * 4));
  const int64 = Buffer.alloc(32);
  [0n, -2n, 7n, 300n].forEach((value, index) => void int64.writeBigInt64BE(value, index * 8));
  for (const [bitpix, data] of [
    [16, int16],
    [32, int32],
    [64, int64],
  ] as const) {
    const path = writeParts(folder, `int${bitpix}.fits`, headerBlock(imageCards(bitpix, [2, 2], scaled)), padded(data));
    assert.deepEqual([...readFieldImage(path).pixels], [10, 9, Number.NaN, 160], `BITPIX ${bitpix}`);
  }
  const bytes = writeParts(folder, "uint8.fits", headerBlock(imageCards(8, [2, 2])), padded(Buffer.from([0, 1, 128, 255])));
  assert.deepEqual([...readFieldImage(bytes).pixels], [0, 1, 128, 255]);
  const unsigned = headerBlock(imageCards(16, [2, 2], ["BZERO   = 32768"]));
  const path = writeParts(folder, "uint16.fits", unsigned, padded(Buffer.from([0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff])));
  assert.deepEqual([...readFieldImage(path).pixels], [0, 32768, 65535, 32767]);
});

test("a BLANK that no double can hold is found in 64-bit integers", () => {
  const data = Buffer.alloc(32);
  const blank = -9223372036854775807n;
  [blank, blank - 1n, 1n, 2n].forEach((value, index) => void data.writeBigInt64BE(value, index * 8));
  const header = headerBlock(imageCards(64, [2, 2], [`BLANK   = ${blank}`]));
  const pixels = readFieldImage(writeParts(folder, "blank64.fits", header, padded(data))).pixels;
  assert.deepEqual([...pixels].map(Number.isNaN), [true, false, false, false]);
});

test("floats are scaled too, and BLANK says nothing about them", () => {
  const more = ["BSCALE  = 2", "BZERO   = 1", "BLANK   = -1"];
  const header = headerBlock(imageCards(-32, [2, 2], more));
  const path = writeParts(folder, "scaled.fits", header, padded(bigEndianFloats([-1, 0, Number.NaN, 2])));
  assert.deepEqual([...readFieldImage(path).pixels], [-1, 1, Number.NaN, 5]);
});

const EMPTY_PRIMARY = headerBlock(imageCards(8, [], ["EXTEND  = T"]));

/** An extension's header. */
function extension(kind: string, bitpix: number, axes: readonly number[], more: readonly string[] = []): Buffer {
  const [, ...cards] = imageCards(bitpix, axes, ["PCOUNT  = 0", "GCOUNT  = 1", ...more]);
  return headerBlock([`XTENSION= '${kind.padEnd(8)}'`, ...cards]);
}

test("the first image extension is read where the primary header has no data", () => {
  const table = [extension("BINTABLE", 8, [4, 2], ["TFIELDS = 0"]), padded(Buffer.alloc(8))];
  const header = extension("IMAGE", -32, [2, 2]);
  const data = bigEndianFloats([1, 2, 3, 4]);
  const path = writeParts(folder, "extension.fits", EMPTY_PRIMARY, ...table, header, padded(data));
  const image = readFieldImage(path);
  assert.deepEqual([...image.pixels], [1, 2, 3, 4]);
  assert.equal(image.sha256, createHash("sha256").update(header).update(data).digest("hex"));
});

test("a file without the padding of its last block is read with a warning", () => {
  const path = writeParts(folder, "unpadded.fits", headerBlock(imageCards(-32, [2, 2])), bigEndianFloats([1, 2, 3, 4]));
  const image = readFieldImage(path);
  assert.deepEqual([...image.pixels], [1, 2, 3, 4]);
  assert.deepEqual(image.warnings, ["the file ends at byte 2896 without the padding to byte 5760."]);
});

test("a truncated file is refused with the byte where it ends", () => {
  const path = writeParts(folder, "short.fits", headerBlock(imageCards(-32, [1000, 1000])), Buffer.alloc(5000));
  assertRefused(
    path,
    "PATH: data ends at byte 7880, but NAXIS1 x NAXIS2 x BITPIX ask for 4002880. The download may be cut short.",
    7880,
  );
  // The asked plane would be there, but the file is not what its header says.
  const cube = writeParts(folder, "short-cube.fits", headerBlock(imageCards(-32, [2, 2, 2])), Buffer.alloc(16));
  assertRefused(
    cube,
    "PATH: data ends at byte 2896, but NAXIS1 x NAXIS2 x NAXIS3 x BITPIX ask for 2912. The download may be cut short.",
    2896,
  );
  const header = writeParts(folder, "short-header.fits", headerBlock(imageCards(-32, [2, 2])).subarray(0, 400));
  assertRefused(header, "PATH: the header has no END card: expected one before byte 400. The file may be cut short.", 400);
});

test("a header longer than the first reading is read whole", () => {
  const history = Array.from({ length: 5000 }, (_, index) => `HISTORY ${index}`);
  const header = headerBlock(imageCards(-32, [2, 2], history));
  const image = readFieldImage(writeParts(folder, "history.fits", header, padded(bigEndianFloats([1, 2, 3, 4]))));
  assert.deepEqual([...image.pixels], [1, 2, 3, 4]);
  assert.equal(image.header.cards.at(-1)!.value, "4999");
});

test("a missing file, a folder, an empty file and a foreign file are refused", () => {
  assertRefused(join(folder, "nowhere.fits"), "PATH: cannot be read: no such file or folder.");
  const inner = join(folder, "inner");
  mkdirSync(inner);
  assertRefused(inner, "PATH: cannot be read: it is a folder.");
  const empty = writeParts(folder, "empty.fits");
  assertRefused(empty, "PATH: the file is empty: expected a FITS file, got 0 bytes. The download may have failed.", 0);
  const text = writeParts(folder, "text.fits", Buffer.from("<html>404 Not Found</html>"));
  assertRefused(
    text,
    'PATH: not a FITS file: expected byte 0 to begin with "SIMPLE  =", got "<html>404 Not Fo" (XML or HTML).',
    0,
  );
});

test("an image with a wrong NAXIS is refused", () => {
  assertRefused(
    writeParts(folder, "no-axes.fits", headerBlock(imageCards(-32, []))),
    "PATH: holds no image: expected an image, got a primary header without data.",
  );
  const data = Buffer.alloc(2880);
  const refused: readonly (readonly [cards: readonly string[], message: string])[] = [
    [imageCards(-32, [9]), "PATH: NAXIS: expected an image of 2 to 5 axes, got 1 [9]."],
    [
      imageCards(-32, [2, 2, 2, 2, 2, 2]),
      "PATH: NAXIS: expected 2 to 5 axes longer than 1, got 6 in [2,2,2,2,2,2]. Cut out a cube first.",
    ],
    [imageCards(-32, [2, 0]), "PATH: holds no image: expected an image, got a primary header of no pixels [2,0]."],
    [imageCards(-32, [2, -3]), "PATH: NAXIS2: expected a whole number, got -3."],
    [["SIMPLE  = T", "BITPIX  = -32"], "PATH: NAXIS: expected a whole number, got no such card."],
    [["SIMPLE  = T", "BITPIX  = -32", "NAXIS   = 'two'"], 'PATH: NAXIS: expected a whole number, got "two".'],
    [["SIMPLE  = T", "BITPIX  = -32", "NAXIS   = 1000"], "PATH: NAXIS: expected at most 999, got 1000."],
    [["SIMPLE  = T", "BITPIX  = -32", "NAXIS   = 2", "NAXIS1  = 2"], "PATH: NAXIS2: expected a whole number, got no such card."],
    [imageCards(12, [2, 2]), "PATH: BITPIX: expected one of 8, 16, 32, 64, -32, -64, got 12."],
  ];
  for (const [cards, message] of refused) assertRefused(writeParts(folder, "naxis.fits", headerBlock(cards), data), message);
});

test("tables and visibilities are no images, and are named", () => {
  const table = [extension("BINTABLE", 8, [4, 2], ["EXTNAME = 'sources'"]), padded(Buffer.alloc(8))];
  const text = [extension("TABLE", 8, [4, 2], []), padded(Buffer.alloc(8))];
  assertRefused(
    writeParts(folder, "table.fits", EMPTY_PRIMARY, ...table, ...text),
    'PATH: holds no image: expected an image, got a primary header without data, a binary table "sources" of 2 rows, an ASCII table of 2 rows.',
  );
  const groups = headerBlock(imageCards(-32, [0, 3], ["GROUPS  = T", "PCOUNT  = 1", "GCOUNT  = 2"]));
  assertRefused(
    writeParts(folder, "groups.fits", groups, Buffer.alloc(2880)),
    "PATH: holds no image: expected an image, got random groups (visibilities).",
  );
  const other = [extension("FOREIGN", 8, [4], ["EXTNAME = 'x'"]), padded(Buffer.alloc(4))];
  assertRefused(
    writeParts(folder, "other.fits", EMPTY_PRIMARY, ...other),
    'PATH: holds no image: expected an image, got a primary header without data, an extension "x" of kind "FOREIGN".',
  );
});

test("an image is chosen by its number, counted from the primary unit, or by EXTNAME and EXTVER", () => {
  const image = (name: string, version: number, values: readonly number[]) => [
    extension("IMAGE", -32, [2, 2], [`EXTNAME = '${name}'`, `EXTVER  = ${version}`]),
    padded(bigEndianFloats(values)),
  ];
  const units = [...image("SCI", 1, [1, 2, 3, 4]), ...image("rms map", 1, [5, 6, 7, 8]), ...image("SCI", 2, [9, 10, 11, 12])];
  const path = writeParts(folder, "units.fits", EMPTY_PRIMARY, ...units);
  const first = (hdu?: number | string) => {
    const read = readFieldImage(path, hdu === undefined ? {} : { hdu });
    return [read.pixels[0], read.hdu];
  };
  assert.deepEqual(first(), [1, 1]);
  assert.deepEqual(
    [first(1), first(2), first(3)],
    [
      [1, 1],
      [5, 2],
      [9, 3],
    ],
  );
  assert.deepEqual(
    [first("SCI"), first("sci,2"), first("RMS MAP")],
    [
      [1, 1],
      [9, 3],
      [5, 2],
    ],
  );
  const refused = (hdu: number | string, message: string) =>
    assert.throws(() => readFieldImage(path, { hdu }), { name: "FitsError", message: `${path}: ${message}`, file: path });
  const holds =
    'The file holds a primary header without data, an image "SCI" [2,2], an image "rms map" [2,2], an image "SCI" [2,2].';
  refused(0, "HDU 0: expected an image, got a primary header without data.");
  refused("PRIMARY", 'HDU "PRIMARY": expected an image, got a primary header without data.');
  refused(4, `HDU: expected 0 to 3, got 4. ${holds}`);
  refused("SCI,3", `HDU: expected the name of one of its units, got "SCI,3". ${holds}`);
});

test("an image that no disk can hold is refused before memory is asked for", () => {
  const path = writeParts(folder, "vast.fits", headerBlock(imageCards(-32, [999999, 999999])), Buffer.alloc(2880));
  assertRefused(
    path,
    "PATH: data ends at byte 5760, but NAXIS1 x NAXIS2 x BITPIX ask for 3999992002884. The download may be cut short.",
    5760,
  );
  const beyond = writeParts(folder, "beyond.fits", headerBlock(imageCards(-32, [999999999, 999999999])), Buffer.alloc(2880));
  assertRefused(
    beyond,
    "PATH: the axes [999999999,999999999] with PCOUNT and GCOUNT ask for 3999999992000000000 bytes, which no file can hold.",
  );
});
