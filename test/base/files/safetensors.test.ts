import assert from "node:assert/strict";
import { test } from "node:test";
import { float32, type NdArray, ndArray, zeros } from "#base/array";
import { FileFormatError, formatSafetensors, parseSafetensors } from "#base/files";

/** A file put together by hand: header length, header text, data. */
function fileOf(header: string, data: readonly number[]): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function messageOf(bytes: Uint8Array): string {
  try {
    parseSafetensors(bytes, "weights.safetensors");
  } catch (error) {
    assert.ok(error instanceof FileFormatError);
    return error.message;
  }
  return assert.fail("expected a FileFormatError");
}

test("safetensors written by hand from the format's description are read as described", () => {
  const header =
    '{"__metadata__":{"format":"pt"},"b":{"dtype":"I16","shape":[2],"data_offsets":[4,8]},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}';
  const { tensors, metadata } = parseSafetensors(fileOf(header, [0, 0, 0x20, 0x41, 1, 0, 0xff, 0xff]));
  assert.deepEqual(metadata, { format: "pt" });
  assert.deepEqual(tensors.get("a"), { dtype: "float32", shape: [1, 1], data: Float32Array.of(10) });
  assert.deepEqual(tensors.get("b"), { dtype: "int16", shape: [2], data: Int16Array.of(1, -1) });
});

test("safetensors of every type come back as they went, in their order", () => {
  const tensors = new Map<string, NdArray>([
    ["last.bias", ndArray("uint8", [3], Uint8Array.of(1, 2, 255))],
    ["weight", float32([2, 2], [1.5, -2, Number.NaN, 1e30])],
    ["count", ndArray("int64", [], BigInt64Array.of(-(2n ** 60n)))],
    ["exact", ndArray("float64", [1], Float64Array.of(0.1))],
    ["half", ndArray("float16", [2], Uint16Array.of(0x3c00, 0xc000))],
    ["whole", ndArray("int32", [1], Int32Array.of(-7))],
    ["short", ndArray("int16", [1], Int16Array.of(-7))],
    ["unsigned", ndArray("uint16", [1], Uint16Array.of(65535))],
    ["small", ndArray("int8", [1], Int8Array.of(-128))],
    ["flag", ndArray("bool", [2], Uint8Array.of(1, 0))],
    ["empty", zeros("float32", [0, 4])],
  ]);
  const read = parseSafetensors(formatSafetensors(tensors, { epoch: "3" }));
  assert.deepEqual([...read.tensors], [...tensors]);
  assert.deepEqual(read.metadata, { epoch: "3" });
});

test("safetensors data start at a multiple of 8, and every tensor at a multiple of its element's size", () => {
  for (const name of ["a", "ab", "abc", "abcd", "abcde"]) {
    const tensors = new Map<string, NdArray>([
      [name, zeros("uint8", [3])],
      ["wide", zeros("float64", [2])],
      ["middle", zeros("float32", [1])],
    ]);
    const bytes = formatSafetensors(tensors);
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    assert.equal(headerLength % 8, 0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength))) as Record<
      string,
      { data_offsets: number[] }
    >;
    assert.equal(header["wide"]!.data_offsets[0]! % 8, 0);
    assert.equal(header["middle"]!.data_offsets[0]! % 4, 0);
  }
});

test("broken safetensors are refused with the fault and the tensor named", () => {
  const good = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
  assert.match(
    messageOf(Uint8Array.of(1, 2)),
    /^weights\.safetensors: not a safetensors file: expected at least 8 bytes, got 2\./,
  );
  assert.match(messageOf(new Uint8Array(16).fill(255)), /its header claims 18446744073709551615 bytes, expected at most 8\./);
  assert.match(messageOf(fileOf("nonsense", [])), /the safetensors header is not JSON/);
  assert.match(messageOf(fileOf("[1]", [])), /expected a JSON object/);
  assert.match(messageOf(fileOf(good, [0, 0])), /expected 4 bytes of tensors, got 2\. The file may be cut short\./);
  assert.match(messageOf(fileOf(good, [0, 0, 0, 0, 9])), /expected 4 bytes of tensors, got 5/);
  assert.match(messageOf(fileOf(good.replace("[1]", "[2]"), [0, 0, 0, 0])), /"a": expected 8 bytes for F32 \[2\], got 4\./);
  assert.match(messageOf(fileOf(good.replace("[1]", "[-1]"), [0, 0, 0, 0])), /"a": shape: expected whole numbers, got \[-1\]\./);
  assert.match(messageOf(fileOf(good.replace("F32", "BF16"), [0, 0, 0, 0])), /"a": dtype: expected one of F32 .*, got BF16\./);
  assert.match(
    messageOf(fileOf(good.replace("[0,4]", "[0]"), [0, 0, 0, 0])),
    /"a": data_offsets: expected two whole numbers, got \[0\]\./,
  );
  assert.match(messageOf(fileOf('{"a":7}', [])), /"a": dtype: expected one of/);
  assert.match(messageOf(fileOf('{"__metadata__":{"epoch":3}}', [])), /__metadata__: expected text values\./);
});

test("safetensors whose tensors overlap or leave a hole are refused", () => {
  const entries = (second: string) =>
    `{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":${second}}}`;
  assert.match(
    messageOf(fileOf(entries("[3,5]"), [0, 0, 0, 0, 0])),
    /"b" overlaps the tensor before it: expected its data at byte 4, got 3\./,
  );
  assert.match(
    messageOf(fileOf(entries("[5,7]"), [0, 0, 0, 0, 0, 0, 0])),
    /"b" leaves a hole before it: expected its data at byte 4, got 5\./,
  );
});
