// A crop set through a frozen backbone: margin off, stretched by its own limits, resized to the backbone's input (paper 3.3).
import { contrastStretch, type Image, resize } from "#base/image";
import type { InputRecipe } from "#learn/runs";
import { type CropRecord, type CropRows, type CropSet, cropRowsOf } from "#sky/survey";
import type { Backbone } from "./backbone.ts";
import { type EmbeddingHead, type EmbeddingTable, embeddedSet } from "./embedding-table.ts";

export interface EmbedOptions {
  readonly batchSize: number;
  /** Ids of rows that the backbone has seen in pre-training, to be kept with the table. */
  readonly seenIds?: readonly string[];
  /** Told after every batch how many more crops are done. */
  readonly onProgress?: (count: number) => void;
}

/** Embeds every crop of a set, in its order. Throws RangeError, naming the crop, for pixels that are NaN. */
export async function embedCropSet(cropSet: CropSet, backbone: Backbone, options: EmbedOptions): Promise<EmbeddingTable> {
  const { records } = cropSet;
  const { dim } = backbone;
  const embeddings = new Float32Array(records.length * dim);
  for await (const { start, embeddings: batch } of embedBatches(cropRowsOf(cropSet), backbone, options))
    embeddings.set(batch, start * dim);
  return { ...embeddingHead(cropSet, backbone, options), records, embeddings };
}

/** What is known of a set's embeddings before the first is made. */
export function embeddingHead(
  cropSet: Pick<CropSet, "info" | "sha256">,
  backbone: Backbone,
  { seenIds = [] }: Pick<EmbedOptions, "seenIds">,
): EmbeddingHead {
  return { backbone: backbone.name, dim: backbone.dim, ...embeddedSet(cropSet), seenIds };
}

/** The same a batch at a time, with the row that it starts at: memory holds a piece of the records and a batch of pixels. */
export async function* embedBatches(
  crops: CropRows,
  backbone: Backbone,
  { batchSize, onProgress = () => {} }: Omit<EmbedOptions, "seenIds">,
): AsyncGenerator<{ readonly start: number; readonly records: readonly CropRecord[]; readonly embeddings: Float32Array }> {
  const { dim, inputSize, recipe } = backbone;
  const numPixels = inputSize * inputSize;
  let start = 0;
  for await (const records of inBatches(crops.records(), batchSize)) {
    const count = records.length;
    const images = new Float32Array(count * numPixels);
    for (const [row, record] of records.entries()) {
      const crop = { info: crops.info, record, pixels: crops.pixelsOf(start + row) };
      images.set(inputOf(crop, inputSize, recipe), row * numPixels);
    }
    const embeddings = (await backbone.embed(images, count)).subarray(0, count * dim);
    onProgress(count);
    yield { start, records, embeddings };
    start += count;
  }
}

/** Pieces of any length cut and put together to one length; the last may be shorter. Batches do not end where pieces do. */
async function* inBatches<Row>(pieces: AsyncIterable<readonly Row[]>, batchSize: number): AsyncGenerator<readonly Row[]> {
  let waiting: readonly Row[] = [];
  for await (const piece of pieces) {
    const rows = waiting.length > 0 ? [...waiting, ...piece] : piece;
    const numFull = rows.length - (rows.length % batchSize);
    for (let start = 0; start < numFull; start += batchSize) yield rows.slice(start, start + batchSize);
    waiting = rows.slice(numFull);
  }
  if (waiting.length > 0) yield waiting;
}

/** One crop of a set as a backbone takes it: see inputOf. */
export function cropInput(cropSet: CropSet, index: number, inputSize: number, recipe: InputRecipe = {}): Float32Array {
  const crop = { info: cropSet.info, record: cropSet.records[index]!, pixels: cropSet.pixelsOf(index) }; // the caller counts the records
  return inputOf(crop, inputSize, recipe);
}

/** A crop with its stored pixels, [storedSize, storedSize], in the set's flux unit. */
interface StoredCrop extends Pick<CropSet, "info"> {
  readonly record: CropRecord;
  readonly pixels: Float32Array;
}

/**
 * One crop as a backbone takes it, [inputSize, inputSize], values in [0, 1]: stretched, cut and resized as the recipe says. Throws
 * RangeError for NaN pixels, and for a recipe that asks for more pixels than the crop has.
 */
function inputOf(crop: StoredCrop, inputSize: number, recipe: InputRecipe = {}): Float32Array {
  const { record } = crop;
  const stretched = contrastStretch(withoutMargin(crop), record);
  const cut = recipe.crop === undefined ? stretched : middleOf(stretched, recipe.crop, record.id);
  const size = recipe.centreCrop === undefined ? inputSize : (recipe.resize ?? cut.height);
  const whole = cut.height === size ? cut : resize(cut, size, size, "bicubic");
  const resized = size === inputSize ? whole : middleOf(whole, inputSize, record.id);
  const numNaN = resized.pixels.reduce((count, value) => count + Number(Number.isNaN(value)), 0);
  if (numNaN > 0)
    throw new RangeError(
      `embed: crop "${record.id}": expected no NaN, got ${numNaN} NaN pixels. Prepare the set again without it.`,
    );
  // The bicubic filter overshoots beside bright sources; training views are clipped the same way.
  return resized.pixels.map((value) => Math.min(Math.max(value, 0), 1));
}

/** The crop's own square, [cropSize, cropSize], out of the stored one. */
function withoutMargin({ info: { cropSize, storedSize }, record, pixels }: StoredCrop): Image {
  return middleOf({ height: storedSize, width: storedSize, pixels }, cropSize, record.id);
}

/** The middle `side` x `side` pixels of a square picture. */
function middleOf(square: Image, side: number, id: string): Image {
  const { height, width } = square;
  if (side > height)
    throw new RangeError(
      `embed: crop "${id}": expected at least ${side} pixels a side, as the backbone's recipe cuts, got ${height}.`,
    );
  const margin = Math.floor((height - side) / 2);
  const pixels = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    const start = (margin + row) * width + margin;
    pixels.set(square.pixels.subarray(start, start + side), row * side);
  }
  return { height: side, width: side, pixels };
}
