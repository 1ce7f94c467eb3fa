// The frame of a plot: axes with ticks and names, a light grid, a legend.
import { FAINT_INK, GRID, INK } from "./colours.ts";
import type { Scale } from "./scale.ts";
import { element, label } from "./svg.ts";

export const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";
const TICK_SIZE = 11;
const NAME_SIZE = 12;

/** Where a plot's axes lie in its figure, in user units. */
export interface PlotBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Axes {
  readonly box: PlotBox;
  readonly x: Scale;
  readonly y: Scale;
  /** Names with units: "loss (nats)". */
  readonly xName: string;
  readonly yName: string;
}

/** Grid, ticks and names; what is drawn comes on top. */
export function plotFrame({ box, x, y, xName, yName }: Axes): string {
  const rows = y.ticks.map(({ value, text }) => {
    const at = y.at(value);
    return (
      element("line", { x1: box.left, x2: box.right, y1: at, y2: at, stroke: GRID }) +
      label(text, { x: box.left - 6, y: at + 4, "text-anchor": "end", "font-size": TICK_SIZE, fill: FAINT_INK })
    );
  });
  const columns = x.ticks.map(({ value, text }) => {
    const at = x.at(value);
    return (
      element("line", { x1: at, x2: at, y1: box.bottom, y2: box.bottom + 4, stroke: FAINT_INK }) +
      label(text, { x: at, y: box.bottom + 17, "text-anchor": "middle", "font-size": TICK_SIZE, fill: FAINT_INK })
    );
  });
  const middleY = (box.top + box.bottom) / 2;
  return [
    ...rows,
    ...columns,
    element("line", { x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom, stroke: FAINT_INK }),
    label(xName, {
      x: (box.left + box.right) / 2,
      y: box.bottom + 35,
      "text-anchor": "middle",
      "font-size": NAME_SIZE,
      fill: INK,
    }),
    label(yName, {
      x: box.left - 44,
      y: middleY,
      "text-anchor": "middle",
      "font-size": NAME_SIZE,
      fill: INK,
      transform: `rotate(-90 ${box.left - 44} ${middleY})`,
    }),
  ].join("\n");
}

/** One entry of a legend: a line sample, or a dot where `dash` is "dot". */
export interface LegendEntry {
  readonly name: string;
  readonly colour: string;
  readonly dash?: string;
}

/** Entries in one row above a plot's box. Widths are guessed from the letters: fonts differ by little. */
export function legend(box: PlotBox, entries: readonly LegendEntry[]): string {
  let x = box.left;
  const y = box.top - 12;
  return entries
    .map(({ name, colour, dash }) => {
      const sample =
        dash === "dot"
          ? element("circle", { cx: x + 10, cy: y - 4, r: 3.5, fill: colour })
          : element("line", {
              x1: x,
              x2: x + 20,
              y1: y - 4,
              y2: y - 4,
              stroke: colour,
              "stroke-width": 2,
              "stroke-dasharray": dash,
            });
      const word = label(name, { x: x + 26, y, "font-size": NAME_SIZE, fill: INK });
      x += 44 + 6.6 * name.length;
      return sample + word;
    })
    .join("\n");
}
