// What a fine-tuned network is shown of a crop: its middle, turned and flipped while it learns (paper appendix C.1).
import { randomFor } from "#base/array";
import type { CropSet } from "#sky/survey";
import { renderView, type StretchedCrop, stretchCrop, type ViewParameters } from "#sky/views";
import type { FinetuneSettings } from "./settings.ts";

/** Pictures of crops by their rows in the set, [rows, inputSize, inputSize], values in [0, 1]. */
export interface CropPictures {
  /** As they are. */
  plain(rows: readonly number[]): Float32Array;
  /** Turned by any angle, flipped or not: by (seed, epoch, row) alone. Two flips are a flip and half a turn. */
  augmented(rows: readonly number[], draw: { readonly seed: number; readonly epoch: number }): Float32Array;
}

/** Stretched crops that are kept: 16,000 of 256 x 256 pixels without a margin. */
const MOST_KEPT_BYTES = 2 ** 33;

/** At most `mostKeptBytes` of stretched crops are kept, the others made anew. Throws RangeError, naming the crop, for pixels that are NaN. */
export function cropPictures(
  cropSet: CropSet,
  { centreSize, inputSize }: Pick<FinetuneSettings, "centreSize" | "inputSize">,
  mostKeptBytes = MOST_KEPT_BYTES,
): CropPictures {
  const { cropSize, storedSize } = cropSet.info;
  const start = Math.floor((cropSize - centreSize) / 2);
  const still: ViewParameters = {
    viewSize: inputSize,
    rotationDeg: 0,
    box: { y0: start, x0: start, y1: start + centreSize, x1: start + centreSize },
    isFlipped: false,
    blurSigma: 0,
    powerLawExponent: 1,
  };
  // Stretched once, as far as memory goes: every epoch shows every crop again.
  const mostKept = Math.floor(mostKeptBytes / (4 * (storedSize ** 2 + cropSize ** 2)));
  const stretched = new Map<number, StretchedCrop>();
  const cropOf = (row: number) => {
    const known = stretched.get(row);
    if (known) return known;
    const { id, lowFlux, highFlux } = cropSet.records[row]!; // the caller's rows are the set's
    const crop = stretchCrop({
      ...{ id, lowFlux, highFlux, cropSize },
      index: row,
      pixels: cropSet.pixelsOf(row),
      size: storedSize,
    });
    if (stretched.size < mostKept) stretched.set(row, crop);
    return crop;
  };
  const pictures = (rows: readonly number[], parametersOf: (row: number) => ViewParameters) => {
    const all = new Float32Array(rows.length * inputSize ** 2);
    for (const [place, row] of rows.entries()) all.set(renderView(cropOf(row), parametersOf(row)).pixels, place * inputSize ** 2);
    return all;
  };
  return {
    plain: (rows) => pictures(rows, () => still),
    augmented: (rows, { seed, epoch }) =>
      pictures(rows, (row) => {
        const random = randomFor(seed, "fine-tuning pictures", epoch, row);
        return { ...still, rotationDeg: random.uniformBetween(0, 360), isFlipped: random.chance(0.5) };
      }),
  };
}

/** Rows of each update of an epoch, shuffled by (seed, epoch); what is left over of the last one waits for the next epoch. */
export function epochBatches(
  rows: readonly number[],
  batchSize: number,
  { seed, epoch }: { readonly seed: number; readonly epoch: number },
): number[][] {
  const order = Array.from(randomFor(seed, "fine-tuning batches", epoch).permutation(rows.length), (place) => rows[place]!);
  const numBatches = Math.floor(rows.length / batchSize);
  return Array.from({ length: numBatches }, (_, batch) => order.slice(batch * batchSize, (batch + 1) * batchSize));
}
