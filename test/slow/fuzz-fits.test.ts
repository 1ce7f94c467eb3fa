// Twenty thousand mutated FITS files of every kind: images, compressed images, tables, gzip. A value or a FitsError, in bounded time and memory.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { type Random, randomFor } from "#base/array";
import { FitsError } from "#sky/fits";
import { loadFieldImage, loadFitsTable, readFieldImage, readFitsArray, readFitsTable, readFitsUnits } from "#sky/fits/disk";
import { realData } from "../real-data.ts";
import { temporaryFolder } from "../sky/fits/fits-file.ts";

const NUM_MUTATIONS = 20_000;
/** No case may take longer, milliseconds, nor may the process grow by more, bytes: images of up to 64 Mpixel are made of small files. */
const LONGEST_CASE = 4000;
const GREATEST_GROWTH = 1.5e9;

const data = realData("fits_cases");
const folder = temporaryFolder();

const compressed = [
  "GZIP_1_float_dither1",
  "GZIP_1_int16",
  "GZIP_2_float_lossless",
  "GZIP_2_int16",
  "HCOMPRESS_1_int16",
  "PLIO_1_mask",
  "RICE_1_float_dither2",
  "RICE_1_int16",
  "RICE_1_int32_tiles32x24",
];

/** Files of every kind, small ones. */
const SEEDS: readonly string[] = [
  ...compressed.map((name) => `derived/comp_${name}.fits.fz`),
  ...["btable", "tdim", "theap-gap", "variable_length_table", "ascii", "compressed_image", "test0", "chandra_time"].map(
    (name) => `astropy/${name}.fits`,
  ),
  ...["small_5D", "noise_4d", "array_types", "small_perplanebeam"].map((name) => `radio/${name}.fits`),
  ...["int16_scaled_blank", "int64_scaled_blank", "multiext"].map((name) => `derived/${name}.fits`),
  "astropy/random_groups.fits",
  "astropy/zerowidth.fits",
  "astropy/dss.14.29.56-62.41.05.fits.gz",
  "radio/FeatherTestIn2.fits.gz",
];

const NUMBERS = [
  "0",
  "1",
  "-1",
  "2",
  "3",
  "7",
  "999",
  "32768",
  "2147483647",
  "-2147483648",
  "4294967296",
  "99999999",
  "9007199254740993",
  "1E30",
  "1.5",
  "NaN",
  "T",
  "'x'",
  "",
];

/** A card of a header whose value becomes another one. */
function mutateCard(bytes: Buffer, random: Random): void {
  const headers = [...bytes.toString("latin1").matchAll(/SIMPLE {2}=|XTENSION=/g)].map(({ index }) => index);
  const start = headers[random.integer(headers.length)] ?? 0;
  const end = bytes.indexOf("END     ", start, "latin1");
  const numCards = Math.max(1, Math.floor(((end < 0 ? bytes.length : end) - start) / 80));
  const card = start + 80 * random.integer(numCards);
  const value = random.chance(0.3)
    ? String(random.integer(300))
    : random.chance(0.3)
      ? `'${"LXBIJKAEDCMPQ"[random.integer(13)]}${random.integer(40)}'`
      : NUMBERS[random.integer(NUMBERS.length)]!;
  if (card + 80 <= bytes.length) bytes.write(value.padEnd(30), card + 10, "latin1");
}

/** A few cards or bytes changed, filled, copied over each other, or the end cut off. */
function mutated(original: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(original);
  const numChanges = 1 + random.integer(4);
  for (let change = 0; change < numChanges; change++) {
    const place = random.integer(bytes.length);
    const kind = random.integer(8);
    if (kind < 3) mutateCard(bytes, random);
    else if (kind === 3) bytes[place] = random.integer(256);
    else if (kind === 4) bytes[place]! ^= 1 << random.integer(8);
    else if (kind === 5) bytes.fill(random.chance(0.5) ? 0xff : 0, place, Math.min(place + 1 + random.integer(20), bytes.length));
    else if (kind === 6) bytes.copyWithin(place, random.integer(bytes.length), random.integer(bytes.length));
    else if (random.chance(0.2)) return bytes.subarray(0, place);
  }
  return bytes;
}

const READERS: readonly ((path: string) => unknown)[] = [
  (path) => readFitsUnits(path),
  (path) => readFieldImage(path),
  (path) => readFieldImage(path, { hdu: 1, plane: 1 }),
  (path) => loadFieldImage(path),
  (path) => readFitsArray(path),
  (path) => readFitsTable(path),
  (path) => loadFitsTable(path, { hdu: 1 }),
];

/** Reads a file in one of the ways; true where it could be read. */
async function isRead(path: string, read: (path: string) => unknown): Promise<boolean> {
  try {
    await read(path);
    return true;
  } catch (error) {
    assert.ok(error instanceof FitsError, `${path}: ${(error as Error).stack}`); // what else is thrown shows itself
    assert.ok(error.message.startsWith(path) && error.message.length < 3000, error.message);
    return false;
  }
}

test(`${NUM_MUTATIONS} mutations of FITS files of every kind end in a value or a FitsError`, { skip: data.skip }, async () => {
  const originals = new Map(SEEDS.map((seed) => [seed, readFileSync(join(data.path, seed))]));
  const startMemory = process.memoryUsage().rss;
  let [numRead, numRefused] = [0, 0];
  for (let index = 0; index < NUM_MUTATIONS; index++) {
    const seed = SEEDS[index % SEEDS.length]!;
    const random = randomFor(11, "fuzz-fits", index);
    const original = originals.get(seed)!;
    // One in ten plain files is mutated first and compressed after: so damage comes to the readers of unpacked bytes too.
    const bytes = mutated(original, random);
    const path = join(folder, basename(seed));
    writeFileSync(path, random.chance(0.1) ? gzipSync(bytes, { level: 1 }) : bytes);
    const started = performance.now();
    // Two ways each: what a mutation meets is another thing for images and for tables.
    for (const way of [random.integer(READERS.length), random.integer(READERS.length)]) {
      if (await isRead(path, READERS[way]!)) numRead += 1;
      else numRefused += 1;
    }
    const took = performance.now() - started;
    assert.ok(took < LONGEST_CASE, `${seed}, mutation ${index}: ${took} ms`);
  }
  // Both must happen often, or nothing was tried.
  assert.ok(numRead > NUM_MUTATIONS / 2 && numRefused > NUM_MUTATIONS / 2, `${numRead} read, ${numRefused} refused`);
  const growth = process.memoryUsage().rss - startMemory;
  assert.ok(growth < GREATEST_GROWTH, `memory grew by ${growth} bytes`);
});
