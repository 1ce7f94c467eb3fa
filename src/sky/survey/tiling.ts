// Where crops lie in a field: the two tilings (paper section 2.2.1).

/** `cover`: the least number of crops that leaves no gap. `paper`: length / size, rounded, which may leave or overlap more. */
export type Tiling = "cover" | "paper";

/** First row and column of a crop, without its margin. */
export interface CropPlace {
  readonly y0: number;
  readonly x0: number;
}

/**
 * First pixels of the crops along one axis of `length` pixels: n crops of `cropSize`, the i-th at round(i (length - size) / (n - 1)),
 * so overlaps differ by at most one pixel. A single crop that does not fill the axis lies in its middle. Needs cropSize <= length.
 */
export function firstPixels(length: number, cropSize: number, tiling: Tiling): number[] {
  const room = length - cropSize;
  const numCrops = tiling === "cover" ? Math.ceil(length / cropSize) : Math.round(length / cropSize);
  if (numCrops === 1) return [Math.round(room / 2)];
  return Array.from({ length: numCrops }, (_, index) => Math.round((index * room) / (numCrops - 1)));
}

/** The places of all crops of a field, row by row. Throws Error, naming `where`, for a size that does not fit. */
export function cropPlaces(
  field: { readonly height: number; readonly width: number },
  options: { readonly cropSize: number; readonly tiling: Tiling },
  where: string,
): CropPlace[] {
  const { cropSize, tiling } = options;
  const shorter = Math.min(field.height, field.width);
  if (!(Number.isInteger(cropSize) && cropSize >= 1 && cropSize <= shorter)) {
    throw new Error(
      `${where}: --size: expected 1 to ${shorter} pixels, the shorter side of the field (${field.height} x ${field.width}), got ${cropSize}.`,
    );
  }
  const columns = firstPixels(field.width, cropSize, tiling);
  return firstPixels(field.height, cropSize, tiling).flatMap((y0) => columns.map((x0) => ({ y0, x0 })));
}
