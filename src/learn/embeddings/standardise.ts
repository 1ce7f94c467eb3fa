// Columns brought to mean 0 and deviation 1: of rows in memory, or of rows that come by the block.
import { blocksOf, type RowBlocks } from "./row-blocks.ts";

/** Columns with mean 0 and population standard deviation 1; a constant column is 0. rows [N, D]. */
export function standardisedRows(rows: Float32Array, numColumns: number): Float32Array {
  const numRows = rows.length / numColumns;
  const sums = new Float64Array(numColumns);
  addTo(sums, rows);
  const means = sums.map((sum) => sum / numRows);
  const squares = new Float64Array(numColumns);
  addSquaresTo(squares, rows, means);
  return scaled(rows, means, scalesOf(squares, means, numRows));
}

/** The same numbers a block at a time, scaled as they are read: two passes over the rows now, and nothing of them is kept. */
export async function standardisedBlocks(rows: RowBlocks): Promise<RowBlocks> {
  const { numRows, numColumns } = rows;
  const sums = new Float64Array(numColumns);
  for await (const { data } of blocksOf(rows)) addTo(sums, data);
  const means = sums.map((sum) => sum / numRows);
  const squares = new Float64Array(numColumns);
  for await (const { data } of blocksOf(rows)) addSquaresTo(squares, data, means);
  const scales = scalesOf(squares, means, numRows);
  return { numRows, numColumns, read: async (start, count) => scaled(await rows.read(start, count), means, scales) };
}

function addTo(sums: Float64Array, rows: Float32Array): void {
  for (let index = 0; index < rows.length; ) for (let column = 0; column < sums.length; column++) sums[column]! += rows[index++]!;
}

function addSquaresTo(squares: Float64Array, rows: Float32Array, means: Float64Array): void {
  for (let index = 0; index < rows.length; )
    for (let column = 0; column < squares.length; column++) squares[column]! += (rows[index++]! - means[column]!) ** 2;
}

/** Below some rounding of the mean a spread is that of float32 numbers that are all equal. */
function scalesOf(squares: Float64Array, means: Float64Array, numRows: number): Float64Array {
  return squares.map((sum, column) => {
    const deviation = Math.sqrt(sum / numRows);
    return deviation > 1e-6 * Math.abs(means[column]!) ? 1 / deviation : 0;
  });
}

function scaled(rows: Float32Array, means: Float64Array, scales: Float64Array): Float32Array {
  const out = new Float32Array(rows.length);
  for (let index = 0; index < rows.length; ) {
    for (let column = 0; column < means.length; column++, index++) out[index] = (rows[index]! - means[column]!) * scales[column]!;
  }
  return out;
}
