// Projections drawn: where points lie, which colours they have, and what stands in the legend.
import assert from "node:assert/strict";
import { test } from "node:test";
import { projectionPlotSvg } from "#report";

const CORNERS = [0, 0, 4, 0, 0, 4, 4, 4];

test("points of one name share a colour and a legend entry, the unknown are grey, and both axes share one scale", () => {
  const svg = projectionPlotSvg({
    description: "Four crops",
    title: "a & b",
    coordinates: [0, 0, 8, 0, 0, 4, 8, 4],
    panels: [{ title: "field", kind: "names", values: ["Abell 209", "Abell 209", "Abell 22", null] }],
  });
  const paths = [...svg.matchAll(/<path d="([^"]+)" stroke="([^"]+)"/g)].map(([, d, colour]) => ({ d: d!, colour: colour! }));
  assert.deepEqual(
    paths.map(({ d, colour }) => [colour, d.match(/M/g)!.length]),
    [
      ["#c9ced4", 1],
      ["#0072b2", 2],
      ["#d55e00", 1],
    ],
  );
  // 8 units wide over 316 of 340: from 12 to 328; 4 units high are 158, in a panel that is 12 higher at both ends, north up.
  assert.equal(paths[1]!.d, "M12 170h0M328 170h0");
  assert.equal(paths[2]!.d, "M12 12h0");
  assert.ok(svg.includes('width="339" height="181"'));
  assert.ok(svg.includes(">Abell 209<") && svg.includes(">not known<") && svg.includes("a &amp; b"));
});

test("numbers are coloured from dark to light, and more names than colours are told together", () => {
  const numbers = projectionPlotSvg({
    description: "Four crops",
    title: "counts",
    coordinates: CORNERS,
    panels: [{ title: "count", kind: "numbers", values: [0, 10, null, 5] }],
  });
  const shades = [...numbers.matchAll(/<path d="([^"]+)" stroke="([^"]+)"/g)].map(([, , colour]) => colour!);
  assert.equal(shades.length, 4);
  assert.equal(shades[1], "rgb(0,0,4)");
  const brightness = (colour: string) => colour.match(/\d+/g)!.reduce((sum, part) => sum + Number(part), 0);
  assert.ok(brightness(shades[1]!) < brightness(shades[2]!) && brightness(shades[2]!) < brightness(shades[3]!));
  assert.ok(numbers.includes(">1 not known<") && numbers.includes(">0<") && numbers.includes(">10<"));

  const values = Array.from({ length: 20 }, (_, index) => `field ${index}`);
  const names = projectionPlotSvg({
    description: "Twenty crops",
    title: "fields",
    coordinates: Array.from({ length: 40 }, (_, index) => index),
    panels: [{ title: "field", kind: "names", values }],
  });
  assert.ok(names.includes(">13 others<"));
});

test("ends of small numbers are told with a power of ten, and points along a line still have a panel", () => {
  const svg = projectionPlotSvg({
    description: "Two crops",
    title: "noise",
    coordinates: [0, 0, 8, 0],
    panels: [{ title: "rms", kind: "numbers", values: [6.56e-6, 1.5] }],
  });
  assert.ok(svg.includes(">6.56e−6<") && svg.includes(">1.50<"));
  assert.ok(svg.includes('width="339" height="119"'));
});
