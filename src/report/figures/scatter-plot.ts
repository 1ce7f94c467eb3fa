// Predicted against true values, with the line on which they agree.
import { INK, SERIES } from "./colours.ts";
import { FONT, legend, legendExtra, type PlotBox, plotFrame } from "./plot-frame.ts";
import { linearScale } from "./scale.ts";
import { element, figureSvg } from "./svg.ts";

/** Points of one colour: one held-out field, say. */
export interface PointGroup {
  readonly name: string;
  readonly points: readonly (readonly [trueValue: number, predicted: number])[];
}

export interface ScatterPlot {
  readonly description: string;
  readonly xName: string;
  readonly yName: string;
  readonly groups: readonly PointGroup[];
}

const WIDTH = 480;
const HEIGHT = 480;
const BOX: PlotBox = { left: 64, top: 34, right: WIDTH - 20, bottom: HEIGHT - 46 };

/** Up to this many groups have a colour and a name each; more share one colour. */
const MOST_NAMED = 3;

/** A square figure of 480 units (higher where its legend takes several rows) with the line of agreement, as far as both axes go. */
export function scatterPlotSvg({ description, xName, yName, groups }: ScatterPlot): string {
  const points = groups.flatMap((group) => group.points);
  const greatest = points.flat().reduce((a, b) => Math.max(a, b), 0);
  const isNamed = groups.length <= MOST_NAMED;
  const colourOf = (index: number) => (isNamed ? SERIES[index]! : SERIES[0]);
  const entries = [
    ...(isNamed ? groups.map(({ name }, index) => ({ name, colour: colourOf(index), dash: "dot" })) : []),
    { name: "prediction = truth", colour: INK, dash: "5 4" },
  ];
  const extra = legendExtra(BOX, entries);
  const box = { ...BOX, top: BOX.top + extra, bottom: BOX.bottom + extra };
  const x = linearScale([0, greatest, ...points.map(([truth]) => truth)], { atLow: box.left, atHigh: box.right });
  const y = linearScale([0, greatest, ...points.map(([, predicted]) => predicted)], { atLow: box.bottom, atHigh: box.top });
  const [low, high] = [Math.max(x.low, y.low), Math.min(x.high, y.high)];
  const dots = groups.flatMap((group, index) =>
    group.points.map(([truth, predicted]) =>
      element("circle", { cx: x.at(truth), cy: y.at(predicted), r: 3, fill: colourOf(index), "fill-opacity": 0.55 }),
    ),
  );
  return figureSvg(
    { width: WIDTH, height: HEIGHT + extra },
    description,
    element("g", { "font-family": FONT }, plotFrame({ box, x, y, xName, yName }), legend(box, entries)),
    element("line", {
      x1: x.at(low),
      y1: y.at(low),
      x2: x.at(high),
      y2: y.at(high),
      stroke: INK,
      "stroke-dasharray": "5 4",
    }),
    ...dots,
  );
}
