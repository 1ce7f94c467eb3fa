import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePng } from "#base/files";
import { attentionStripSvg, cropGallerySvg, intervalPlotSvg, linearScale, linePlotSvg, scatterPlotSvg } from "#report";
import { assertGolden } from "../golden-file.ts";

const SPAN = { atLow: 0, atHigh: 100 };

test("a scale's ticks are round numbers that hold all values between them", () => {
  const ticksOf = (values: readonly number[], numTicks?: number) =>
    linearScale(values, SPAN, numTicks).ticks.map(({ text }) => text);
  assert.deepEqual(ticksOf([0, 8.9]), ["0", "2", "4", "6", "8", "10"]);
  assert.deepEqual(ticksOf([0.12, 0.48]), ["0.1", "0.2", "0.3", "0.4", "0.5"]);
  assert.deepEqual(ticksOf([-3, 12]), ["−5", "0", "5", "10", "15"]);
  assert.deepEqual(ticksOf([0, 1.2]), ["0.00", "0.25", "0.50", "0.75", "1.00", "1.25"]);
  assert.deepEqual(ticksOf([1, 2, 4]), ["1", "2", "3", "4"]);
  assert.deepEqual(ticksOf([0, 12]), ["0", "5", "10", "15"]);
  assert.deepEqual(ticksOf([0, 120]), ["0", "25", "50", "75", "100", "125"]);
  assert.deepEqual(ticksOf([0, 12000], 3), ["0", "5000", "10000", "15000"]);
});

test("a scale maps its ends to the ends of the span, and stands even for one value or none", () => {
  const down = linearScale([0, 10], { atLow: 200, atHigh: 40 });
  assert.equal(down.at(0), 200);
  assert.equal(down.at(10), 40);
  assert.equal(down.at(5), 120);
  assert.ok(linearScale([7, 7], SPAN).at(7) >= 0);
  assert.deepEqual(
    linearScale([Number.NaN], SPAN).ticks.map(({ text }) => text),
    ["0.0", "0.5", "1.0"],
  );
});

const STEPS = Array.from({ length: 21 }, (_, index) => index * 10);

test("a line plot draws its lines, levels, axes and legend", () => {
  const svg = linePlotSvg({
    description: "A falling line",
    xName: "step",
    yName: "loss (nats)",
    lines: [
      { name: "loss", colour: "#0072b2", points: STEPS.map((step) => [step, 8 - step / 50] as const) },
      {
        name: "a & b",
        colour: "#d55e00",
        dash: "6 3",
        points: STEPS.map((step) => [step, step === 100 ? Number.NaN : 3] as const),
      },
    ],
    levels: [{ name: "ln K", value: 8.32 }],
    yIncludes: [0],
  });
  assertGolden("report/line-plot.svg", svg);
});

test("a value that is not finite breaks a line and does not reach the page", () => {
  const points = [
    [0, 1],
    [1, Number.NaN],
    [2, 2],
    [3, 3],
  ] as const;
  const svg = linePlotSvg({
    description: "d",
    xName: "x",
    yName: "y",
    lines: [{ name: "n", colour: "#000000", points }],
    levels: [],
    yIncludes: [],
  });
  const path = /<path d="([^"]+)"/.exec(svg)![1]!;
  assert.equal(path.match(/M/g)!.length, 2);
  assert.doesNotMatch(svg, /NaN/);
});

test("a scatter plot has a dot for each pair and the line on which both agree", () => {
  const svg = scatterPlotSvg({
    description: "Predicted against true",
    xName: "true",
    yName: "predicted",
    groups: [
      {
        name: "north",
        points: [
          [0, 1],
          [10, 8],
          [20, 22],
        ],
      },
      { name: "south", points: [[5, -2]] },
    ],
  });
  assert.equal(svg.match(/<circle [^>]*fill-opacity/g)!.length, 4);
  assertGolden("report/scatter-plot.svg", svg);
});

test("more groups than can be told apart share one colour and have no names", () => {
  const groups = Array.from({ length: 8 }, (_, index) => ({ name: `field ${index}`, points: [[index, index]] as const }));
  const svg = scatterPlotSvg({ description: "d", xName: "x", yName: "y", groups });
  assert.equal(new Set(svg.match(/fill="#\w+" fill-opacity/g)).size, 1);
  assert.doesNotMatch(svg, /field 3/);
});

test("an interval plot has a row for each estimate, the main one filled", () => {
  const svg = intervalPlotSvg({
    description: "Errors",
    xName: "mean squared error",
    rows: [
      { name: "trained", value: 5.2, interval: [4.4, 6.2], kind: "main" },
      { name: "untrained", value: 8.1, interval: [6.9, 9.7], kind: "floor" },
    ],
  });
  assertGolden("report/interval-plot.svg", svg);
});

/** The first PNG in a figure. */
function pngIn(svg: string) {
  const [, base64] = /data:image\/png;base64,([^"]+)"/.exec(svg)!;
  return parsePng(new Uint8Array(Buffer.from(base64!, "base64")));
}

test("a crop is shown with its first row at the bottom, black at 0 and white at 1", () => {
  const crop = { height: 2, width: 2, pixels: Float32Array.of(0, 0.5, 1, 2), title: "t", subtitle: "s", sources: [] };
  const png = pngIn(cropGallerySvg("one crop", [crop]));
  assert.deepEqual([png.height, png.width, png.channels], [2, 2, 1]);
  assert.deepEqual([...png.data], [255, 255, 0, 128]);
});

test("a source's circle lies over its pixel, counted from the bottom", () => {
  const crop = { height: 4, width: 4, pixels: new Float32Array(16), title: "t", subtitle: "s", sources: [{ x: 0, y: 3 }] };
  const svg = cropGallerySvg("one crop", [crop]);
  // The picture is 172 units wide: a pixel is 43, its centre 21.5 from the left and from the top.
  assert.match(svg, /<circle cx="21.5" cy="21.5"/);
});

test("a gallery of five crops has two rows", () => {
  const crops = Array.from({ length: 5 }, (_, index) => ({
    height: 2,
    width: 2,
    pixels: Float32Array.of(0, 0.25, 0.5, 0.75),
    title: `${index} sources`,
    subtitle: `crop <${index}>`,
    sources: [{ x: 0.5, y: 0.5 }],
  }));
  assertGolden("report/crop-gallery.svg", cropGallerySvg("five crops", crops));
});

test("an attention map runs from black at its least to pale yellow at its greatest value", () => {
  const crop = { height: 2, width: 2, pixels: new Float32Array(4) };
  const head = { height: 1, width: 3, pixels: Float32Array.of(0.2, 0.3, 0.4) };
  const svg = attentionStripSvg("one head", crop, [head]);
  const maps = [...svg.matchAll(/data:image\/png;base64,([^"]+)"/g)];
  assert.equal(maps.length, 2);
  const { data, channels } = parsePng(new Uint8Array(Buffer.from(maps[1]![1]!, "base64")));
  assert.equal(channels, 3);
  assert.deepEqual([...data.subarray(0, 3)], [0, 0, 4]);
  assert.deepEqual([...data.subarray(6, 9)], [252, 255, 164]);
  const lightness = [0, 1, 2].map((pixel) => data[3 * pixel]! + data[3 * pixel + 1]! + data[3 * pixel + 2]!);
  assert.ok(lightness[0]! < lightness[1]! && lightness[1]! < lightness[2]!);
});

test("a legend that is wider than its plot goes on in another row, and the figure grows by it", () => {
  const lines = [
    "an untrained backbone of the same shape",
    "raw pixels of the centre",
    "image statistics",
    "a fourth, of no name",
  ].map((name, y) => ({
    name,
    colour: "#0072b2",
    points: [
      [0, y],
      [1, y],
    ] as const,
  }));
  const plot = { description: "four", xName: "x", yName: "y", levels: [], yIncludes: [] };
  const svg = linePlotSvg({ ...plot, lines });
  const placeOf = (name: string) =>
    /x="([\d.]+)" y="([\d.]+)"/
      .exec(svg.slice(svg.lastIndexOf("<text", svg.indexOf(name))))!
      .slice(1)
      .map(Number);
  assert.equal(placeOf("an untrained")[1], placeOf("raw pixels")[1]);
  assert.deepEqual(placeOf("image statistics"), [90, placeOf("an untrained")[1]! + 18]);
  assert.match(svg, /viewBox="0 0 720 318"/);
  assert.match(linePlotSvg({ ...plot, lines: lines.slice(0, 2) }), /viewBox="0 0 720 300"/);
});

test("bars of two lines at the same place stand side by side about it, and a single line's stand on it", () => {
  const line = (name: string) => ({
    name,
    colour: "#0072b2",
    points: [
      [0, 1],
      [10, 2],
    ] as const,
    intervals: [
      [0.5, 1.5],
      [1.5, 2.5],
    ] as const,
  });
  const plot = { description: "bars", xName: "x", yName: "y", levels: [], yIncludes: [] };
  const dots = (svg: string) => [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, cx]) => Number(cx));
  assert.deepEqual(dots(linePlotSvg({ ...plot, lines: [line("one")] })), [64, 704]);
  assert.deepEqual(dots(linePlotSvg({ ...plot, lines: [line("one"), line("two")] })), [62, 702, 66, 706]);
});
