// Principal components of many folds of one table: where rows are fewer than numbers, all from one table of inner products.
import {
  applyPca,
  columnMeans,
  type EmbeddingTable,
  fitPca,
  gramOfRows,
  type Matrix,
  selectRows,
  subtractRow,
} from "#learn/embeddings";
import { leadingEigen } from "./leading-eigen.ts";

/** Rows along components: [rows, K] each. */
export interface Projected {
  readonly fitted: Matrix;
  readonly others: Matrix;
}

export interface ComponentSpace {
  /** Rows of the table as they are. */
  rows(rows: readonly number[]): Matrix;
  /** At most `count` principal components of the rows `fitted`, and both groups of rows along them: `others` touch nothing. */
  project(fitted: readonly number[], others: readonly number[], count: number): Projected;
}

/** A direction whose variance is this small beside the largest is rounding, as in fitPca. */
const SMALLEST_VARIANCE_RATIO = 1e-10;

/** The space of a table whose rows `used` will be asked for. The inner products are computed once, for all folds. */
export function componentSpace({ embeddings, dim }: EmbeddingTable, used: readonly number[]): ComponentSpace {
  const rows = (wanted: readonly number[]) => selectRows(embeddings, dim, wanted);
  if (dim <= used.length) {
    return {
      rows,
      project(fitted, others, count) {
        const train = rows(fitted);
        const pca = fitPca(train, count);
        return { fitted: applyPca(pca, train), others: applyPca(pca, rows(others)) };
      },
    };
  }
  const places = new Map(used.map((row, place) => [row, place]));
  const all = rows(used);
  // Any offset will do, as each fold is centred by its own mean; this one keeps the products small.
  const gram = gramOfRows(subtractRow(all, columnMeans(all)));
  const placesOf = (wanted: readonly number[]) => Uint32Array.from(wanted, (row) => places.get(row)!);
  return { rows, project: (fitted, others, count) => projectByProducts(gram, placesOf(fitted), placesOf(others), count) };
}

/** Components by the eigenvectors of the fitted rows' centred inner products: a row's score is its products with them. */
function projectByProducts(gram: Matrix, fitted: Uint32Array, others: Uint32Array, count: number): Projected {
  if (fitted.length < 2) throw new RangeError(`pca: expected at least 2 rows, got ${fitted.length}.`);
  const inner = block(gram, fitted, fitted);
  const means = columnMeans(inner);
  const centred = centredBlock(inner, means);
  const { values, vectors } = leadingEigen(centred, Math.min(count, fitted.length - 1));
  const numSpanned = values.findIndex((value) => !(value > values[0]! * SMALLEST_VARIANCE_RATIO));
  const K = numSpanned < 0 ? values.length : numSpanned;
  const scores = (rows: Matrix) => {
    const out = new Float64Array(rows.numRows * K);
    for (let row = 0; row < rows.numRows; row++) {
      for (let k = 0; k < K; k++) {
        let sum = 0;
        for (let index = 0; index < fitted.length; index++)
          sum += rows.data[row * fitted.length + index]! * vectors.data[k * fitted.length + index]!;
        out[row * K + k] = sum / Math.sqrt(values[k]!);
      }
    }
    return { numRows: rows.numRows, numColumns: K, data: out };
  };
  return { fitted: scores(centred), others: scores(centredBlock(block(gram, others, fitted), means)) };
}

function block({ numColumns, data }: Matrix, rows: Uint32Array, columns: Uint32Array): Matrix {
  const out = new Float64Array(rows.length * columns.length);
  let place = 0;
  for (const row of rows) for (const column of columns) out[place++] = data[row * numColumns + column]!;
  return { numRows: rows.length, numColumns: columns.length, data: out };
}

/** Products with fitted rows, of rows and fitted rows less the fitted rows' mean: `means` are the fitted rows' mean products. */
function centredBlock({ numRows, numColumns, data }: Matrix, means: Float64Array): Matrix {
  const overall = means.reduce((sum, mean) => sum + mean, 0) / means.length;
  const out = new Float64Array(data.length);
  for (let row = 0; row < numRows; row++) {
    let sum = 0;
    for (let column = 0; column < numColumns; column++) sum += data[row * numColumns + column]!;
    const rowMean = sum / numColumns;
    for (let column = 0; column < numColumns; column++) {
      const index = row * numColumns + column;
      out[index] = data[index]! - rowMean - means[column]! + overall;
    }
  }
  return { numRows, numColumns, data: out };
}
