// Figures as PNG: the size, and that what is drawn is there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePng } from "#base/files";
import { pngOfSvg } from "#report/native";

test("a figure becomes a PNG of twice its units, white where nothing is drawn", () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect x="0" y="0" width="20" height="20" fill="#ff0000"/></svg>';
  const { width, height, channels, data } = parsePng(pngOfSvg(svg));
  assert.deepEqual([width, height], [80, 40]);
  assert.deepEqual([...data.subarray(0, 3)], [255, 0, 0]);
  assert.deepEqual([...data.subarray(79 * channels, 79 * channels + 3)], [255, 255, 255]);
});
