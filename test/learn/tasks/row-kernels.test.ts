// The kernels of linear probes: what they cannot count.
import assert from "node:assert/strict";
import { test } from "node:test";
import { addRowsInPlace, everyRow, rowProductsInPlace } from "../../../src/learn/tasks/row-kernels.ts";

test("a table of more numbers than 32 bits count is refused, not summed wrongly", () => {
  const huge = { numRows: 2 ** 20, numColumns: 2 ** 11, data: new Float64Array(1) };
  const one = new Float64Array(1);
  const expected = {
    name: "RangeError",
    message:
      "linear probe: expected fewer than 2147483648 numbers, got 1048576 rows of 2048. Use fewer components (--pca) or crops.",
  };
  assert.throws(() => rowProductsInPlace(one, huge, everyRow(1), one, 0), expected);
  assert.throws(() => addRowsInPlace(one, 0, huge, everyRow(1), one), expected);
});
