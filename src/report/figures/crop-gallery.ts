// Crops side by side, with circles about their catalogued sources.
import type { Image } from "#base/image";
import { FAINT_INK, INK, MARK } from "./colours.ts";
import { greyPicture } from "./picture.ts";
import { FONT } from "./plot-frame.ts";
import { element, figureSvg, label, movedTo } from "./svg.ts";

/** One crop to show: pixels in [0, 1]. Source positions in its pixels (0-based centres, row 0 the southern one). */
export interface GalleryCrop extends Image {
  readonly title: string;
  readonly subtitle: string;
  readonly sources: readonly { readonly x: number; readonly y: number }[];
}

const TILE = 172;
const GAP = 12;
const PER_ROW = 4;
const CAPTION = 38;
const CIRCLE_PIXELS = 4;

/** Up to four crops a row, in the order given. */
export function cropGallerySvg(description: string, crops: readonly GalleryCrop[]): string {
  const numRows = Math.ceil(crops.length / PER_ROW);
  const size = { width: PER_ROW * (TILE + GAP) - GAP, height: numRows * (TILE + CAPTION + GAP) - GAP };
  const tiles = crops.map((crop, index) =>
    movedTo((index % PER_ROW) * (TILE + GAP), Math.floor(index / PER_ROW) * (TILE + CAPTION + GAP), tile(crop)),
  );
  return figureSvg(size, description, element("g", { "font-family": FONT }, ...tiles));
}

function tile(crop: GalleryCrop): string {
  const scale = TILE / crop.width;
  const circles = crop.sources.map(({ x, y }) =>
    element("circle", {
      cx: (x + 0.5) * scale,
      cy: (crop.height - 0.5 - y) * scale,
      r: CIRCLE_PIXELS * scale,
      fill: "none",
      stroke: MARK,
      "stroke-width": 1.4,
    }),
  );
  const bottom = (crop.height / crop.width) * TILE;
  return [
    // A picture of its own cuts circles off at the crop's edge.
    element("svg", { width: TILE, height: bottom }, greyPicture(crop, { x: 0, y: 0, size: TILE }), ...circles),
    label(fitted(crop.title, 12), { x: 0, y: bottom + 16, "font-size": 12, fill: INK }),
    label(fitted(crop.subtitle, 11), { x: 0, y: bottom + 31, "font-size": 11, fill: FAINT_INK }),
  ].join("\n");
}

/** Words as they fit under a tile. Widths are guessed from the letters: fonts differ by little. */
function fitted(text: string, fontSize: number): string {
  const most = Math.floor(TILE / (0.56 * fontSize));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
