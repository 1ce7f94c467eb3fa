// The floor of raw pixels for cutouts: the stretched pixels of the centre, as they are (96 x 96 in the paper's appendix C.1).
import { contrastStretch } from "#base/image";
import type { EmbeddingTable } from "#learn/embeddings";
import type { CropSet } from "#sky/survey";

/** Side of the centre that is taken, in pixels; a smaller crop is taken whole. */
export const CENTRE_SIZE = 96;

/** One vector a crop: its central square, stretched by the crop's own limits to [0, 1], row by row. Nothing is resampled. */
export function centrePixels(cropSet: CropSet, size: number = CENTRE_SIZE): EmbeddingTable {
  const { info, records, sha256 } = cropSet;
  const side = Math.min(size, info.cropSize);
  const start = Math.floor((info.storedSize - side) / 2);
  const embeddings = new Float32Array(records.length * side * side);
  for (const [index, record] of records.entries()) {
    const stored = cropSet.pixelsOf(index);
    const centre = new Float32Array(side * side);
    for (let row = 0; row < side; row++) {
      const from = (start + row) * info.storedSize + start;
      centre.set(stored.subarray(from, from + side), row * side);
    }
    embeddings.set(contrastStretch({ height: side, width: side, pixels: centre }, record).pixels, index * side * side);
  }
  return {
    backbone: "pixels",
    dim: side * side,
    cropSetName: info.name,
    cropSetSha256: sha256,
    cropSize: info.cropSize,
    seenIds: [],
    records,
    embeddings,
  };
}
