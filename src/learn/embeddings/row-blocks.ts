// Rows by the block: a table in memory, or one larger than memory that is read as it is asked for.

/** float32 rows [numRows, numColumns] that are read a block at a time. */
export interface RowBlocks {
  readonly numRows: number;
  readonly numColumns: number;
  /** Rows start to start + count, [count, numColumns]; valid until the next call. */
  read(start: number, count: number): Float32Array | Promise<Float32Array>;
}

/** Bytes of a block that is worked on at once: some of them fit into any memory, and products with them are fast. */
const BLOCK_BYTES = 2 ** 25;

/** The rows of [N, numColumns] in memory. Throws RangeError where they do not come out even. */
export function rowBlocks(data: Float32Array, numColumns: number): RowBlocks {
  const numRows = data.length / numColumns;
  if (!Number.isInteger(numRows))
    throw new RangeError(`rows: expected whole rows of ${numColumns} numbers, got ${data.length} numbers.`);
  return { numRows, numColumns, read: (start, count) => data.subarray(start * numColumns, (start + count) * numColumns) };
}

/** All rows in memory, [numRows, numColumns]: those of a table in memory as they lie there. */
export async function gatheredRows(rows: RowBlocks): Promise<Float32Array> {
  return rows.read(0, rows.numRows);
}

/** How many rows of this length a block holds: at least one. */
export function rowsPerBlock({ numColumns }: Pick<RowBlocks, "numColumns">): number {
  return Math.max(1, Math.min(4096, Math.floor(BLOCK_BYTES / (4 * numColumns))));
}

/** Every block in turn, with the row it starts at. */
export async function* blocksOf(
  rows: RowBlocks,
): AsyncGenerator<{ readonly start: number; readonly count: number; readonly data: Float32Array }> {
  const size = rowsPerBlock(rows);
  for (let start = 0; start < rows.numRows; start += size) {
    const count = Math.min(size, rows.numRows - start);
    yield { start, count, data: await rows.read(start, count) };
  }
}
