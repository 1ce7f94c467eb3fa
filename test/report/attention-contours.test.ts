// Attention drawn: outlines run round the patches from the 90th percentile on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { attentionContoursSvg } from "#report";

test("the outline of one patch among a hundred and of its neighbours is drawn where they lie, north up", () => {
  const pixels = new Float32Array(100);
  // Ten of a hundred, from the 90th percentile on: the southern row.
  for (let column = 0; column < 10; column++) pixels[column] = 1 + column;
  const crop = { height: 4, width: 4, pixels: new Float32Array(16).fill(0.5) };
  const svg = attentionContoursSvg("A crop", crop, [{ name: "head 1", height: 10, width: 10, pixels }]);
  const [, d] = /<path d="([^"]+)"/.exec(svg)!;
  // Ten edges above and ten below, and the two ends, at the bottom of 190 units.
  assert.equal(d!.match(/M/g)!.length, 22);
  assert.ok(d!.includes("M0 190H19") && d!.includes("M0 171H19") && d!.includes("M0 190V171") && d!.includes("M190 190V171"));
  assert.equal(svg.match(/<image /g)!.length, 2);
});
