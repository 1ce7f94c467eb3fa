// Rows as embeddings are, for benchmarks of what is made of them: variance that falls, groups, an offset.
import { writeFileSync } from "node:fs";
import { ndArray, randomFor } from "#base/array";
import { formatNpy } from "#base/files";

/** What both sides of a benchmark are given: rows in a .npy file. */
export interface RowsTask {
  readonly file: string;
  readonly numRows: number;
  readonly numColumns: number;
  /** Components, or neighbours. */
  readonly k: number;
  readonly numThreads: number;
  /** Where a side leaves its coordinates, of those that have some. */
  readonly out?: string;
}

const NUM_GROUPS = 40;
/** Values drawn anew for every row; all columns are sums of them. */
const NUM_DRAWN = 64;
const NOISE = 0.05;

/** Rows start to start + count of an endless table, [count, D], the same numbers for the same rows. */
export function embeddingRows(start: number, count: number, D: number): Float32Array {
  const mixing = mixingFor(D);
  const out = new Float32Array(count * D);
  for (let place = 0; place < count; place++) {
    const random = randomFor(3, "embedding rows", start + place);
    const group = (start + place) % NUM_GROUPS;
    const row = out.subarray(place * D, (place + 1) * D);
    for (let column = 0; column < D; column++)
      row[column] = 1 + mixing.centres[group * D + column]! + NOISE * (random.uniform() - 0.5);
    for (let k = 0; k < NUM_DRAWN; k++) {
      const weight = random.normal();
      for (let column = 0, index = k * D; column < D; column++) row[column]! += weight * mixing.directions[index++]!;
    }
  }
  return out;
}

const known = new Map<number, { readonly centres: Float32Array; readonly directions: Float32Array }>();

function mixingFor(D: number) {
  const random = randomFor(3, "embedding mixing", D);
  const made = known.get(D) ?? {
    centres: Float32Array.from({ length: NUM_GROUPS * D }, () => 0.7 * random.normal()),
    directions: Float32Array.from({ length: NUM_DRAWN * D }, (_, index) => random.normal() / (1 + Math.floor(index / D) / 8)),
  };
  known.set(D, made);
  return made;
}

/** Writes the first rows to a .npy file. */
export function writeRows(file: string, numRows: number, numColumns: number): void {
  writeFileSync(file, formatNpy(ndArray("float32", [numRows, numColumns], embeddingRows(0, numRows, numColumns))));
}
