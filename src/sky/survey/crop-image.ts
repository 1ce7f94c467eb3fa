// A crop as an image of its own.
import type { Image } from "#base/image";
import type { CropSet } from "./crop-set.ts";

/** The crop without its margin, [cropSize, cropSize], linear, in the order of its stored rows. */
export function cropImage(set: CropSet, row: number): Image {
  const { cropSize, storedSize } = set.info;
  const margin = Math.floor((storedSize - cropSize) / 2);
  const stored = set.pixelsOf(row);
  const pixels = new Float32Array(cropSize * cropSize);
  for (let line = 0; line < cropSize; line++) {
    const start = (margin + line) * storedSize + margin;
    pixels.set(stored.subarray(start, start + cropSize), line * cropSize);
  }
  return { height: cropSize, width: cropSize, pixels };
}
