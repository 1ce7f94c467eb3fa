// Ridge regression, exact: the headline probe. The penalty is chosen by cross-validation on training rows.
import {
  columnMeans,
  gramOfColumns,
  type Matrix,
  selectRows,
  subtractRow,
  symmetricEigen,
  timesTransposed,
} from "#learn/embeddings";
import type { Fold } from "./splits.ts";

/** A linear prediction: intercept + weights . features. */
export interface LinearModel {
  /** [K] */
  readonly weights: Float64Array;
  readonly intercept: number;
}

/** Half decades from 0.001 to a million: from nearly free to nearly the mean, for standardised features and up to 1e5 rows. */
export const RIDGE_PENALTIES: readonly number[] = Array.from({ length: 19 }, (_, index) => 10 ** (index / 2 - 3));

/** Minimises |y - b - Xw|² + penalty |w|² for every penalty at once; the intercept b is free. x [N, K], y [N]. */
export function fitRidge(x: Matrix, y: Float64Array, penalties: readonly number[]): LinearModel[] {
  const mean = columnMeans(x);
  const yMean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const centered = subtractRow(x, mean);
  const { values, vectors } = symmetricEigen(gramOfColumns(centered));
  const projections = alongEigenvectors(centered, y, yMean, vectors);
  return penalties.map((penalty) => {
    const weights = new Float64Array(x.numColumns);
    for (let k = 0; k < values.length; k++) {
      const size = projections[k]! / (Math.max(values[k]!, 0) + penalty);
      for (let column = 0; column < weights.length; column++)
        weights[column]! += size * vectors.data[k * weights.length + column]!;
    }
    return { weights, intercept: yMean - weights.reduce((sum, weight, column) => sum + weight * mean[column]!, 0) };
  });
}

/** V Xᵀ (y - mean): what each eigendirection has to do with the targets. */
function alongEigenvectors(centered: Matrix, y: Float64Array, yMean: number, vectors: Matrix): Float64Array {
  const { numRows, numColumns, data } = centered;
  const moments = new Float64Array(numColumns);
  for (let row = 0; row < numRows; row++) {
    const target = y[row]! - yMean;
    for (let column = 0; column < numColumns; column++) moments[column]! += target * data[row * numColumns + column]!;
  }
  return timesTransposed(vectors, { numRows: 1, numColumns, data: moments }).data;
}

/** Predictions for rows x [N, K]. */
export function predict({ weights, intercept }: LinearModel, x: Matrix): Float64Array {
  return timesTransposed(x, { numRows: 1, numColumns: weights.length, data: weights }).data.map((value) => value + intercept);
}

/**
 * The penalty with the least squared error over folds of the training rows; of equals the largest, which promises least.
 * The folds' rows are positions in x.
 */
export function choosePenalty(x: Matrix, y: Float64Array, folds: readonly Fold[], penalties: readonly number[]): number {
  const errors = new Float64Array(penalties.length);
  for (const { train, test } of folds) {
    const tested = selectRows(x.data, x.numColumns, test);
    const models = fitRidge(
      selectRows(x.data, x.numColumns, train),
      Float64Array.from(train, (row) => y[row]!),
      penalties,
    );
    for (const [index, model] of models.entries()) {
      const predicted = predict(model, tested);
      for (let place = 0; place < test.length; place++) errors[index]! += (predicted[place]! - y[test[place]!]!) ** 2;
    }
  }
  const least = Math.min(...errors);
  return penalties.findLast((_, index) => errors[index] === least)!; // the least is one of them
}
