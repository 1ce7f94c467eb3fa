// Ridge regression, exact: the headline probe. The penalty is chosen by cross-validation on training rows.
import {
  columnMeans,
  gramOfColumns,
  gramOfRows,
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

/**
 * Minimises |y - b - Xw|² + penalty |w|² for every penalty at once; the intercept b is free. x [N, K], y [N]. By the eigenvectors of
 * XᵀX or, where there are fewer rows than columns, of XXᵀ: the weights are then sums of rows, w = Xᵀ(XXᵀ + penalty)⁻¹ y.
 */
export function fitRidge(x: Matrix, y: Float64Array, penalties: readonly number[]): LinearModel[] {
  const mean = columnMeans(x);
  const yMean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const centered = subtractRow(x, mean);
  const targets = y.map((value) => value - yMean);
  const isTall = x.numRows >= x.numColumns;
  const { values, vectors } = symmetricEigen(isTall ? gramOfColumns(centered) : gramOfRows(centered));
  // What each eigendirection has to do with the targets.
  const projections = timesTransposed(vectors, rowOf(isTall ? sumOfRows(centered, targets) : targets)).data;
  return penalties.map((penalty) => {
    const shares = projections.map((projection, k) => projection / (Math.max(values[k]!, 0) + penalty));
    const along = sumOfRows(vectors, shares);
    const weights = isTall ? along : sumOfRows(centered, along);
    return { weights, intercept: yMean - weights.reduce((sum, weight, column) => sum + weight * mean[column]!, 0) };
  });
}

/** The rows of a matrix [N, K], each times its factor, added up: [K]. */
function sumOfRows({ numRows, numColumns, data }: Matrix, factors: Float64Array): Float64Array {
  const sum = new Float64Array(numColumns);
  for (let row = 0; row < numRows; row++) {
    const factor = factors[row]!;
    for (let column = 0; column < numColumns; column++) sum[column]! += factor * data[row * numColumns + column]!;
  }
  return sum;
}

function rowOf(data: Float64Array): Matrix {
  return { numRows: 1, numColumns: data.length, data };
}

/** Predictions for rows x [N, K]. */
export function predict({ weights, intercept }: LinearModel, x: Matrix): Float64Array {
  return timesTransposed(x, rowOf(weights)).data.map((value) => value + intercept);
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
