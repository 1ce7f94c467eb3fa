// Histograms side by side with a logarithmic height: how scalings spread the fluxes of a field (paper, Figure 4).
import { FAINT_INK, GRID, INK, SERIES } from "./colours.ts";
import { FONT } from "./plot-frame.ts";
import { element, figureSvg, label, movedTo, shown } from "./svg.ts";

/** Counts in equal bins from 0 to 1. */
export interface Histogram {
  readonly title: string;
  readonly counts: readonly number[];
}

const NUM_COLUMNS = 3;
const PANEL = { width: 240, height: 190 };
const BOX = { left: 44, top: 26, right: PANEL.width - 12, bottom: PANEL.height - 34 };
const TICK_SIZE = 10;

/** Panels in rows of three, all of one height; bins without a count stay empty. */
export function histogramGridSvg(grid: {
  readonly description: string;
  readonly xName: string;
  readonly yName: string;
  readonly histograms: readonly Histogram[];
}): string {
  const { histograms, description } = grid;
  const most = histograms.reduce((greatest, { counts }) => counts.reduce((a, b) => Math.max(a, b), greatest), 1);
  const decades = Math.max(1, Math.ceil(Math.log10(most)));
  const panels = histograms.map((histogram, index) =>
    movedTo(
      (index % NUM_COLUMNS) * PANEL.width,
      Math.floor(index / NUM_COLUMNS) * PANEL.height,
      panel(histogram, decades, grid, index),
    ),
  );
  const numRows = Math.ceil(histograms.length / NUM_COLUMNS);
  const size = { width: Math.min(NUM_COLUMNS, histograms.length) * PANEL.width, height: numRows * PANEL.height };
  return figureSvg(size, description, element("g", { "font-family": FONT }, ...panels));
}

function panel(
  { title, counts }: Histogram,
  decades: number,
  names: { readonly xName: string; readonly yName: string },
  index: number,
): string {
  // Half a decade below 1, so that a single pixel is seen.
  const heightOf = (count: number) => ((Math.log10(count) + 0.5) / (decades + 0.5)) * (BOX.bottom - BOX.top);
  const binWidth = (BOX.right - BOX.left) / counts.length;
  const bars = counts.flatMap((count, bin) => {
    if (count === 0) return [];
    const [x, y] = [BOX.left + bin * binWidth, BOX.bottom - heightOf(count)];
    return [`M${shown(x)} ${shown(BOX.bottom)}V${shown(y)}h${shown(binWidth)}V${shown(BOX.bottom)}Z`];
  });
  const middleY = (BOX.top + BOX.bottom) / 2;
  return [
    label(title, { x: BOX.left, y: BOX.top - 10, "font-size": 12, fill: INK }),
    ...decadeLines(decades, heightOf),
    element("path", { d: bars.join(""), fill: SERIES[0] }),
    ...[0, 0.5, 1].map((value) =>
      label(String(value), {
        x: BOX.left + value * (BOX.right - BOX.left),
        y: BOX.bottom + 13,
        "text-anchor": "middle",
        "font-size": TICK_SIZE,
        fill: FAINT_INK,
      }),
    ),
    element("line", { x1: BOX.left, x2: BOX.right, y1: BOX.bottom, y2: BOX.bottom, stroke: FAINT_INK }),
    label(names.xName, {
      x: (BOX.left + BOX.right) / 2,
      y: BOX.bottom + 27,
      "text-anchor": "middle",
      "font-size": TICK_SIZE,
      fill: INK,
    }),
    ...(index % NUM_COLUMNS === 0
      ? [
          label(names.yName, {
            x: 11,
            y: middleY,
            "text-anchor": "middle",
            "font-size": TICK_SIZE,
            fill: INK,
            transform: `rotate(-90 11 ${middleY})`,
          }),
        ]
      : []),
  ].join("\n");
}

function decadeLines(decades: number, heightOf: (count: number) => number): readonly string[] {
  const step = Math.ceil(decades / 5);
  return Array.from({ length: Math.floor(decades / step) + 1 }, (_, index) => index * step).map((power) => {
    const y = BOX.bottom - heightOf(10 ** power);
    const text = ["1", "10", "100", "1000"][power] ?? `1e${power}`;
    return (
      element("line", { x1: BOX.left, x2: BOX.right, y1: y, y2: y, stroke: GRID }) +
      label(text, { x: BOX.left - 5, y: y + 3, "text-anchor": "end", "font-size": TICK_SIZE, fill: FAINT_INK })
    );
  });
}
