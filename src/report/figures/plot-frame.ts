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

/** Width of an entry, guessed from its letters: fonts differ by little. */
function entryWidth({ name }: LegendEntry): number {
  return 44 + 6.6 * name.length;
}

/** Entries in as many rows as the width of a plot's box asks for. */
function legendRows({ left, right }: Pick<PlotBox, "left" | "right">, entries: readonly LegendEntry[]): LegendEntry[][] {
  const rows: LegendEntry[][] = [[]];
  let used = 0;
  for (const entry of entries) {
    if (used > 0 && used + entryWidth(entry) > right - left) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)!.push(entry);
    used += entryWidth(entry);
  }
  return rows;
}

const LEGEND_ROW = 18;

/** How much further down a plot's box must begin for a legend of more rows than one. */
export function legendExtra(box: Pick<PlotBox, "left" | "right">, entries: readonly LegendEntry[]): number {
  return (legendRows(box, entries).length - 1) * LEGEND_ROW;
}

/** Entries above a plot's box, the last row next to it. */
export function legend(box: PlotBox, entries: readonly LegendEntry[]): string {
  const rows = legendRows(box, entries);
  return rows.map((row, index) => legendRow(row, box.left, box.top - 12 - (rows.length - 1 - index) * LEGEND_ROW)).join("\n");
}

function legendRow(entries: readonly LegendEntry[], left: number, y: number): string {
  let x = left;
  return entries
    .map((entry) => {
      const { name, colour, dash } = entry;
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
      x += entryWidth(entry);
      return sample + word;
    })
    .join("\n");
}
