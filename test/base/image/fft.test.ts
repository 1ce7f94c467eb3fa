import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { type Random, randomFor } from "#base/array";
import { type ComplexGrid, complexGrid, fourierTransformInPlace, powerOfTwoFrom } from "#base/image";
import { pythonCommand } from "../../../bench/peer-python.ts";
import { pythonSkip } from "../../python.ts";

function noiseGrid(height: number, width: number, random: Random): ComplexGrid {
  const grid = complexGrid(height, width);
  for (let index = 0; index < grid.re.length; index++) {
    grid.re[index] = random.normal();
    grid.im[index] = random.normal();
  }
  return grid;
}

function copyOf({ height, width, re, im }: ComplexGrid): ComplexGrid {
  return { height, width, re: re.slice(), im: im.slice() };
}

/** The sum that defines the transform, in float64. */
function slowTransform({ height, width, re, im }: ComplexGrid): { readonly re: number[]; readonly im: number[] } {
  const out = { re: [] as number[], im: [] as number[] };
  for (let k = 0; k < height; k++) {
    for (let l = 0; l < width; l++) {
      let [sumRe, sumIm] = [0, 0];
      for (let place = 0; place < re.length; place++) {
        const angle = -2 * Math.PI * ((k * Math.floor(place / width)) / height + (l * (place % width)) / width);
        sumRe += re[place]! * Math.cos(angle) - im[place]! * Math.sin(angle);
        sumIm += re[place]! * Math.sin(angle) + im[place]! * Math.cos(angle);
      }
      out.re.push(sumRe);
      out.im.push(sumIm);
    }
  }
  return out;
}

function largestDifference(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  return Array.from(wanted).reduce((most, value, index) => Math.max(most, Math.abs(value - got[index]!)), 0);
}

for (const [height, width] of [
  [1, 1],
  [1, 8],
  [2, 2],
  [4, 32],
  [16, 8],
  [32, 1],
] as const) {
  test(`a ${height} x ${width} transform is the sum that defines it`, () => {
    const grid = noiseGrid(height, width, randomFor(1, "fft", height, width));
    const wanted = slowTransform(grid);
    fourierTransformInPlace(grid, "forward");
    // Values are of the order sqrt(height x width) <= 12, float32 keeps 24 bits of them.
    assert.ok(largestDifference(grid.re, wanted.re) < 4e-6);
    assert.ok(largestDifference(grid.im, wanted.im) < 4e-6);
  });
}

test("the inverse transform undoes the forward one, for odd and even powers of two", () => {
  for (const [height, width] of [
    [256, 512],
    [128, 64],
  ] as const) {
    const grid = noiseGrid(height, width, randomFor(2, "fft", height, width));
    const before = copyOf(grid);
    fourierTransformInPlace(grid, "forward");
    assert.ok(largestDifference(grid.re, before.re) > 1);
    fourierTransformInPlace(grid, "inverse");
    assert.ok(largestDifference(grid.re, before.re) < 2e-6);
    assert.ok(largestDifference(grid.im, before.im) < 2e-6);
  }
});

test("the transforms of real images packed as real and imaginary parts come apart by Hermitian symmetry", () => {
  const packed = noiseGrid(16, 32, randomFor(3, "fft"));
  const alone: ComplexGrid = { ...copyOf(packed), im: new Float32Array(16 * 32) };
  fourierTransformInPlace(packed, "forward");
  fourierTransformInPlace(alone, "forward");
  for (let k = 0; k < 16; k++) {
    for (let l = 0; l < 32; l++) {
      const [place, mirror] = [k * 32 + l, ((16 - k) % 16) * 32 + ((32 - l) % 32)];
      assert.ok(Math.abs((packed.re[place]! + packed.re[mirror]!) / 2 - alone.re[place]!) < 1e-5);
    }
  }
});

test("a 512 x 1024 transform is numpy's, to float32's rounding", { skip: pythonSkip(["numpy"]) }, () => {
  const grid = noiseGrid(512, 1024, randomFor(4, "fft"));
  const input = Buffer.concat([Buffer.from(grid.re.buffer), Buffer.from(grid.im.buffer)]);
  const script = `
import sys, numpy as np
data = np.frombuffer(sys.stdin.buffer.read(), "<f4").reshape(2, 512, 1024).astype("f8")
out = np.fft.fft2(data[0] + 1j * data[1])
sys.stdout.buffer.write(np.stack([out.real, out.imag]).astype("<f8").tobytes())`;
  const { status, stdout, stderr } = spawnSync(pythonCommand(), ["-c", script], { input, maxBuffer: 2 ** 26 });
  assert.equal(status, 0, String(stderr));
  const wanted = new Float64Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.byteLength));
  fourierTransformInPlace(grid, "forward");
  const size = 512 * 1024;
  let [error, power] = [0, 0];
  for (let place = 0; place < size; place++) {
    error += (grid.re[place]! - wanted[place]!) ** 2 + (grid.im[place]! - wanted[size + place]!) ** 2;
    power += wanted[place]! ** 2 + wanted[size + place]! ** 2;
  }
  assert.ok(Math.sqrt(error / power) < 1e-7, `${Math.sqrt(error / power)}`);
});

test("a side that is no power of two is refused by its name", () => {
  assert.throws(() => complexGrid(96, 64), {
    name: "RangeError",
    message: "fourier transform: height: expected a power of two, got 96. Pad the image with zeros.",
  });
  assert.throws(() => complexGrid(64, 0), {
    message: "fourier transform: width: expected a power of two, got 0. Pad the image with zeros.",
  });
  assert.deepEqual([1, 2, 3, 1000, 1024, 3457].map(powerOfTwoFrom), [1, 2, 4, 1024, 1024, 4096]);
});
