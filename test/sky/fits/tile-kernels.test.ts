// RICE_1 and undithering in WebAssembly: the integers that were encoded, and bit for bit what JavaScript makes of any bytes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { DITHERED_ZERO, ditherNumbers, tileKernels } from "../../../src/sky/fits/compression/dither.ts";
import { decodeRice, type Quantisation, TileMemory, undither } from "../../../src/sky/fits/compression/index.ts";
import { TileKernels } from "../../../src/sky/fits/compression/tile-kernels.ts";
import { projectRoot } from "../../real-data.ts";
import { encodeRice } from "./rice-encode.ts";

const memory = new TileMemory(new TileKernels(ditherNumbers()));

/** Integers or the message of what was wrong with them. */
function outcome(decode: () => Int32Array): string {
  try {
    return decode().join(" ");
  } catch (error) {
    return String(error);
  }
}

test("the kernels give back the integers of encoded RICE_1 tiles, whatever the width, the block, the spread and the length", () => {
  const random = randomFor(1, "rice tiles", 0);
  for (const bytesPerPixel of [1, 2, 4] as const) {
    for (const blockSize of [1, 7, 32, 500]) {
      for (let keep = 1; keep <= 8 * bytesPerPixel; keep += 3) {
        const numPixels = 1 + Math.floor(300 * random.uniform());
        const wide = Int32Array.from({ length: numPixels }, (_, index) =>
          index % 50 < 9 ? 3 : Math.floor(random.uniform() * 2 ** 32) >> (32 - keep),
        );
        const pixels = bytesPerPixel === 1 ? wide.map((value) => value & 255) : wide;
        const form = { bytesPerPixel, blockSize };
        assert.deepEqual(decodeRice(encodeRice(pixels, form, "tile"), numPixels, form, "tile", memory), pixels);
      }
    }
  }
});

test("damaged RICE_1 tiles end in the same integers, or the same message, with the kernels and without", () => {
  const random = randomFor(2, "rice tiles", 0);
  const whole = (below: number) => Math.floor(below * random.uniform());
  let numRefused = 0;
  for (let turn = 0; turn < 3000; turn++) {
    const form = { bytesPerPixel: ([1, 2, 4] as const)[whole(3)]!, blockSize: [1, 16, 32, 1e9][whole(4)]! };
    const numPixels = whole(120);
    // Bytes of nothing but chance, of long runs of zeros, and of true tiles that were cut or changed.
    const good = encodeRice(
      Int32Array.from({ length: 100 }, () => whole(200)),
      { ...form, blockSize: 32 },
      "tile",
    );
    const bytes = [
      Uint8Array.from({ length: whole(200) }, () => whole(256)),
      Uint8Array.from({ length: whole(200) }, () => (whole(12) === 0 ? whole(256) : 0)),
      good.subarray(0, whole(good.length + 1)),
      good.map((byte) => (whole(30) === 0 ? whole(256) : byte)),
    ][turn % 4]!;
    const expected = outcome(() => decodeRice(bytes, numPixels, form, "tile"));
    assert.equal(
      outcome(() => decodeRice(bytes, numPixels, form, "tile", memory)),
      expected,
    );
    if (expected.startsWith("FitsError")) numRefused += 1;
  }
  assert.ok(numRefused > 500 && numRefused < 2500, `${numRefused} of 3000 were refused`);
});

test("a long tile is left to JavaScript, which gives the same integers", () => {
  const numPixels = 2 ** 22 + 1;
  const form = { bytesPerPixel: 2, blockSize: 2 ** 23 } as const;
  const bytes = encodeRice(new Int32Array(numPixels).fill(7), form, "tile");
  const { kernels } = memory;
  assert.equal(kernels!.decodeRice(bytes, numPixels, { pixelBits: 16, splitBits: 4, unpacked: 14, blockSize: 32 }), undefined);
  assert.ok(decodeRice(bytes, numPixels, form, "tile", memory).every((value) => value === 7));
});

test("undithered pixels are the same bits with the kernels and without, wherever they are put", () => {
  const random = randomFor(3, "undither", 0);
  for (const method of ["NO_DITHER", "SUBTRACTIVE_DITHER_1", "SUBTRACTIVE_DITHER_2"] as const) {
    for (const [turn, length] of [1, 2, 3, 4, 5, 3457, 8193, 20_001].entries()) {
      const stored = Int32Array.from({ length }, (_, index) => {
        if (index % 11 === 3) return DITHERED_ZERO;
        return index % 13 === 1 ? -77 : Math.floor(2000 * random.normal());
      });
      for (const blank of [undefined, -77, 1e12, 0.5]) {
        const quantisation: Quantisation = {
          method,
          scale: 1.7e-6,
          zero: -3.1e-5,
          blank,
          ditherSeed: 9000 + turn,
          tile: 990 * turn,
        };
        const expected = undither(stored, quantisation);
        const shared = new Float32Array(new SharedArrayBuffer(4 * length + 16), 4 * (turn % 3), length);
        undither(stored, quantisation, shared, memory.kernels);
        assert.deepEqual(Buffer.from(Float32Array.from(shared).buffer), Buffer.from(expected.buffer));
      }
    }
  }
});

test("where there is no WebAssembly tiles are decoded without it", () => {
  const had = Object.getOwnPropertyDescriptor(globalThis, "WebAssembly")!;
  Object.defineProperty(globalThis, "WebAssembly", { ...had, value: undefined });
  try {
    assert.equal(tileKernels(), undefined);
  } finally {
    Object.defineProperty(globalThis, "WebAssembly", had);
  }
});

test("the kernels' bytes are those of their text", () => {
  const script = join(projectRoot, "scripts", "assemble.mjs");
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
});
