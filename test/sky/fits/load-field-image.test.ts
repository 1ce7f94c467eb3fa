import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { randomFor } from "#base/array";
import { FitsError, formatHeader } from "#sky/fits";
import { loadFieldImage, readFieldImage, writeFieldImage } from "#sky/fits/disk";

const folder = mkdtempSync(join(tmpdir(), "suricate-load-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A field of some chunks and a bit, with NaN. */
function largeField(): string {
  const random = randomFor(1, "load");
  const [height, width] = [700, 801];
  const pixels = Float32Array.from({ length: height * width }, (_, index) => (index % 97 === 0 ? Number.NaN : random.normal()));
  const path = join(folder, "large.fits");
  writeFieldImage(path, { pixels, height, width, cards: [{ keyword: "BUNIT", value: "Jy/beam" }] });
  return path;
}

/** Two planes of 16-bit numbers. */
function integerCube(): string {
  const card = (keyword: string, value: number | boolean) => ({ keyword, value });
  const cards = [
    card("SIMPLE", true),
    card("BITPIX", 16),
    card("NAXIS", 3),
    card("NAXIS1", 3),
    card("NAXIS2", 2),
    card("NAXIS3", 2),
  ];
  const data = Buffer.alloc(2880);
  for (let index = 0; index < 12; index++) data.writeInt16BE(index - 5, 2 * index);
  const path = join(folder, "cube.fits");
  writeFileSync(path, Buffer.concat([formatHeader(cards), data]));
  return path;
}

test("a field that is read ahead is the one that is read at once, to the last pixel and hash", async () => {
  for (const [path, options] of [
    [largeField(), {}],
    [integerCube(), { plane: 1 }],
  ] as const) {
    const { header: _, wcs: __, ...expected } = readFieldImage(path, options);
    const used = new SharedArrayBuffer(4 * expected.pixels.length + 64);
    new Float32Array(used).fill(7); // of an earlier field
    for (const memory of [undefined, () => used]) {
      const { header, wcs: ___, ...loaded } = await loadFieldImage(path, { ...options, ...(memory ? { memory } : {}) });
      assert.deepEqual(loaded, expected);
      assert.equal(loaded.pixels.buffer === used, memory !== undefined);
      assert.ok(header.cards.length > 0);
    }
  }
  assert.deepEqual(Array.from((await loadFieldImage(integerCube(), { plane: 1 })).pixels), [1, 2, 3, 4, 5, 6]);
});

test("a field that cannot be read ahead is refused as one that cannot be read at once", async () => {
  const path = largeField();
  writeFileSync(path, readFileSync(path).subarray(0, 2_000_000));
  const [now, ahead] = [() => readFieldImage(path), () => loadFieldImage(path)];
  let expected: unknown;
  assert.throws(now, (error) => {
    expected = error;
    return error instanceof FitsError;
  });
  await assert.rejects(ahead(), (error) => error instanceof FitsError && error.message === (expected as FitsError).message);
});

test("pixels that are told to have arrived have their values, and all are told in the end", async () => {
  for (const [path, options] of [
    [largeField(), {}],
    [integerCube(), { plane: 1 }],
  ] as const) {
    const expected = readFieldImage(path, options).pixels;
    let arriving: Float32Array | undefined;
    const told: number[] = [];
    await loadFieldImage(path, {
      ...options,
      arrival: {
        begins: (field) => {
          assert.deepEqual([field.pixels.length, "sha256" in field], [expected.length, false]);
          arriving = field.pixels;
        },
        filled: (numPixels) => {
          assert.deepEqual(arriving!.subarray(told.at(-1) ?? 0, numPixels), expected.subarray(told.at(-1) ?? 0, numPixels));
          told.push(numPixels);
        },
      },
    });
    assert.equal(told.at(-1), expected.length);
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
  }
});
