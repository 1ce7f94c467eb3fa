// A crop with the patches that each attention head looks at most, and the head's whole map under it (paper Figure 7).
import { type Image, percentiles } from "#base/image";
import { INK } from "./colours.ts";
import { greyPicture, heatPicture } from "./picture.ts";
import { FONT } from "./plot-frame.ts";
import { element, figureSvg, label, movedTo, shown } from "./svg.ts";

/** Attention over a grid of patches, row 0 the southern one as in the crop. */
export interface AttentionMap extends Image {
  readonly name: string;
}

const TILE = 190;
const GAP = 10;
const CAPTION = 20;
const PER_ROW = 4;
const BAND = 2 * TILE + GAP + CAPTION;
/** As in the paper. */
const PERCENTILE = 90;
const CONTOUR = "#ff3b30";

/**
 * Map by map: above, the crop with an outline round the patches from the map's 90th percentile on; below, the map between its least
 * and its greatest value. Four maps a row.
 */
export function attentionContoursSvg(description: string, crop: Image, maps: readonly AttentionMap[]): string {
  const columns = maps.map((map, index) =>
    movedTo((index % PER_ROW) * (TILE + GAP), Math.floor(index / PER_ROW) * (BAND + GAP), column(crop, map)),
  );
  const numRows = Math.ceil(maps.length / PER_ROW);
  const size = {
    width: Math.min(PER_ROW, maps.length) * (TILE + GAP) - GAP,
    height: numRows * (BAND + GAP) - GAP,
  };
  return figureSvg(size, description, element("g", { "font-family": FONT }, ...columns));
}

function column(crop: Image, map: AttentionMap): string {
  return [
    label(map.name, { x: 0, y: 13, "font-size": 12, fill: INK }),
    movedTo(
      0,
      CAPTION,
      greyPicture(crop, { x: 0, y: 0, size: TILE }),
      element("path", { d: outline(map), stroke: CONTOUR, "stroke-width": 1.4, fill: "none" }),
    ),
    movedTo(0, CAPTION + TILE + GAP, heatPicture(stretched(map), { x: 0, y: 0, size: TILE })),
  ].join("\n");
}

/** The edges between patches inside and patches outside. */
function outline({ height, width, pixels }: Image): string {
  const [threshold] = percentiles(Float64Array.from(pixels), [PERCENTILE]);
  const isInside = (row: number, column: number) =>
    row >= 0 && column >= 0 && row < height && column < width && pixels[row * width + column]! >= threshold!;
  const [stepX, stepY] = [TILE / width, TILE / height];
  const x = (column: number) => shown(column * stepX);
  // Rows go north, pictures down.
  const y = (row: number) => shown(TILE - row * stepY);
  const words: string[] = [];
  for (let row = 0; row <= height; row++) {
    for (let column = 0; column <= width; column++) {
      const here = isInside(row, column);
      if (here !== isInside(row - 1, column)) words.push(`M${x(column)} ${y(row)}H${x(column + 1)}`);
      if (here !== isInside(row, column - 1)) words.push(`M${x(column)} ${y(row)}V${y(row + 1)}`);
    }
  }
  return words.join("");
}

function stretched({ height, width, pixels }: Image): Image {
  const low = pixels.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = pixels.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const range = high - low || 1;
  return { height, width, pixels: pixels.map((value) => (value - low) / range) };
}
