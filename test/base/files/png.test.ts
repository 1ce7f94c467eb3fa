import assert from "node:assert/strict";
import { test } from "node:test";
import { FileFormatError, formatPng, type Png, parsePng } from "#base/files";

/** Pictures written by PIL 9.4. */
const GREY_16 =
  "89504e470d0a1a0a0000000d4948445200000002000000021000000000074d8ebb0000001249444154789c636060607ec1f0ff3f2313000c8c02ed661d632a0000000049454e44ae426082";
const RGB_8 =
  "89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd0000000f49444154789c63f8cfc0c0d0c00e000708018732975c210000000049454e44ae426082";
const BILEVEL =
  "89504e470d0a1a0a0000000d4948445200000002000000010100000000dc5942270000000a49444154789c636800000082008177cd72b60000000049454e44ae426082";
/** Two palette entries, (255, 0, 0) and (0, 128, 7), put together from the format's description; PIL reads it so. */
const INDEXED =
  "89504e470d0a1a0a0000000d4948445200000002000000010803000000c3fc8fb800000006504c5445ff0000008007e4441feb0000000b49444154789c636060040000040002bf7a3f4a0000000049454e44ae426082";

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

test("a 16-bit grey PNG written by PIL gives its values", () => {
  assert.deepEqual(parsePng(bytesOf(GREY_16)), { height: 2, width: 2, channels: 1, data: Uint16Array.of(0, 1000, 65535, 258) });
});

test("an 8-bit colour PNG written by PIL gives its values", () => {
  assert.deepEqual(parsePng(bytesOf(RGB_8)), { height: 1, width: 2, channels: 3, data: Uint8Array.of(255, 0, 0, 0, 128, 7) });
});

test("a PNG with a palette is read as colours", () => {
  assert.deepEqual(parsePng(bytesOf(INDEXED)), { height: 1, width: 2, channels: 3, data: Uint8Array.of(255, 0, 0, 0, 128, 7) });
});

test("a PNG comes back as it went, in every number of channels and bits", () => {
  for (const channels of [1, 2, 3, 4]) {
    const values = Array.from({ length: 6 * channels }, (_, index) => (index * 37) % 256);
    const narrow: Png = { height: 2, width: 3, channels, data: Uint8Array.from(values) };
    const wide: Png = { height: 2, width: 3, channels, data: Uint16Array.from(values, (value) => value * 257 - value) };
    assert.deepEqual(parsePng(formatPng(narrow)), narrow);
    assert.deepEqual(parsePng(formatPng(wide)), wide);
  }
});

test("what is no PNG, or has too few bits, is refused by name", () => {
  const refused = (bytes: Uint8Array, message: RegExp) =>
    assert.throws(
      () => parsePng(bytes, "482351.png"),
      (error) => error instanceof FileFormatError && message.test(error.message),
    );
  refused(new TextEncoder().encode("not a picture"), /^482351\.png: not a readable PNG: /);
  refused(bytesOf(GREY_16).subarray(0, 50), /^482351\.png: not a readable PNG: /);
  refused(bytesOf(BILEVEL), /expected 8 or 16 bits a channel, got 1\./);
});
