// What each attention head of the last block looks at, beside the crop (paper figure 7).
import type { Image } from "#base/image";
import { INK } from "./colours.ts";
import { greyPicture, heatPicture } from "./picture.ts";
import { FONT } from "./plot-frame.ts";
import { element, figureSvg, label, movedTo } from "./svg.ts";

const TILE = 172;
const GAP = 12;
const PER_ROW = 4;
const CAPTION = 22;

/** The crop, then one map a head; each map is shown between its own least and greatest value. Maps may be coarser than the crop. */
export function attentionStripSvg(description: string, crop: Image, heads: readonly Image[]): string {
  const tiles = [
    tile("crop", greyPicture(crop, { x: 0, y: 0, size: TILE })),
    ...heads.map((head, index) => tile(`head ${index + 1}`, heatPicture(stretched(head), { x: 0, y: 0, size: TILE }))),
  ];
  const numRows = Math.ceil(tiles.length / PER_ROW);
  const size = { width: PER_ROW * (TILE + GAP) - GAP, height: numRows * (TILE + CAPTION + GAP) - GAP };
  const placed = tiles.map((one, index) =>
    movedTo((index % PER_ROW) * (TILE + GAP), Math.floor(index / PER_ROW) * (TILE + CAPTION + GAP), one),
  );
  return figureSvg(size, description, element("g", { "font-family": FONT }, ...placed));
}

function tile(name: string, picture: string): string {
  return `${picture}\n${label(name, { x: 0, y: TILE + 16, "font-size": 12, fill: INK })}`;
}

function stretched({ height, width, pixels }: Image): Image {
  const low = pixels.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = pixels.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const range = high - low || 1;
  return { height, width, pixels: pixels.map((value) => (value - low) / range) };
}
