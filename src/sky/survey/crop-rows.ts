// A crop set whose records are read a piece at a time: it may have more crops than memory has room for records.
import type { CropRecord, CropSet, CropSetInfo } from "./crop-set.ts";

/** Crops in their order. A set in memory is one too: see cropRowsOf. */
export interface CropRows {
  readonly info: CropSetInfo;
  /** As CropSet's. */
  readonly sha256: string;
  readonly numCrops: number;
  /** All records in pieces of any length, read anew for every walk. */
  records(): AsyncIterable<readonly CropRecord[]>;
  /** All ids in such pieces, without the rest of the records. */
  ids(): AsyncIterable<readonly string[]>;
  /** [storedSize, storedSize] linear values of one crop. */
  pixelsOf(index: number): Float32Array;
  close(): void;
}

/** A set whose records are in memory: one piece. */
export function cropRowsOf(cropSet: CropSet): CropRows {
  const { info, sha256, records } = cropSet;
  return {
    info,
    sha256,
    numCrops: records.length,
    async *records() {
      yield records;
    },
    async *ids() {
      yield records.map(({ id }) => id);
    },
    pixelsOf: (index) => cropSet.pixelsOf(index),
    close: () => cropSet.close(),
  };
}

/** The first crops of a set, all where it has fewer. */
export function firstCrops(crops: CropRows, count: number): CropRows {
  return {
    ...crops,
    numCrops: Math.min(count, crops.numCrops),
    records: () => upTo(crops.records(), count),
    ids: () => upTo(crops.ids(), count),
  };
}

async function* upTo<Row>(pieces: AsyncIterable<readonly Row[]>, count: number): AsyncGenerator<readonly Row[]> {
  let left = count;
  for await (const piece of pieces) {
    if (left > 0) yield piece.slice(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
}
