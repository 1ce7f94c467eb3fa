// Small files that ask for much: memory and time stay in proportion to the file.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { readTextTable } from "#sky/catalogue/disk";
import { FitsError } from "#sky/fits";
import { loadFieldImage, readFieldImage, readFitsTable } from "#sky/fits/disk";
import { headerBlock, padded, temporaryFolder, writeParts } from "./fits-file.ts";

const folder = temporaryFolder();
const PRIMARY = headerBlock([
  "SIMPLE  =                    T",
  "BITPIX  =                    8",
  "NAXIS   =                    0",
]);

interface Tiles {
  readonly axes: readonly number[];
  readonly tile: readonly number[];
  readonly method: string;
  readonly bitpix?: number;
  readonly more?: readonly string[];
}

/** The header of a compressed image of one column of data, of `rowLength` bytes a row. */
function tileHeader({ axes, tile, method, bitpix = 16, more = [] }: Tiles, rowLength: number, numRows: number, heap: number) {
  return headerBlock([
    ...["XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", `NAXIS1  = ${rowLength}`, `NAXIS2  = ${numRows}`],
    ...[`PCOUNT  = ${heap}`, "GCOUNT  = 1", "TFIELDS = 1", "TTYPE1  = 'COMPRESSED_DATA'"],
    ...[rowLength === 0 ? "TFORM1  = '0PB'" : "TFORM1  = '1PB'", "ZIMAGE  = T", `ZCMPTYPE= '${method}'`, `ZBITPIX = ${bitpix}`],
    ...[`ZNAXIS  = ${axes.length}`, ...axes.map((size, index) => `ZNAXIS${index + 1} = ${size}`)],
    ...tile.map((size, index) => `ZTILE${index + 1}  = ${size}`),
    ...more,
  ]);
}

/** One tile whose data are `bytes`. */
function oneTile(name: string, tiles: Tiles, bytes: Buffer): string {
  const row = Buffer.alloc(8);
  row.writeInt32BE(bytes.length);
  return writeParts(folder, name, PRIMARY, tileHeader(tiles, 8, 1, bytes.length), padded(Buffer.concat([row, bytes])));
}

const refused = (path: string, message: RegExp, read: (path: string) => unknown = readFieldImage) =>
  assert.throws(
    () => read(path),
    (error) => error instanceof FitsError && message.test(error.message) && !error.message.includes("\n"),
  );

test("a tile far larger than the plane that is asked for is refused before it is made, whatever packs it", () => {
  const axes = [4000, 4000, 4000];
  for (const method of ["PLIO_1", "HCOMPRESS_1", "RICE_1", "GZIP_1", "NOCOMPRESS"]) {
    const path = oneTile(`huge-${method}.fits`, { axes, tile: axes, method }, Buffer.alloc(40));
    refused(path, /huge-\w+\.fits: 64000000000 pixels cannot come from 48 bytes of compressed data\. The file is damaged\.$/);
  }
});

test("millions of tiles whose rows take no bytes are refused", () => {
  const tiles = { axes: [8000, 8000], tile: [1, 1], method: "GZIP_1" };
  const path = writeParts(folder, "no-rows.fits", PRIMARY, tileHeader(tiles, 0, 64_000_000, 0));
  refused(path, /no-rows\.fits: expected a column COMPRESSED_DATA of arrays in a compressed image, got none\.$/);
});

test("a dither seed that is no whole number is refused: no pixel is left at 0", () => {
  const more = ["ZQUANTIZ= 'SUBTRACTIVE_DITHER_1'", "ZDITHER0= 1.5", "ZSCALE  = 1.0", "ZZERO   = 0.0"];
  const tiles = { axes: [4, 1], tile: [4, 1], method: "GZIP_1", bitpix: -32, more };
  const path = oneTile("seed.fits", tiles, gzipSync(Buffer.alloc(16, 1)));
  refused(path, /seed\.fits: ZDITHER0: expected a whole number, got 1\.5\.$/);
});

test("arrays that lie in the heap in any order are read in time", () => {
  // A heap of 4 MB and 400,000 arrays of 8 bytes, from the last to the first and to and fro.
  const [numRows, heapLength] = [400_000, 4_000_000];
  const rows = Buffer.alloc(8 * numRows);
  for (let row = 0; row < numRows; row++) {
    rows.writeInt32BE(8, 8 * row);
    const place = row % 2 === 0 ? heapLength - 8 - row * 8 : row * 8;
    rows.writeInt32BE((((place % heapLength) + heapLength) % heapLength) & ~7, 8 * row + 4);
  }
  const header = headerBlock([
    ...["XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 8", `NAXIS2  = ${numRows}`, `PCOUNT  = ${heapLength}`],
    ...["GCOUNT  = 1", "TFIELDS = 1", "TTYPE1  = 'A'", "TFORM1  = '1PB'"],
  ]);
  const heap = Buffer.from(Array.from({ length: heapLength }, (_, index) => (index >> 3) & 255));
  const path = writeParts(folder, "zigzag.fits", PRIMARY, header, padded(Buffer.concat([rows, heap])));
  const started = process.cpuUsage();
  const [column] = readFitsTable(path).columns;
  const { user, system } = process.cpuUsage(started);
  assert.equal(column!.data.values.length, 8 * numRows);
  assert.equal(column!.data.values[8], (8 >> 3) & 255);
  assert.ok((user + system) / 1e6 < 10, `${(user + system) / 1e6} s`);
});

test("an ASCII table whose columns all lie on each other is refused", () => {
  const [rowLength, numColumns] = [10_000, 900];
  const columns = Array.from({ length: numColumns }, (_, index) => [
    `TBCOL${index + 1}  = 1`,
    `TFORM${index + 1}  = 'A${rowLength}'`,
  ]);
  const header = headerBlock([
    ...[
      "XTENSION= 'TABLE'",
      "BITPIX  = 8",
      "NAXIS   = 2",
      `NAXIS1  = ${rowLength}`,
      "NAXIS2  = 100",
      "PCOUNT  = 0",
      "GCOUNT  = 1",
    ],
    ...[`TFIELDS = ${numColumns}`, ...columns.flat()],
  ]);
  const path = writeParts(folder, "overlaid.fits", PRIMARY, header, padded(Buffer.alloc(100 * rowLength, 0x61)));
  refused(
    path,
    /overlaid\.fits: expected columns beside each other in rows of 10000 characters, got 900 of 9000000 together\./,
    readFitsTable,
  );
});

test("a table that says it has billions of rows of no bytes is one without cells", () => {
  const header = headerBlock([
    ...[
      "XTENSION= 'BINTABLE'",
      "BITPIX  = 8",
      "NAXIS   = 2",
      "NAXIS1  = 0",
      "NAXIS2  = 5000000000",
      "PCOUNT  = 0",
      "GCOUNT  = 1",
    ],
    ...[
      "TFIELDS = 3",
      "TTYPE1  = 'RA'",
      "TFORM1  = '0PA'",
      "TTYPE2  = 'field'",
      "TFORM2  = '0A'",
      "TTYPE3  = 'dqf'",
      "TFORM3  = '0PE'",
    ],
  ]);
  const path = writeParts(folder, "rows-of-nothing.fits", PRIMARY, header);
  const { columns } = readFitsTable(path);
  assert.deepEqual(
    columns.map(({ numPerRow, data }) => [numPerRow, data.values.length]),
    [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  );
  assert.deepEqual(readTextTable(path, () => true).table, { headings: [], rows: [] });
});

test("a gzip-compressed image whose tiles lie to and fro is read in time", async () => {
  const [width, height] = [8, 4000];
  const rows = Buffer.alloc(8 * height);
  const heap = Buffer.alloc(1000 * height);
  for (let row = 0; row < height; row++) {
    const place = 1000 * (row % 2 === 0 ? row : height - row);
    rows.writeInt32BE(2 * width, 8 * row);
    rows.writeInt32BE(place, 8 * row + 4);
    for (let column = 0; column < width; column++) heap.writeInt16BE(row + column, place + 2 * column);
  }
  const header = tileHeader({ axes: [width, height], tile: [width, 1], method: "NOCOMPRESS" }, 8, height, heap.length);
  const path = join(folder, "to-and-fro.fits.gz");
  writeFileSync(path, gzipSync(Buffer.concat([PRIMARY, header, padded(Buffer.concat([rows, heap]))])));
  const started = process.cpuUsage();
  const { pixels } = await loadFieldImage(path);
  const { user, system } = process.cpuUsage(started);
  assert.deepEqual(
    pixels,
    Float32Array.from({ length: width * height }, (_, index) => Math.floor(index / width) + (index % width)),
  );
  assert.ok((user + system) / 1e6 < 5, `${(user + system) / 1e6} s`);
});
