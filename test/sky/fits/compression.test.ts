// The codecs of tile-compressed images: vectors worked out by hand, encoders undone, and damaged tiles.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, gzipSync } from "node:zlib";
import { FitsError } from "#sky/fits";
import { ditherNumbers } from "../../../src/sky/fits/compression/dither.ts";
import { shuffle } from "../../../src/sky/fits/compression/gzip.ts";
import {
  bigEndianIntegers,
  decodeHcompress,
  decodePlio,
  decodeRice,
  dither,
  gunzipTile,
  type Quantisation,
  undither,
} from "../../../src/sky/fits/compression/index.ts";
import { inflate } from "./compressed-tiles.ts";
import { encodeRice } from "./rice-encode.ts";

/** Bytes of a string of 0 and 1, spaces apart. */
function bitBytes(text: string): Uint8Array {
  const bits = text.replaceAll(" ", "");
  return Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, index) =>
    Number.parseInt(bits.slice(8 * index, 8 * index + 8).padEnd(8, "0"), 2),
  );
}

const words = (...values: readonly number[]) => Uint8Array.from(values.flatMap((value) => [(value >> 8) & 255, value & 255]));

test("a RICE_1 block of one split is its unary and binary parts", () => {
  // First pixel 100; split 1 (stored 2): differences 0, +1, -2, +3 are 0, 2, 3, 6: upper 0, 1, 1, 3 and lower bits 0, 0, 1, 0.
  const bytes = bitBytes("0000000001100100 0010 10 010 011 00010");
  assert.deepEqual([...decodeRice(bytes, 4, { bytesPerPixel: 2, blockSize: 32 }, "tile")], [100, 101, 99, 102]);
});

test("RICE_1 blocks without differences and with unpacked ones are read", () => {
  // 5 5 | -3 -1: 8-bit pixels in blocks of 2; unpacked differences -8 and +2 are 15 and 4; unsigned, so 253 and 255.
  const bytes = bitBytes("00000101 000 111 00001111 00000100");
  assert.deepEqual([...decodeRice(bytes, 4, { bytesPerPixel: 1, blockSize: 2 }, "tile")], [5, 5, 253, 255]);
});

test("encoded RICE_1 tiles decode to the same integers, whatever the width, the block and the spread", () => {
  let seed = 12345;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return seed;
  };
  for (const bytesPerPixel of [1, 2, 4] as const) {
    for (const blockSize of [1, 7, 16, 32, 500]) {
      for (let keep = 1; keep <= 8 * bytesPerPixel; keep += 3) {
        const wide = Int32Array.from({ length: 211 }, (_, index) => (index % 50 < 9 ? 3 : random() >> (32 - keep)));
        const pixels = bytesPerPixel === 1 ? wide.map((value) => value & 255) : wide;
        const form = { bytesPerPixel, blockSize };
        assert.deepEqual(decodeRice(encodeRice(pixels, form, "tile"), 211, form, "tile"), pixels);
      }
    }
  }
});

test("a long run of zeros before a one is a large difference", () => {
  // Split 0, difference +20 is 40: forty zeros and a one; then -20, stored as 39.
  const bytes = bitBytes(`00000000000000000000000000000111 00001 ${"0".repeat(40)}1 ${"0".repeat(39)}1`);
  assert.deepEqual([...decodeRice(bytes, 2, { bytesPerPixel: 4, blockSize: 32 }, "tile")], [27, 7]);
});

test("a RICE_1 tile that ends early or has an unknown form is refused", () => {
  const form = { bytesPerPixel: 2, blockSize: 32 } as const;
  const whole = encodeRice(
    Int32Array.from({ length: 96 }, (_, index) => (index * index) % 91),
    form,
    "tile",
  );
  assert.throws(() => decodeRice(whole.subarray(0, 60), 96, form, "a.fits: tile 3"), {
    name: "FitsError",
    message: /^a\.fits: tile 3: RICE_1: expected 96 pixels, got (32|64) from 60 bytes\. The file is damaged\.$/,
  });
  assert.throws(() => decodeRice(whole.subarray(0, 2), 96, form, "tile"), {
    message: "tile: RICE_1: expected 96 pixels, got fewer from 2 bytes. The file is damaged.",
  });
  assert.throws(() => decodeRice(whole, 1e12, form, "tile"), { message: /expected 1000000000000 pixels, got fewer/ });
  const wrong = 8 as 4; // as a file's BYTEPIX may say
  assert.throws(() => decodeRice(whole, 96, { bytesPerPixel: wrong, blockSize: 32 }, "tile"), {
    message: "tile: RICE_1: BYTEPIX: expected 1, 2 or 4, got 8.",
  });
  assert.throws(() => decodeRice(whole, 96, { bytesPerPixel: 2, blockSize: 0 }, "tile"), {
    message: "tile: RICE_1: BLOCKSIZE: expected a whole number from 1, got 0.",
  });
});

test("a PLIO_1 line list with every instruction fills its runs", () => {
  // Zeros 2; run of 3 ones; raise by 4 (5) and put; set to 2 x 4096 + 9; lower by 2; zero, zero, then one; lower by 8191 - 8190 and put.
  const list = [0x0002, 0x4003, 0x6004, 0x1009, 2, 0x3002, 0x5003, 0x2003, 0x7001];
  const old = words(0, 0, 3 + list.length, ...list);
  const wanted = [0, 0, 1, 1, 1, 5, 0, 0, 8199, 8201, 0];
  assert.deepEqual([...decodePlio(old, 11, "tile")], wanted);
  const recent = words(0, 7, -100, 7 + list.length, 0, 0, 0, ...list);
  assert.deepEqual([...decodePlio(recent, 11, "tile")], wanted);
  assert.deepEqual([...decodePlio(new Uint8Array(0), 3, "tile")], [0, 0, 0]);
});

test("damaged PLIO_1 line lists are refused", () => {
  const list = (...instructions: readonly number[]) => words(0, 0, 3 + instructions.length, ...instructions);
  assert.throws(() => decodePlio(list(0x4009), 8, "tile"), {
    message: "tile: PLIO_1: the line list fills 9 pixels, expected at most 8. The file is damaged.",
  });
  assert.throws(() => decodePlio(list(0x1009), 8, "tile"), {
    message: "tile: PLIO_1: the line list ends inside an instruction, at word 4. The file is damaged.",
  });
  assert.throws(() => decodePlio(list(0x9001), 8, "tile"), {
    message: "tile: PLIO_1: expected an instruction from 0 to 7, got -7 in word 3. The file is damaged.",
  });
  assert.throws(() => decodePlio(words(0, 0, 90, 1), 8, "tile"), {
    message: "tile: PLIO_1: the line list says it runs from word 3 to 90, but there are 4 words. The file is damaged.",
  });
});

test("the dithering sequence ends in the standard's own check value", () => {
  // FITS standard 4.0, appendix I: the 10,000th seed is 1043618065.
  const numbers = ditherNumbers();
  assert.equal(numbers.length, 10_000);
  assert.equal(numbers[0], Math.fround(16807 / 2147483647));
  assert.equal(numbers[9999], Math.fround(1043618065 / 2147483647));
});

const quantisation: Quantisation = { method: "NO_DITHER", scale: 0.5, zero: 10, blank: -99, ditherSeed: 1, tile: 0 };

test("undithered integers are scaled, dithered ones are moved by their random number first", () => {
  assert.deepEqual([...undither(Int32Array.of(0, 4, -99), quantisation)], [10, 12, Number.NaN]);
  // Tile 0 of seed 1: the first number is 16807 / 2147483647 = 7.8e-6, so the tile begins with number 0 itself.
  const dithered = { ...quantisation, method: "SUBTRACTIVE_DITHER_1" } as const;
  assert.deepEqual([...undither(Int32Array.of(4), dithered)], [Math.fround(10 + 0.5 * (4 - 16807 / 2147483647 + 0.5))]);
  // Tile 1: 0.1315 x 500 = 65: the 66th number.
  const number = ditherNumbers()[65]!;
  assert.deepEqual([...undither(Int32Array.of(4), { ...dithered, tile: 1 })], [Math.fround(10 + 0.5 * (4 - number + 0.5))]);
});

test("only SUBTRACTIVE_DITHER_2 knows an exact zero", () => {
  const stored = Int32Array.of(-2147483646);
  assert.deepEqual([...undither(stored, { ...quantisation, method: "SUBTRACTIVE_DITHER_2" })], [0]);
  assert.ok(undither(stored, { ...quantisation, method: "SUBTRACTIVE_DITHER_1" })[0]! < -1e9);
});

test("dithering and undithering keep a pixel to half a step, NaN and zeros exactly, beyond ten thousand pixels", () => {
  const pixels = Float32Array.from({ length: 12_000 }, (_, index) => Math.sin(index) * 1e-3);
  pixels[7] = Number.NaN;
  pixels[8] = 0;
  for (const method of ["NO_DITHER", "SUBTRACTIVE_DITHER_1", "SUBTRACTIVE_DITHER_2"] as const) {
    const form = { method, scale: 1e-5, zero: 2e-4, blank: -2147483647, ditherSeed: 9999, tile: 5 };
    const back = undither(dither(pixels, form), form);
    assert.ok(Number.isNaN(back[7]!));
    if (method === "SUBTRACTIVE_DITHER_2") assert.equal(back[8], 0);
    pixels.forEach(
      (value, index) => void assert.ok(index === 7 || Math.abs(back[index]! - value) <= 0.51e-5, `${method} ${index}`),
    );
  }
  assert.throws(() => dither(Float32Array.of(1e9), { ...quantisation, scale: 1e-9 }), {
    message: "dither: expected integers of 32 bits, got 999999990000000000 from 1000000000. Use a larger scale than 1e-9.",
  });
});

test("GZIP_1 keeps big-endian numbers, GZIP_2 sorts their bytes", () => {
  const bytes = Uint8Array.of(0, 1, 2, 3, 255, 254, 253, 252);
  const form = { numPixels: 2, bytesPerPixel: 4 };
  assert.deepEqual([...gunzipTile(gzipSync(bytes), { ...form, method: "GZIP_1" }, inflate, "tile")], [...bytes]);
  const sorted = Uint8Array.of(0, 255, 1, 254, 2, 253, 3, 252);
  assert.deepEqual([...gunzipTile(gzipSync(sorted), { ...form, method: "GZIP_2" }, inflate, "tile")], [...bytes]);
  assert.deepEqual([...shuffle(bytes, 4)], [...sorted]);
  assert.deepEqual([...bigEndianIntegers(bytes, 4)], [66051, -66052]);
  assert.deepEqual([...bigEndianIntegers(bytes, 2)], [1, 515, -2, -516]);
  assert.deepEqual([...bigEndianIntegers(bytes, 1)], [...bytes]);
});

test("gzip tiles of another length, and what is no gzip, are refused", () => {
  const form = { method: "GZIP_1", numPixels: 2, bytesPerPixel: 4 } as const;
  assert.throws(() => gunzipTile(gzipSync(new Uint8Array(7)), form, inflate, "tile"), {
    message: "tile: GZIP_1: expected 8 bytes (2 pixels of 4), got 7. The file is damaged.",
  });
  assert.throws(() => gunzipTile(gzipSync(new Uint8Array(1 << 20)), form, inflate, "tile"), {
    name: "FitsError",
    message: /^tile: GZIP_1: the gzip stream cannot be unpacked to 8 bytes: .*\. The file is damaged\.$/,
  });
  assert.throws(() => gunzipTile(deflateRawSync(new Uint8Array(8)), form, inflate, "tile"), FitsError);
});

/** An HCOMPRESS_1 tile from its header's numbers and the bits behind it. */
function hcompressTile(
  height: number,
  width: number,
  scale: number,
  sum: number,
  planes: readonly number[],
  bits: string,
): Uint8Array {
  const header = Buffer.alloc(25);
  header[0] = 0xdd;
  header[1] = 0x99;
  header.writeInt32BE(height, 2);
  header.writeInt32BE(width, 6);
  header.writeInt32BE(scale, 10);
  header.writeBigInt64BE(BigInt(sum), 14);
  header.set(planes, 22);
  return Buffer.concat([header, bitBytes(bits)]);
}

test("an HCOMPRESS_1 tile of 2 x 2 pixels is its sum and three differences", () => {
  // Pixels 1 2 / 3 6: sum 12, slow difference (3 + 6 - 1 - 2) = 6, fast (2 + 6 - 1 - 3) = 4, diagonal (1 + 6 - 2 - 3) = 2; halved once.
  // Quadrants beside the corner: 3 planes of direct nodes (upper bit first): fast 4 -> 100, slow 6 -> 110; diagonal 2 -> 10.
  const fast = "0000 1000 0000 0000 0000 0000";
  const slow = "0000 1000 0000 1000 0000 0000";
  const tile = hcompressTile(2, 2, 0, 12, [0, 3, 2], `${fast} ${slow} 0000 1000 0000 0000 0000 0000 000`);
  assert.deepEqual([...decodeHcompress(tile, { height: 2, width: 2 }, "tile")], [1, 2, 3, 6]);
});

test("damaged HCOMPRESS_1 tiles are refused", () => {
  const shape = { height: 2, width: 2 };
  const refuses = (tile: Uint8Array, message: string, wanted = shape) =>
    assert.throws(() => decodeHcompress(tile, wanted, "tile"), {
      name: "FitsError",
      message: `tile: HCOMPRESS_1: ${message}. The file is damaged.`,
    });
  refuses(new Uint8Array(9), "expected a header of 25 bytes, got 9");
  refuses(new Uint8Array(30), "expected dd 99 at the start, got 00 00");
  refuses(hcompressTile(4, 5, 0, 0, [0, 0, 0], ""), "expected a tile of 2 x 2 pixels, got 4 x 5");
  refuses(hcompressTile(1, 5, 0, 0, [0, 0, 0], ""), "expected a tile of at least 2 x 2 pixels, got 1 x 5", {
    height: 1,
    width: 5,
  });
  refuses(hcompressTile(2, 2, -1, 0, [0, 0, 0], "00000000"), "expected a scale of 0 or more, got -1");
  refuses(hcompressTile(2, 2, 0, 0, [0, 60, 0], "00000000"), "expected at most 52 bit planes, got 60");
  refuses(hcompressTile(2, 2, 0, 0, [0, 1, 0], "0111 0000"), "expected a bit plane coded as 0 or 15, got 7");
  refuses(hcompressTile(2, 2, 0, 0, [0, 0, 0], "0101 0000"), "expected a zero after the bit planes, got another value");
  refuses(hcompressTile(2, 2, 0, 0, [0, 9, 0], "0000"), "the data end after 26 bytes, before the last coefficient");
  refuses(hcompressTile(2, 2, 0, 2 ** 40, [0, 0, 0], "0000 0000"), "expected 32-bit integers, got 274877906944 in pixel 0");
});

test("ten thousand damaged tiles end in integers or a FitsError", () => {
  let seed = 99;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
  const rice = encodeRice(
    Int32Array.from({ length: 300 }, (_, index) => (index * 7919) % 97),
    { bytesPerPixel: 4, blockSize: 32 },
    "tile",
  );
  const hcompress = hcompressTile(16, 16, 1, 500, [9, 8, 7], "1111 0101".repeat(60));
  const plio = words(0, 0, 9, 0x0002, 0x4003, 0x6004, 0x1009, 2, 0x3002);
  let numRefused = 0;
  for (let round = 0; round < 10_000; round++) {
    const whole = [rice, hcompress, plio][round % 3]!;
    const bytes = Uint8Array.from(whole.subarray(0, random(8) === 0 ? random(whole.length) : whole.length));
    for (let flips = random(6); flips >= 0 && bytes.length > 0; flips--) bytes[random(bytes.length)] = random(256);
    try {
      const decoded = [
        () => decodeRice(bytes, 300, { bytesPerPixel: 4, blockSize: 32 }, "tile"),
        () => decodeHcompress(bytes, { height: 16, width: 16 }, "tile"),
        () => decodePlio(bytes, 20, "tile"),
      ][round % 3]!();
      assert.equal(decoded.length, [300, 256, 20][round % 3]);
    } catch (error) {
      assert.ok(error instanceof FitsError, String(error));
      numRefused += 1;
    }
  }
  assert.ok(numRefused > 1000, `refused: ${numRefused}`);
});
