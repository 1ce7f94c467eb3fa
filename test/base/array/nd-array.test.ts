import assert from "node:assert/strict";
import { test } from "node:test";
import { BYTES_PER_ELEMENT, bytesOf, type DType, float32, int64, ndArray, sizeOf, typedData, zeros } from "#base/array";

/** The typed array and the bytes of each element type, from ONNX's TensorProto. */
const TYPES: Readonly<Record<DType, readonly [name: string, bytes: number]>> = {
  float32: ["Float32Array", 4],
  float64: ["Float64Array", 8],
  float16: ["Uint16Array", 2],
  int64: ["BigInt64Array", 8],
  int32: ["Int32Array", 4],
  int16: ["Int16Array", 2],
  uint16: ["Uint16Array", 2],
  int8: ["Int8Array", 1],
  uint8: ["Uint8Array", 1],
  bool: ["Uint8Array", 1],
};

test("every element type has its typed array, its size in bytes, and zeros of any shape", () => {
  for (const [dtype, [name, bytes]] of Object.entries(TYPES) as [DType, readonly [string, number]][]) {
    const array = zeros(dtype, [2, 3]);
    assert.equal(array.dtype, dtype);
    assert.deepEqual(array.shape, [2, 3]);
    assert.equal(array.data.constructor.name, name);
    assert.equal(array.data.length, 6);
    assert.ok([...array.data].every((value) => Number(value) === 0));
    assert.equal(BYTES_PER_ELEMENT[dtype], bytes);
    assert.equal(array.data.byteLength, 6 * bytes);
  }
});

test("a scalar has one element, and an axis of length 0 none", () => {
  assert.equal(sizeOf([]), 1);
  assert.equal(sizeOf([3, 0, 2]), 0);
  assert.equal(sizeOf([3, 4, 2]), 24);
  assert.equal(zeros("float32", []).data.length, 1);
});

test("an array over data keeps that very data and refuses a shape it does not fill", () => {
  const data = Float32Array.of(1, 2, 3);
  assert.equal(ndArray("float32", [3], data).data, data);
  assert.throws(() => ndArray("float32", [2, 2], data), {
    name: "RangeError",
    message: "array: expected 4 elements for shape [2,2], got 3.",
  });
});

test("float32 and int64 arrays are made from plain numbers", () => {
  assert.deepEqual(float32([2], [0.1, 2]), { dtype: "float32", shape: [2], data: Float32Array.of(0.1, 2) });
  assert.deepEqual(int64([2], [-1, 2 ** 40]), { dtype: "int64", shape: [2], data: BigInt64Array.of(-1n, 1099511627776n) });
  assert.throws(() => float32([3], [1, 2]), RangeError);
});

test("the bytes of an array are its own memory, little-endian, and only its part of a buffer", () => {
  const whole = Int16Array.of(7, 258, -1, 9);
  const bytes = bytesOf(ndArray("int16", [2], whole.subarray(1, 3)));
  assert.deepEqual([...bytes], [2, 1, 255, 255]);
  bytes[0] = 3;
  assert.equal(whole[1], 259);
});

test("a typed view looks at the given part of a buffer", () => {
  const { buffer } = Float32Array.of(1, 2, 3, 4);
  assert.deepEqual(typedData("float32", buffer, 4, 2), Float32Array.of(2, 3));
  assert.throws(() => typedData("float32", buffer, 2, 1), RangeError);
});
