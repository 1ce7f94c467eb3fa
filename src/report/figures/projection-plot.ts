// Embeddings on a plane, once for each thing that is known of the crops: survey, field, quality, count (paper Figure 6).
import { countText, numberText } from "../number-text.ts";
import { FAINT_INK, heatColour, INK } from "./colours.ts";
import { FONT } from "./plot-frame.ts";
import { element, figureSvg, label, movedTo, shown } from "./svg.ts";

/** One panel: a colour for every point. A value that is null is drawn faintly, below the others. */
export type ProjectionPanel =
  | { readonly title: string; readonly kind: "names"; readonly values: readonly (string | null)[] }
  | { readonly title: string; readonly kind: "numbers"; readonly values: readonly (number | null)[] };

export interface ProjectionPlot {
  readonly description: string;
  readonly title: string;
  /** [N, 2] */
  readonly coordinates: ArrayLike<number>;
  readonly panels: readonly ProjectionPanel[];
}

const PANEL = { side: 340, legend: 64, gap: 26, title: 26 };
const PER_ROW = 2;
const TITLE = 30;
const UNKNOWN = "#c9ced4";
const OTHERS = "#8a929b";
/** Okabe & Ito's eight without yellow and black, and three more that keep apart from them. */
const NAMES = ["#0072b2", "#d55e00", "#009e73", "#aa4499", "#e69f00", "#56b4e9", "#882255", "#44aa99"] as const;
const NUM_SHADES = 24;
/** The palest colours are not seen on white. */
const LAST_SHADE = 0.86;
const CLIPPED = { low: 0.02, high: 0.98 };

/** Points of one colour. */
interface Layer {
  readonly colour: string;
  readonly rows: readonly number[];
  readonly opacity: number;
}

/** Panels in rows of two, each as high as its points ask for, with its legend under it. Numbers are coloured between their 2nd and 98th percentile. */
export function projectionPlotSvg({ description, title, coordinates, panels }: ProjectionPlot): string {
  const { points, height } = placed(coordinates);
  const radius = Math.max(1.1, Math.min(3.2, 90 / Math.sqrt(points.length)));
  const drawn = panels.map((panel, index) => {
    const x = (index % PER_ROW) * (PANEL.side + PANEL.gap);
    const y = TITLE + Math.floor(index / PER_ROW) * (height + PANEL.legend + PANEL.title);
    return movedTo(x, y, panelSvg(panel, { points, height, radius }));
  });
  const numRows = Math.ceil(panels.length / PER_ROW);
  const numColumns = Math.min(PER_ROW, panels.length);
  const size = {
    width: numColumns * (PANEL.side + PANEL.gap) - PANEL.gap,
    height: TITLE + numRows * (height + PANEL.legend + PANEL.title),
  };
  const heading = label(title, { x: 0, y: 15, "font-size": 12, fill: FAINT_INK });
  return figureSvg(size, description, element("g", { "font-family": FONT }, heading, ...drawn));
}

/** Where the points of a panel lie, and how large they are. */
interface Placed {
  readonly points: readonly (readonly [number, number])[];
  /** Of the panel, which is as wide as `PANEL.side`. */
  readonly height: number;
  readonly radius: number;
}

/** Points in a panel's own units: both axes share one scale, with a margin. Points that lie flat have a panel that does. */
function placed(coordinates: ArrayLike<number>): Omit<Placed, "radius"> {
  const ends = (offset: number) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let index = offset; index < coordinates.length; index += 2) {
      low = Math.min(low, coordinates[index]!);
      high = Math.max(high, coordinates[index]!);
    }
    return [low, high] as const;
  };
  const [[lowX, highX], [lowY, highY]] = [ends(0), ends(1)];
  const inner = PANEL.side - 2 * MARGIN;
  const scale = inner / (Math.max(highX - lowX, highY - lowY) || 1);
  const height = Math.ceil(Math.max(LEAST_HEIGHT, Math.min(inner, (highY - lowY) * scale) + 2 * MARGIN));
  const points = Array.from({ length: coordinates.length / 2 }, (_, row): [number, number] => [
    PANEL.side / 2 + (coordinates[2 * row]! - (lowX + highX) / 2) * scale,
    height / 2 - (coordinates[2 * row + 1]! - (lowY + highY) / 2) * scale,
  ]);
  return { points, height };
}

const MARGIN = 12;
const LEAST_HEIGHT = 120;

function panelSvg(panel: ProjectionPanel, { points, height, radius }: Placed): string {
  const { layers, legend } = panel.kind === "names" ? nameLayers(panel.values) : numberLayers(panel.values);
  const paths = layers.map(({ colour, rows, opacity }) =>
    element("path", {
      // A line of no length with round ends is a dot: one path a colour instead of an element a point.
      d: rows.map((row) => `M${shown(points[row]![0])} ${shown(points[row]![1])}h0`).join(""),
      stroke: colour,
      "stroke-width": 2 * radius,
      "stroke-linecap": "round",
      "stroke-opacity": opacity,
      fill: "none",
    }),
  );
  return [
    label(panel.title, { x: 0, y: 14, "font-size": 13, "font-weight": 600, fill: INK }),
    movedTo(
      0,
      PANEL.title - 4,
      element("rect", { x: 0.5, y: 0.5, width: PANEL.side - 1, height: height - 1, fill: "none", stroke: "#d5dae0" }),
      ...paths,
      movedTo(0, height + 8, legend),
    ),
  ].join("\n");
}

function nameLayers(values: readonly (string | null)[]): { readonly layers: readonly Layer[]; readonly legend: string } {
  const rowsOf = new Map<string, number[]>();
  const unknown: number[] = [];
  for (const [row, value] of values.entries()) {
    if (value === null) unknown.push(row);
    else if (rowsOf.has(value)) rowsOf.get(value)!.push(row);
    else rowsOf.set(value, [row]);
  }
  const byCount = [...rowsOf].toSorted((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
  // Fewer names than colours have one each; of more, the most frequent, and the rest are told together.
  const numNamed = byCount.length <= NAMES.length ? byCount.length : NAMES.length - 1;
  const others = byCount.slice(numNamed);
  const named = byCount.slice(0, numNamed).map(([name, rows], index) => ({ name, colour: NAMES[index]!, rows, opacity: 0.75 }));
  const layers = [
    { name: "not known", colour: UNKNOWN, rows: unknown, opacity: 0.6 },
    { name: `${others.length} others`, colour: OTHERS, rows: others.flatMap(([, rows]) => rows), opacity: 0.5 },
  ];
  const all = [...layers.filter(({ rows }) => rows.length > 0), ...named];
  return { layers: all, legend: nameLegend([...named, ...layers.filter(({ rows }) => rows.length > 0)]) };
}

/** Entries in as many rows as they need. */
function nameLegend(entries: readonly { readonly name: string; readonly colour: string }[]): string {
  const LINE = 15;
  let [x, y] = [0, 8];
  const words = entries.map(({ name, colour }) => {
    const text = name.length > 24 ? `${name.slice(0, 23)}…` : name;
    const width = 20 + 6.1 * text.length;
    if (x + width > PANEL.side + 8 && x > 0) [x, y] = [0, y + LINE];
    const entry =
      element("circle", { cx: x + 5, cy: y - 3.5, r: 4, fill: colour }) +
      label(text, { x: x + 13, y, "font-size": 10.5, fill: INK });
    x += width;
    return y > 8 + 2 * LINE ? "" : entry;
  });
  return words.join("\n");
}

function numberLayers(values: readonly (number | null)[]): { readonly layers: readonly Layer[]; readonly legend: string } {
  const isKnown = (value: number | null): value is number => value !== null && Number.isFinite(value);
  const sorted = Float64Array.from(values.filter(isKnown)).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [at(CLIPPED.low), at(CLIPPED.high)];
  const shades: number[][] = Array.from({ length: NUM_SHADES }, () => []);
  const unknown: number[] = [];
  for (const [row, value] of values.entries()) {
    if (!isKnown(value)) unknown.push(row);
    else shades[Math.min(NUM_SHADES - 1, Math.max(0, Math.floor(((value - low) / (high - low || 1)) * NUM_SHADES)))]!.push(row);
  }
  const layers = [
    { colour: UNKNOWN, rows: unknown, opacity: 0.6 },
    ...shades.map((rows, shade) => ({ colour: shadeColour(shade), rows, opacity: 0.85 })),
  ];
  return { layers: layers.filter(({ rows }) => rows.length > 0), legend: numberLegend(low, high, unknown.length) };
}

function shadeColour(shade: number): string {
  return `rgb(${heatColour((LAST_SHADE * shade) / (NUM_SHADES - 1)).join(",")})`;
}

/** A bar of colours between its ends. */
function numberLegend(low: number, high: number, numUnknown: number): string {
  const width = 180;
  const bars = Array.from({ length: NUM_SHADES }, (_, shade) =>
    element("rect", {
      x: (shade * width) / NUM_SHADES,
      y: 0,
      width: width / NUM_SHADES + 0.3,
      height: 9,
      fill: shadeColour(shade),
    }),
  );
  const text = (value: number) => (Number.isInteger(value) ? countText(value).replace("-", "−") : numberText(value));
  const words = { y: 22, "font-size": 10.5, fill: INK };
  return [
    ...bars,
    label(text(low), { x: 0, ...words }),
    label(text(high), { x: width, "text-anchor": "end", ...words }),
    ...(numUnknown > 0
      ? nameLegend([{ name: `${numUnknown} not known`, colour: UNKNOWN }])
          .split("\n")
          .map((one) => movedTo(width + 14, 0, one))
      : []),
  ].join("\n");
}
