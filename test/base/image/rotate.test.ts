import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { flipHorizontally, gaussianBlur, type Image, imageOf, rotate } from "#base/image";
import { largestDifference } from "./image-cases.ts";

function noise(height: number, width: number): Image {
  const random = randomFor(1, "rotate test", height, width);
  return imageOf(
    height,
    width,
    Float32Array.from({ length: height * width }, () => random.normal()),
  );
}

test("a quarter turn carries the right edge to the top, as counter-clockwise does", () => {
  const turned = rotate(imageOf(2, 2, Float32Array.of(1, 2, 3, 4)), 90);
  // 1 2      2 4
  // 3 4  ->  1 3
  assert.deepEqual([...turned.pixels], [2, 4, 1, 3]);
});

test("four quarter turns are nothing, to the bit, and so are a full turn and two half turns", () => {
  for (const size of [8, 9]) {
    const image = noise(size, size);
    let turned = image;
    for (let quarter = 0; quarter < 4; quarter++) {
      turned = rotate(turned, 90);
      if (quarter < 3) assert.notDeepEqual(turned, image);
    }
    assert.deepEqual(turned, image);
    assert.deepEqual(rotate(image, 360), image);
    assert.deepEqual(rotate(rotate(image, -180), 180), image);
    assert.deepEqual(rotate(image, -90), rotate(image, 270));
  }
});

test("a turn there and back gives a smooth image again, away from the edges", () => {
  const smooth = gaussianBlur(noise(64, 64), 4);
  const back = rotate(rotate(smooth, 31), -31);
  const middle = (image: Image) => rotate(image, 0, { y0: 20, x0: 20, height: 24, width: 24 });
  const spread = Math.max(...smooth.pixels.map(Math.abs));
  assert.ok(largestDifference(middle(back), middle(smooth)) < 0.03 * spread);
  assert.ok(largestDifference(middle(rotate(smooth, 31)), middle(smooth)) > 0.3 * spread);
});

test("a window of a turned image is that part of the whole turned image", () => {
  const image = noise(30, 22);
  const whole = rotate(image, 77);
  const part = rotate(image, 77, { y0: 4, x0: 3, height: 9, width: 17 });
  assert.deepEqual([part.height, part.width], [9, 17]);
  part.pixels.forEach((value, index) => {
    assert.equal(value, whole.pixels[(4 + Math.floor(index / 17)) * 22 + 3 + (index % 17)]);
  });
});

test("a turned constant is constant, because the image is mirrored where the frame leaves it", () => {
  for (const value of rotate(imageOf(10, 16, new Float32Array(160).fill(2)), 45).pixels) assert.ok(Math.abs(value - 2) < 1e-6);
});

test("a flip reverses each row, twice is nothing, and the input stays", () => {
  const image = imageOf(2, 3, Float32Array.of(1, 2, 3, 4, 5, 6));
  const flipped = flipHorizontally(image);
  assert.deepEqual([...flipped.pixels], [3, 2, 1, 6, 5, 4]);
  assert.deepEqual(flipHorizontally(flipped), image);
  assert.deepEqual([...image.pixels], [1, 2, 3, 4, 5, 6]);
});
