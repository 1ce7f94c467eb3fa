// Logistic regression, exact: the headline probe of classifications. The penalty is chosen by cross-validation on training rows.
import { type Matrix, selectRows, timesTransposed } from "#learn/embeddings";
import { logLoss, summedLogLoss } from "./log-loss.ts";
import { minimised } from "./newton-cg.ts";
import type { Fold } from "./splits.ts";

/**
 * Linear scores of classes. Two classes have one output, the log odds of the second (class 1) to the first; more have one each.
 */
export interface ClassModel {
  readonly numClasses: number;
  /** [outputs, K] */
  readonly weights: Matrix;
  /** [outputs] */
  readonly intercepts: Float64Array;
}

/** Half decades from 10,000 down to 0.01: of |w|² / 2 beside the summed log loss, so scikit-learn's C is one over it. */
export const LOGISTIC_PENALTIES: readonly number[] = Array.from({ length: 13 }, (_, index) => 10 ** (4 - index / 2));

/** How many linear outputs tell so many classes apart. */
export function numOutputsFor(numClasses: number): number {
  return numClasses === 2 ? 1 : numClasses;
}

/**
 * Minimises the summed log loss + penalty |w|² / 2 for every penalty, in the order given (falling ones converge fastest); the
 * intercepts are free. x [N, K], classes [N] in [0, numClasses).
 */
export function fitLogistic(
  x: Matrix,
  classes: ArrayLike<number>,
  numClasses: number,
  penalties: readonly number[],
): ClassModel[] {
  const numOutputs = numOutputsFor(numClasses);
  let parameters = new Float64Array(numOutputs * (x.numColumns + 1));
  return penalties.map((penalty) => {
    parameters = minimised(logLoss({ x, classes, numOutputs, penalty }), parameters);
    return classModelOf(parameters, numClasses, x.numColumns);
  });
}

/** Parameters as one vector, output by output: K weights, then the intercept. */
export function classModelOf(parameters: Float64Array, numClasses: number, K: number): ClassModel {
  const outputs = Array.from({ length: numOutputsFor(numClasses) }, (_, q) =>
    parameters.subarray(q * (K + 1), (q + 1) * (K + 1)),
  );
  const data = new Float64Array(outputs.length * K);
  for (const [q, output] of outputs.entries()) data.set(output.subarray(0, K), q * K);
  return {
    numClasses,
    weights: { numRows: outputs.length, numColumns: K, data },
    intercepts: Float64Array.from(outputs, (output) => output[K]!),
  };
}

/** The outputs of rows x [N, K]: [N, outputs]. */
export function classOutputs({ weights, intercepts }: ClassModel, x: Matrix): Matrix {
  const products = timesTransposed(x, weights);
  const Q = intercepts.length;
  return { ...products, data: products.data.map((value, index) => value + intercepts[index % Q]!) };
}

/** The likeliest class of every row; of equals the first. */
export function predictClasses(model: ClassModel, x: Matrix): Uint32Array {
  const { data, numColumns: Q } = classOutputs(model, x);
  return Uint32Array.from({ length: x.numRows }, (_, row) => {
    if (model.numClasses === 2) return data[row]! > 0 ? 1 : 0;
    let best = 0;
    for (let q = 1; q < Q; q++) if (data[row * Q + q]! > data[row * Q + best]!) best = q;
    return best;
  });
}

/**
 * The penalty with the least log loss over folds of the training rows; of equals the first. The folds' rows are positions in x.
 */
export function chooseLogisticPenalty(
  x: Matrix,
  classes: ArrayLike<number>,
  numClasses: number,
  folds: readonly Fold[],
  penalties: readonly number[] = LOGISTIC_PENALTIES,
): number {
  const losses = new Float64Array(penalties.length);
  for (const { train, test } of folds) {
    const classesOf = (rows: readonly number[]) => rows.map((row) => classes[row]!);
    const models = fitLogistic(selectRows(x.data, x.numColumns, train), classesOf(train), numClasses, penalties);
    const tested = selectRows(x.data, x.numColumns, test);
    for (const [index, model] of models.entries()) losses[index]! += lossOf(model, tested, classesOf(test));
  }
  return penalties[losses.indexOf(Math.min(...losses))]!; // the least is one of them
}

function lossOf(model: ClassModel, x: Matrix, classes: readonly number[]): number {
  const { weights, intercepts } = model;
  const K = x.numColumns;
  const parameters = new Float64Array(intercepts.length * (K + 1));
  for (let q = 0; q < intercepts.length; q++) {
    parameters.set(weights.data.subarray(q * K, (q + 1) * K), q * (K + 1));
    parameters[q * (K + 1) + K] = intercepts[q]!;
  }
  return summedLogLoss({ x, classes, numOutputs: intercepts.length, penalty: 0 }, parameters);
}
