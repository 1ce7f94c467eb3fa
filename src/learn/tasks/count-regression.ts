// Regression made for counts: Poisson and negative binomial, log link, fitted as exactly as ridge (Cameron & Trivedi 2013, 3.2-3.3).
import { type Matrix, selectRows, timesTransposed } from "#learn/embeddings";
import { accumulate, type LinearOutputs, outputs, penaltyLoss } from "./linear-outputs.ts";
import { type ConvexLoss, type LossSlope, minimised } from "./newton-cg.ts";
import type { Fold } from "./splits.ts";

/** The expected count is exp(intercept + weights . features); its variance mean + dispersion mean². */
export interface CountModel {
  /** [K] */
  readonly weights: Float64Array;
  readonly intercept: number;
  /** 0: Poisson. */
  readonly dispersion: number;
}

/** Decades from a million down to 0.01: of |w|² / 2 beside the summed log likelihood. */
export const COUNT_PENALTIES: readonly number[] = Array.from({ length: 9 }, (_, index) => 10 ** (6 - index));

/** Minimises the negative log likelihood + penalty |w|² / 2 for each penalty. x [N, K], y [N] counts; falling penalties converge fastest. */
export function fitCounts(x: Matrix, y: Float64Array, dispersion: number, penalties: readonly number[]): CountModel[] {
  const K = x.numColumns;
  let parameters = new Float64Array(K + 1);
  // The best constant: its log is where every fit begins.
  parameters[K] = Math.log(Math.max(y.reduce((sum, value) => sum + value, 0) / y.length, Number.MIN_VALUE));
  return penalties.map((penalty) => {
    parameters = minimised(countLoss({ x, numOutputs: 1, penalty }, y, dispersion), parameters);
    return { weights: parameters.slice(0, K), intercept: parameters[K]!, dispersion };
  });
}

/** Expected counts of rows x [N, K]. */
export function expectedCounts({ weights, intercept }: CountModel, x: Matrix): Float64Array {
  return timesTransposed(x, { numRows: 1, numColumns: weights.length, data: weights }).data.map((value) =>
    Math.exp(value + intercept),
  );
}

/**
 * Less the log likelihood, without what depends on y alone: mean - y log(mean) for Poisson;
 * (y + 1/a) log(1 + a mean) - y log(mean) for dispersion a.
 */
function countLoss(problem: LinearOutputs, y: Float64Array, dispersion: number): ConvexLoss {
  return {
    numRows: y.length,
    loss: (parameters) => summedLoss(outputs(problem, parameters), y, dispersion) + penaltyLoss(problem, parameters),
    slopeAt: (parameters) => slopeAt(problem, y, dispersion, parameters),
  };
}

function summedLoss(logMeans: Float64Array, y: Float64Array, a: number): number {
  let loss = 0;
  for (const [row, logMean] of logMeans.entries()) {
    const mean = Math.exp(logMean);
    loss += (a === 0 ? mean : (y[row]! + 1 / a) * Math.log1p(a * mean)) - y[row]! * logMean;
  }
  return loss;
}

function slopeAt(problem: LinearOutputs, y: Float64Array, a: number, parameters: Float64Array): LossSlope {
  const means = outputs(problem, parameters).map(Math.exp);
  const residuals = means.map((mean, row) => (mean - y[row]!) / (1 + a * mean));
  const curvatures = means.map((mean, row) => (mean * (1 + a * y[row]!)) / (1 + a * mean) ** 2);
  return {
    gradient: accumulate(problem, residuals, parameters),
    curvatureAlong: (direction) => {
      const changes = outputs(problem, direction).map((value, row) => value * curvatures[row]!);
      return accumulate(problem, changes, direction);
    },
  };
}

/** The penalty with the least loss over folds of the training rows; of equals the first. The folds' rows are positions in x. */
export function chooseCountPenalty(
  x: Matrix,
  y: Float64Array,
  dispersion: number,
  folds: readonly Fold[],
  penalties: readonly number[] = COUNT_PENALTIES,
): number {
  const losses = new Float64Array(penalties.length);
  const countsOf = (rows: readonly number[]) => Float64Array.from(rows, (row) => y[row]!);
  for (const { train, test } of folds) {
    const models = fitCounts(selectRows(x.data, x.numColumns, train), countsOf(train), dispersion, penalties);
    const tested = selectRows(x.data, x.numColumns, test);
    for (const [index, model] of models.entries()) {
      losses[index]! += summedLoss(expectedCounts(model, tested).map(Math.log), countsOf(test), dispersion);
    }
  }
  return penalties[losses.indexOf(Math.min(...losses))]!; // the least is one of them
}

/** Below it counts are as good as Poisson; above it a count says next to nothing of its mean. */
const DISPERSION_LIMITS = { least: 1e-4, most: 100 } as const;
const NUM_SEARCH_STEPS = 60;

/** The dispersion of greatest likelihood for counts of these means; 0 where counts vary no more than Poisson's do. */
export function fitDispersion(y: ArrayLike<number>, means: ArrayLike<number>): number {
  const { least, most } = DISPERSION_LIMITS;
  let [low, high] = [Math.log(least), Math.log(most)];
  // Golden section: the likelihood has one maximum in log dispersion.
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let step = 0; step < NUM_SEARCH_STEPS; step++) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (logLikelihood(y, means, Math.exp(left)) >= logLikelihood(y, means, Math.exp(right))) high = right;
    else low = left;
  }
  const found = Math.exp((low + high) / 2);
  return found < 1.01 * least ? 0 : found;
}

/** Of the negative binomial, without log y!, which no parameter changes. */
function logLikelihood(y: ArrayLike<number>, means: ArrayLike<number>, a: number): number {
  let sum = 0;
  for (let row = 0; row < y.length; row++) {
    const [count, mean] = [y[row]!, means[row]!];
    // Γ(y + 1/a) / Γ(1/a) is a product of y factors.
    for (let factor = 0; factor < count; factor++) sum += Math.log1p(a * factor);
    sum += count * Math.log(mean) - (count + 1 / a) * Math.log1p(a * mean);
  }
  return sum;
}

/** A Poisson regression with the penalty that the folds choose. */
export function fitPoisson(x: Matrix, y: Float64Array, folds: readonly Fold[]): CountModel {
  return fitCounts(x, y, 0, [chooseCountPenalty(x, y, 0, folds)])[0]!; // one penalty, one model
}

/** A negative binomial regression: its dispersion from the residuals of a Poisson fit, then from its own. */
export function fitNegativeBinomial(x: Matrix, y: Float64Array, folds: readonly Fold[], poisson: CountModel): CountModel {
  const first = fitDispersion(y, expectedCounts(poisson, x));
  if (first === 0) return poisson;
  const penalty = chooseCountPenalty(x, y, first, folds);
  const [model] = fitCounts(x, y, first, [penalty]);
  const second = fitDispersion(y, expectedCounts(model!, x));
  return second === 0 ? poisson : fitCounts(x, y, second, [penalty])[0]!;
}
