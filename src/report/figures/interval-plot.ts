// Values with their intervals, one row each: the table of floors at a glance.
import { FAINT_INK, INK, SERIES } from "./colours.ts";
import { FONT, type PlotBox, plotFrame } from "./plot-frame.ts";
import { linearScale } from "./scale.ts";
import { element, figureSvg, label, shown } from "./svg.ts";

export interface IntervalRow {
  readonly name: string;
  readonly value: number;
  /** Equal to the value at both ends where there is none. */
  readonly interval: readonly [low: number, high: number];
  /** What the figure is about, what it is compared with, or a number that others printed. */
  readonly kind: "main" | "floor" | "published";
}

const WIDTH = 720;
const ROW_HEIGHT = 30;
/** Room for names: the least, the most, and what a letter takes. */
const LABELS = { least: 230, most: 340, letter: 6.9 } as const;

/** Rows from the top in the order given, x from 0. */
export function intervalPlotSvg(plot: {
  readonly description: string;
  readonly xName: string;
  readonly rows: readonly IntervalRow[];
}): string {
  const height = plot.rows.length * ROW_HEIGHT + 66;
  const longest = Math.max(0, ...plot.rows.map(({ name }) => name.length));
  const left = Math.min(Math.max(LABELS.least, longest * LABELS.letter + 16), LABELS.most);
  const box: PlotBox = { left, top: 12, right: WIDTH - 60, bottom: height - 46 };
  const x = linearScale([0, ...plot.rows.flatMap(({ interval }) => interval)], { atLow: box.left, atHigh: box.right }, 6);
  const y = { ...linearScale([0, 1], { atLow: box.bottom, atHigh: box.top }), ticks: [] };
  const marks = plot.rows.map(({ name, value, interval: [low, high], kind }, index) => {
    const at = box.top + (index + 0.5) * ROW_HEIGHT;
    const colour = COLOURS[kind];
    return [
      label(name, {
        x: box.left - 12,
        y: at + 4,
        "text-anchor": "end",
        "font-size": 12,
        fill: INK,
        "font-weight": kind === "main" ? 600 : undefined,
      }),
      element("line", { x1: x.at(low), x2: x.at(high), y1: at, y2: at, stroke: colour, "stroke-width": 2 }),
      mark(kind, x.at(value), at),
    ].join("");
  });
  const frame = plotFrame({ box, x, y, xName: plot.xName, yName: "" });
  return figureSvg({ width: WIDTH, height }, plot.description, element("g", { "font-family": FONT }, frame, ...marks));
}

const COLOURS: Readonly<Record<IntervalRow["kind"], string>> = { main: SERIES[0], floor: SERIES[1], published: FAINT_INK };

/** A filled circle, an empty square, an empty diamond: told apart without colours too. */
function mark(kind: IntervalRow["kind"], x: number, y: number): string {
  const outline = { fill: "#ffffff", stroke: COLOURS[kind], "stroke-width": 2 };
  const marks: Readonly<Record<IntervalRow["kind"], () => string>> = {
    main: () => element("circle", { cx: x, cy: y, r: 5, fill: COLOURS.main }),
    floor: () => element("rect", { x: x - 4, y: y - 4, width: 8, height: 8, ...outline }),
    published: () => element("path", { d: `M${shown(x - 5)} ${shown(y)}l5 -5l5 5l-5 5Z`, ...outline }),
  };
  return marks[kind]();
}
