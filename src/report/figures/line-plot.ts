// Lines over steps: loss and entropies, with reference lines.
import { FAINT_INK, INK } from "./colours.ts";
import { FONT, type LegendEntry, legend, legendExtra, type PlotBox, plotFrame } from "./plot-frame.ts";
import { linearScale, type Scale } from "./scale.ts";
import { element, figureSvg, label, shown } from "./svg.ts";

/** A line through points in order of x. A value that is not finite breaks the line. */
export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly dash?: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** 95 % of each point, drawn as a bar with a dot at the value. */
  readonly intervals?: readonly (readonly [low: number, high: number])[];
}

/** A level that means something, such as ln K. */
export interface ReferenceLevel {
  readonly name: string;
  readonly value: number;
}

export interface LinePlot {
  readonly description: string;
  readonly xName: string;
  readonly yName: string;
  readonly lines: readonly Line[];
  readonly levels: readonly ReferenceLevel[];
  /** Values the y axis must reach besides the data. */
  readonly yIncludes: readonly number[];
  /** The same of the x axis. */
  readonly xIncludes?: readonly number[];
}

const WIDTH = 720;
const HEIGHT = 300;
const BOX: PlotBox = { left: 64, top: 34, right: WIDTH - 16, bottom: HEIGHT - 46 };

/** The plot as an SVG figure of 720 x 300 units, higher where its legend takes several rows. */
export function linePlotSvg({ description, xName, yName, lines, levels, yIncludes, xIncludes = [] }: LinePlot): string {
  const entries: LegendEntry[] = lines.map(({ name, colour, dash }) => ({
    name,
    colour,
    ...(dash === undefined ? {} : { dash }),
  }));
  const extra = legendExtra(BOX, entries);
  const box = { ...BOX, top: BOX.top + extra, bottom: BOX.bottom + extra };
  const points = lines.flatMap((line) => line.points);
  const x = linearScale([...points.map(([value]) => value), ...xIncludes], { atLow: BOX.left, atHigh: BOX.right }, 8);
  const bars = lines.flatMap(({ intervals = [] }) => intervals.flat());
  const heights = [...points.map(([, value]) => value), ...bars, ...levels.map(({ value }) => value), ...yIncludes];
  const y = linearScale(heights, { atLow: box.bottom, atHigh: box.top });
  return figureSvg(
    { width: WIDTH, height: HEIGHT + extra },
    description,
    element(
      "g",
      { "font-family": FONT },
      plotFrame({ box, x, y, xName, yName }),
      legend(box, entries),
      ...levels.map((level) => levelLine(level, y, placesNearName(points, x, y))),
    ),
    ...lines.flatMap((line) => {
      const beside = shifted(x, shiftOf(line, lines));
      return [linePath(line, beside, y), ...intervalBars(line, beside, y)];
    }),
  );
}

/** About as wide and as high as the name of a level, in user units. */
const NAME_SIZE = { width: 110, height: 20 };

/** Heights of the points that lie where names of levels stand: at the right end. */
function placesNearName(points: readonly (readonly [number, number])[], x: Scale, y: Scale): readonly number[] {
  return points.filter(([px, py]) => Number.isFinite(py) && x.at(px) > BOX.right - NAME_SIZE.width).map(([, py]) => y.at(py));
}

/** The level's name stands above its line, or below where a plotted line runs just above it. */
function levelLine({ name, value }: ReferenceLevel, y: Scale, taken: readonly number[]): string {
  const at = y.at(value);
  const isTaken = (top: number) => taken.some((place) => place >= top && place <= top + NAME_SIZE.height);
  const isBelow = isTaken(at - NAME_SIZE.height) && !isTaken(at);
  return (
    element("line", { x1: BOX.left, x2: BOX.right, y1: at, y2: at, stroke: INK, "stroke-dasharray": "2 4" }) +
    label(name, { x: BOX.right, y: isBelow ? at + 14 : at - 5, "text-anchor": "end", "font-size": 12, fill: FAINT_INK })
  );
}

function linePath({ colour, dash, points }: Line, x: Scale, y: Scale): string {
  let isDrawing = false;
  const words: string[] = [];
  for (const [px, py] of points) {
    if (Number.isFinite(py)) words.push(`${isDrawing ? "L" : "M"}${shown(x.at(px))} ${shown(y.at(py))}`);
    isDrawing = Number.isFinite(py);
  }
  return element("path", {
    d: words.join(""),
    fill: "none",
    stroke: colour,
    "stroke-width": 1.8,
    "stroke-linejoin": "round",
    "stroke-dasharray": dash,
  });
}

/** Bars of several lines at the same x stand side by side, so many units apart. */
const BAR_STEP = 4;

function shiftOf(line: Line, lines: readonly Line[]): number {
  const barred = lines.filter(({ intervals }) => intervals !== undefined);
  const place = barred.indexOf(line);
  return place < 0 ? 0 : (place - (barred.length - 1) / 2) * BAR_STEP;
}

function shifted(x: Scale, by: number): Scale {
  return { ...x, at: (value) => x.at(value) + by };
}

function intervalBars({ colour, points, intervals = [] }: Line, x: Scale, y: Scale): string[] {
  return intervals.map(([low, high], place) => {
    const [px, py] = points[place]!; // one interval a point
    const at = x.at(px);
    return (
      element("line", { x1: at, x2: at, y1: y.at(low), y2: y.at(high), stroke: colour, "stroke-width": 1.2 }) +
      element("circle", { cx: at, cy: y.at(py), r: 3, fill: colour })
    );
  });
}
