// A crop set through a frozen backbone: margin off, stretched by its own limits, resized to the backbone's input (paper 3.3).
import { contrastStretch, type Image, resize } from "#base/image";
import type { CropSet } from "#sky/survey";
import type { Backbone } from "./backbone.ts";
import type { EmbeddingTable } from "./embedding-table.ts";

export interface EmbedOptions {
  readonly batchSize: number;
  /** Ids of rows that the backbone has seen in pre-training, to be kept with the table. */
  readonly seenIds?: readonly string[];
  /** Told after every batch how many more crops are done. */
  readonly onProgress?: (count: number) => void;
}

/** Embeds every crop of a set, in its order. Throws RangeError, naming the crop, for pixels that are NaN. */
export async function embedCropSet(cropSet: CropSet, backbone: Backbone, options: EmbedOptions): Promise<EmbeddingTable> {
  const { batchSize, seenIds = [], onProgress = () => {} } = options;
  const { records, info } = cropSet;
  const { dim, inputSize } = backbone;
  const numPixels = inputSize * inputSize;
  const embeddings = new Float32Array(records.length * dim);
  for (let start = 0; start < records.length; start += batchSize) {
    const count = Math.min(batchSize, records.length - start);
    const images = new Float32Array(count * numPixels);
    for (let row = 0; row < count; row++) images.set(cropInput(cropSet, start + row, inputSize), row * numPixels);
    embeddings.set(await backbone.embed(images, count), start * dim);
    onProgress(count);
  }
  const { name: cropSetName, cropSize } = info;
  return { backbone: backbone.name, dim, cropSetName, cropSetSha256: cropSet.sha256, cropSize, seenIds, records, embeddings };
}

/** One crop as a backbone takes it, [inputSize, inputSize], values in [0, 1]. */
export function cropInput(cropSet: CropSet, index: number, inputSize: number): Float32Array {
  const record = cropSet.records[index]!; // the caller counts the records
  const stretched = contrastStretch(withoutMargin(cropSet, index), record);
  const resized = stretched.height === inputSize ? stretched : resize(stretched, inputSize, inputSize, "bicubic");
  const numNaN = resized.pixels.reduce((count, value) => count + Number(Number.isNaN(value)), 0);
  if (numNaN > 0)
    throw new RangeError(
      `embed: crop "${record.id}": expected no NaN, got ${numNaN} NaN pixels. Prepare the set again without it.`,
    );
  // The bicubic filter overshoots beside bright sources; training views are clipped the same way.
  return resized.pixels.map((value) => Math.min(Math.max(value, 0), 1));
}

/** The crop's own square, [cropSize, cropSize], out of the stored one. */
function withoutMargin(cropSet: CropSet, index: number): Image {
  const { cropSize, storedSize } = cropSet.info;
  const stored = cropSet.pixelsOf(index);
  const margin = Math.floor((storedSize - cropSize) / 2);
  const pixels = new Float32Array(cropSize * cropSize);
  for (let row = 0; row < cropSize; row++) {
    const start = (margin + row) * storedSize + margin;
    pixels.set(stored.subarray(start, start + cropSize), row * cropSize);
  }
  return { height: cropSize, width: cropSize, pixels };
}
