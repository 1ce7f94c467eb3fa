import assert from "node:assert/strict";
import { test } from "node:test";
import { float32, ndArray } from "#base/array";
import { FileFormatError, formatNpy, formatNpyHeader, parseNpy, parseNpyHeader } from "#base/files";

/** An .npy file of version 1 with a header of 128 bytes, as numpy 1.24 lays it out. */
function numpyFile(description: string, data: readonly number[] = []): Uint8Array {
  const text = new TextEncoder().encode(`${description.padEnd(117)}\n`);
  return Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0x76, 0, ...text, ...data);
}

test("an .npy file as numpy.save writes it is read", () => {
  const matrix = numpyFile("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }", [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
  assert.deepEqual(parseNpy(matrix), { dtype: "int16", shape: [2, 3], data: Int16Array.of(1, 2, 3, 4, 5, 6) });
  const scalar = numpyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", [0, 0, 0x20, 0x40]);
  assert.deepEqual(parseNpy(scalar), { dtype: "float32", shape: [], data: Float32Array.of(2.5) });
});

test("the .npy bytes of a matrix are those that numpy.save writes", () => {
  const expected = numpyFile("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }", [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
  assert.deepEqual(formatNpy(ndArray("int16", [2, 3], Int16Array.of(1, 2, 3, 4, 5, 6))), expected);
});

test("an .npy array comes back as it went, whatever its rank", () => {
  for (const shape of [[], [3], [0, 2], [1, 2, 3], [2, 1, 1, 1, 2]]) {
    const length = shape.reduce((product, size) => product * size, 1);
    const array = float32(
      shape,
      Array.from({ length }, (_, index) => index + 0.5),
    );
    assert.deepEqual(parseNpy(formatNpy(array)), array);
  }
});

test("an .npy header has the same length however many rows there are", () => {
  assert.equal(formatNpyHeader("float32", [0, 256, 256]).length, formatNpyHeader("float32", [2 ** 40, 256, 256]).length);
});

test("an .npy header of version 2 is read with its longer length field", () => {
  const text = new TextEncoder().encode("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }\n");
  const bytes = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, text.length, 0, 0, 0, ...text, 9);
  assert.deepEqual(parseNpy(bytes), { dtype: "uint8", shape: [1], data: Uint8Array.of(9) });
});

test("an .npy file that cannot be used is refused with its fault", () => {
  const refused = (bytes: Uint8Array, message: RegExp) =>
    assert.throws(
      () => parseNpy(bytes, "crops.npy"),
      (error) => error instanceof FileFormatError && message.test(error.message),
    );
  refused(new TextEncoder().encode("SIMPLE  ="), /^crops\.npy: not an \.npy file/);
  refused(
    numpyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", [0, 0, 0, 0]),
    /expected 136 bytes for float32 \[2\], got 132\./,
  );
  refused(
    numpyFile("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }"),
    /element type: expected one of <f4 .* got >f4\./,
  );
  refused(numpyFile("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }"), /expected row-major order, got column-major/);
  refused(numpyFile("{'shape': 3}"), /the \.npy header is not understood: \{'shape': 3\}/);
  assert.throws(
    () => parseNpyHeader(numpyFile("{}").subarray(0, 60), "crops.npy"),
    /header is cut short: expected 128 bytes, got 60\./,
  );
});
