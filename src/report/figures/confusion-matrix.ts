// A confusion matrix: true classes down, predicted ones across, each row shaded by its shares (paper figure 11).
import { FAINT_INK, INK } from "./colours.ts";
import { FONT } from "./plot-frame.ts";
import { element, figureSvg, label } from "./svg.ts";

const CELL = 76;
const LEFT = 104;
const TOP = 44;
const RIGHT = 8;
const BOTTOM = 34;

/** `counts` [true][predicted] in the order of `classes`; means over repeats need not be whole. */
export function confusionMatrixSvg(matrix: {
  readonly description: string;
  readonly title: string;
  readonly classes: readonly string[];
  readonly counts: readonly (readonly number[])[];
}): string {
  const { title, classes, counts, description } = matrix;
  const side = classes.length * CELL;
  const cells = counts.flatMap((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, predicted) => cell(count, total === 0 ? 0 : count / total, { row: truth, column: predicted }));
  });
  const middle = (place: number) => (place + 0.5) * CELL;
  const names = classes.flatMap((name, place) => [
    label(name, { x: LEFT - 8, y: TOP + middle(place) + 4, "text-anchor": "end", "font-size": 12, fill: INK }),
    label(name, { x: LEFT + middle(place), y: TOP + side + 16, "text-anchor": "middle", "font-size": 12, fill: INK }),
  ]);
  const axes = [
    label(title, { x: LEFT, y: 16, "font-size": 13, "font-weight": 600, fill: INK }),
    label("true class", { x: LEFT - 8, y: TOP - 8, "text-anchor": "end", "font-size": 11, fill: FAINT_INK }),
    label("predicted class", {
      x: LEFT + side / 2,
      y: TOP + side + 31,
      "text-anchor": "middle",
      "font-size": 11,
      fill: FAINT_INK,
    }),
  ];
  const size = { width: LEFT + side + RIGHT, height: TOP + side + BOTTOM };
  return figureSvg(size, description, element("g", { "font-family": FONT }, ...cells, ...names, ...axes));
}

/** The share of the true class, and the count under it. */
function cell(count: number, share: number, { row, column }: { readonly row: number; readonly column: number }): string {
  const [x, y] = [LEFT + column * CELL, TOP + row * CELL];
  const text = { x: x + CELL / 2, "text-anchor": "middle", fill: share > 0.55 ? "#ffffff" : INK };
  return [
    element("rect", { x: x + 1, y: y + 1, width: CELL - 2, height: CELL - 2, fill: blue(share) }),
    label(share.toFixed(2), { ...text, y: y + CELL / 2 + 1, "font-size": 14 }),
    label(Number.isInteger(count) ? String(count) : count.toFixed(1), { ...text, y: y + CELL / 2 + 17, "font-size": 10.5 }),
  ].join("");
}

/** From nearly white to the first series' blue. */
function blue(share: number): string {
  const mix = (light: number, dark: number) => Math.round(light + share * (dark - light));
  return `rgb(${mix(240, 0)},${mix(245, 114)},${mix(250, 178)})`;
}
