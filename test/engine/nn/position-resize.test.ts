// The resize of learned positions, against PyTorch's bicubic interpolation (fixture of test/reference/make_fixtures.py).
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readSafetensors } from "#base/files/disk";
import { positionResizeMatrix } from "#engine/nn";
import { assertClose } from "../../compare.ts";
import { projectRoot } from "../../real-data.ts";

const { tensors } = readSafetensors(join(projectRoot, "test", "fixtures", "dino-step", "position-resize.safetensors"));

/** matrix [rows, columns] times grid [columns, channels]. */
function product(matrix: ArrayLike<number>, grid: ArrayLike<number>, rows: number, columns: number, channels: number): number[] {
  const result = new Array<number>(rows * channels).fill(0);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let c = 0; c < channels; c++)
        result[row * channels + c]! += matrix[row * columns + column]! * Number(grid[column * channels + c]);
    }
  }
  return result;
}

const resized = [...tensors].filter(([name]) => /\d+x\d+$/.test(name));

test("the fixture has grids that grow, shrink, and are not square", () => {
  assert.deepEqual(
    resized.map(([name]) => name).filter((name) => name.startsWith("grid")),
    ["grid.12.28x28", "grid.12.9x17", "grid.28.12x12", "grid.28.30x5", "grid.3.2x7", "grid.1.4x4"],
  );
  assert.equal(resized.filter(([name]) => name.startsWith("antialiased")).length, 6);
});

for (const [name, { shape, data }] of resized) {
  test(`positions are resized as PyTorch does: ${name}`, () => {
    const [height, width, channels] = shape as [number, number, number];
    const side = Number(name.split(".")[1]);
    const matrix = positionResizeMatrix(side, height, width, name.startsWith("grid") ? "dino" : "antialias");
    assert.deepEqual(matrix.shape, [height * width, side * side]);
    const grid = tensors.get(`grid.${side}`)!.data as Float32Array; // fixtures hold float32 alone
    assertClose(product(matrix.data, grid, height * width, side * side, channels), data as Float32Array, 2e-7, name);
  });
}

test("resizing keeps a constant grid constant", () => {
  const { data } = positionResizeMatrix(6, 11, 4, "dino");
  for (let row = 0; row < 44; row++) {
    const sum = data.subarray(row * 36, (row + 1) * 36).reduce((total, weight) => total + weight, 0);
    assert.ok(Math.abs(sum - 1) < 1e-6, `row ${row} sums to ${sum}`);
  }
});
