// Embeddings to search in, wherever they are: a table in memory, or a file that is read a group of rows at a time.
import { type CropRecord, skySeparationDeg } from "#sky/survey";
import type { EmbeddingHead, EmbeddingTable } from "./embedding-table.ts";
import { type RowBlocks, rowBlocks } from "./row-blocks.ts";

export interface EmbeddingSource {
  readonly head: EmbeddingHead;
  readonly rows: RowBlocks;
  /** Row of the crop with this id; -1 where there is none. */
  rowOf(id: string): Promise<number>;
  /** The crop whose centre is nearest to a position of the sky, in degrees; null where no crop has a position. */
  nearestTo(raDeg: number, decDeg: number): Promise<{ readonly row: number; readonly separationDeg: number } | null>;
  /** Records of some rows, in the order asked. */
  recordsAt(rows: readonly number[]): Promise<readonly CropRecord[]>;
  close(): void;
}

/** A table in memory. */
export function embeddingSource(table: EmbeddingTable): EmbeddingSource {
  const { records, embeddings, ...head } = table;
  return {
    head,
    rows: rowBlocks(embeddings, table.dim),
    rowOf: async (id) => records.findIndex((record) => record.id === id),
    nearestTo: async (raDeg, decDeg) => nearestPosition(records, 0, { raDeg, decDeg }),
    recordsAt: async (rows) => rows.map((row) => records[row]!), // rows of the table
    close() {},
  };
}

/** The records alone, `size` at a time. */
export async function* recordBlocks({ rows, recordsAt }: EmbeddingSource, size: number): AsyncGenerator<readonly CropRecord[]> {
  for (let start = 0; start < rows.numRows; start += size) {
    const count = Math.min(size, rows.numRows - start);
    yield await recordsAt(Array.from({ length: count }, (_, place) => start + place));
  }
}

/** All rows with their records, `size` at a time. */
export async function* sourceBlocks(
  source: EmbeddingSource,
  size: number,
): AsyncGenerator<{ readonly records: readonly CropRecord[]; readonly embeddings: Float32Array }> {
  let start = 0;
  for await (const records of recordBlocks(source, size)) {
    yield { records, embeddings: await source.rows.read(start, records.length) };
    start += records.length;
  }
}

/** The nearest of some centres, with its row counted from `start`. */
export function nearestPosition(
  centres: Iterable<{ readonly raDeg: number | null; readonly decDeg: number | null }>,
  start: number,
  wanted: { readonly raDeg: number; readonly decDeg: number },
): { readonly row: number; readonly separationDeg: number } | null {
  let found: { readonly row: number; readonly separationDeg: number } | null = null;
  let row = start;
  for (const { raDeg, decDeg } of centres) {
    if (raDeg !== null && decDeg !== null) {
      const separationDeg = skySeparationDeg(wanted, { raDeg, decDeg });
      if (found === null || separationDeg < found.separationDeg) found = { row, separationDeg };
    }
    row += 1;
  }
  return found;
}
