// What both audits of the published code emulate of its fit_pca: the number of components, and the row's number kept as a feature.
import { type Matrix, matrixOf } from "#learn/embeddings";

/** The paper's number of components, whatever the number of rows. */
export const PUBLISHED_COMPONENTS = 100;

/** [rows, K] -> [rows, K + 1]: the last column is the row's place, from 0. */
export function withRowNumbers({ numRows, numColumns, data }: Matrix): Matrix {
  const out = new Float64Array(numRows * (numColumns + 1));
  for (let row = 0; row < numRows; row++) {
    out.set(data.subarray(row * numColumns, (row + 1) * numColumns), row * (numColumns + 1));
    out[row * (numColumns + 1) + numColumns] = row;
  }
  return matrixOf(numRows, numColumns + 1, out);
}
