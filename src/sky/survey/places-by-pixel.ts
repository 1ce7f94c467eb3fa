// Which crops of a field hold a pixel: asked for every source of a catalogue, in fields of tens of thousands of crops.
import type { CropPlace } from "./tiling.ts";

/** A crop that holds a pixel, by its index, and how far its centre is, in pixels. */
export interface HoldingCrop {
  readonly crop: number;
  readonly distance: number;
}

/** Cells along a row of them: more than any image has. */
const CELLS_PER_ROW = 2 ** 26;

/** Tells the crops that hold a position, in their order. Pixels reach half a pixel around their centres. */
export function placesByPixel(places: readonly CropPlace[], cropSize: number): (x: number, y: number) => readonly HoldingCrop[] {
  // Cells of a crop's side: what holds a pixel begins in the pixel's cell or in the one before it.
  const cellOf = (y: number, x: number) => Math.floor(y / cropSize) * CELLS_PER_ROW + Math.floor(x / cropSize);
  const cells = new Map<number, number[]>();
  for (const [crop, { y0, x0 }] of places.entries()) {
    const cell = cellOf(y0, x0);
    if (cells.has(cell)) cells.get(cell)!.push(crop);
    else cells.set(cell, [crop]);
  }
  const half = cropSize / 2;
  return (x, y) => {
    const cell = cellOf(y + 0.5, x + 0.5);
    const holding: HoldingCrop[] = [];
    for (const near of [cell - CELLS_PER_ROW - 1, cell - CELLS_PER_ROW, cell - 1, cell]) {
      for (const crop of cells.get(near) ?? []) {
        const dy = y - (places[crop]!.y0 - 0.5 + half);
        const dx = x - (places[crop]!.x0 - 0.5 + half);
        if (dy >= -half && dy < half && dx >= -half && dx < half) holding.push({ crop, distance: Math.hypot(dx, dy) });
      }
    }
    return holding.length > 1 ? holding.sort((a, b) => a.crop - b.crop) : holding;
  };
}
