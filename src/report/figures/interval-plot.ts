// Values with their intervals, one row each: the table of floors at a glance.
import { INK, SERIES } from "./colours.ts";
import { FONT, type PlotBox, plotFrame } from "./plot-frame.ts";
import { linearScale } from "./scale.ts";
import { element, figureSvg, label } from "./svg.ts";

export interface IntervalRow {
  readonly name: string;
  readonly value: number;
  readonly interval: readonly [low: number, high: number];
  /** The row the figure is about; the others are what it is compared with. */
  readonly isMain: boolean;
}

const WIDTH = 720;
const ROW_HEIGHT = 30;

/** Rows from the top in the order given, x from 0. */
export function intervalPlotSvg(plot: {
  readonly description: string;
  readonly xName: string;
  readonly rows: readonly IntervalRow[];
}): string {
  const height = plot.rows.length * ROW_HEIGHT + 66;
  const box: PlotBox = { left: 230, top: 12, right: WIDTH - 60, bottom: height - 46 };
  const x = linearScale([0, ...plot.rows.flatMap(({ interval }) => interval)], { atLow: box.left, atHigh: box.right }, 6);
  const y = { ...linearScale([0, 1], { atLow: box.bottom, atHigh: box.top }), ticks: [] };
  const marks = plot.rows.map(({ name, value, interval: [low, high], isMain }, index) => {
    const at = box.top + (index + 0.5) * ROW_HEIGHT;
    const colour = isMain ? SERIES[0] : SERIES[1];
    return [
      label(name, {
        x: box.left - 12,
        y: at + 4,
        "text-anchor": "end",
        "font-size": 12,
        fill: INK,
        "font-weight": isMain ? 600 : undefined,
      }),
      element("line", { x1: x.at(low), x2: x.at(high), y1: at, y2: at, stroke: colour, "stroke-width": 2 }),
      isMain
        ? element("circle", { cx: x.at(value), cy: at, r: 5, fill: colour })
        : element("rect", {
            x: x.at(value) - 4,
            y: at - 4,
            width: 8,
            height: 8,
            fill: "#ffffff",
            stroke: colour,
            "stroke-width": 2,
          }),
    ].join("");
  });
  const frame = plotFrame({ box, x, y, xName: plot.xName, yName: "" });
  return figureSvg({ width: WIDTH, height }, plot.description, element("g", { "font-family": FONT }, frame, ...marks));
}
