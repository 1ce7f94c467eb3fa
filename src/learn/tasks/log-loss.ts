// The penalised log loss of classes, as Newton's method takes it: loss, gradient, curvature.
import { accumulate, type LinearOutputs, outputs, penaltyLoss } from "./linear-outputs.ts";
import type { ConvexLoss, LossSlope } from "./newton-cg.ts";

/** Rows of classes [N]; one output is the log odds of class 1, several are one a class. */
export interface ClassTargets extends LinearOutputs {
  readonly classes: ArrayLike<number>;
}

/** Summed log loss + penalty |w|² / 2. */
export function logLoss(problem: ClassTargets): ConvexLoss {
  return {
    numRows: problem.x.numRows,
    loss: (parameters) => summedLogLoss(problem, parameters) + penaltyLoss(problem, parameters),
    slopeAt: (parameters) => slopeAt(problem, parameters),
  };
}

/** log(1 + e^z), without overflow. */
function softplus(z: number): number {
  return z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z));
}

/** Without the penalty. */
export function summedLogLoss(problem: ClassTargets, parameters: Float64Array): number {
  const { x, classes, numOutputs: Q } = problem;
  const scores = outputs(problem, parameters);
  let loss = 0;
  for (let row = 0; row < x.numRows; row++) {
    if (Q === 1) loss += softplus(classes[row] === 1 ? -scores[row]! : scores[row]!);
    else loss += logSumExp(scores, row * Q, Q) - scores[row * Q + classes[row]!]!;
  }
  return loss;
}

function logSumExp(values: Float64Array, start: number, length: number): number {
  let most = -Infinity;
  for (let index = start; index < start + length; index++) most = Math.max(most, values[index]!);
  let sum = 0;
  for (let index = start; index < start + length; index++) sum += Math.exp(values[index]! - most);
  return most + Math.log(sum);
}

function slopeAt(problem: ClassTargets, parameters: Float64Array): LossSlope {
  const { x, classes, numOutputs: Q } = problem;
  const probabilities = outputs(problem, parameters);
  const residuals = new Float64Array(probabilities.length);
  for (let row = 0; row < x.numRows; row++) {
    const total = Q === 1 ? 0 : logSumExp(probabilities, row * Q, Q);
    for (let q = 0; q < Q; q++) {
      const index = row * Q + q;
      const score = probabilities[index]!;
      probabilities[index] = Q === 1 ? Math.exp(-softplus(-score)) : Math.exp(score - total);
      const isTrue = Q === 1 ? classes[row] === 1 : classes[row] === q;
      residuals[index] = probabilities[index]! - (isTrue ? 1 : 0);
    }
  }
  return {
    gradient: accumulate(problem, residuals, parameters),
    curvatureAlong: (direction) => curvatureAlong(problem, probabilities, direction),
  };
}

function curvatureAlong(problem: ClassTargets, probabilities: Float64Array, direction: Float64Array): Float64Array {
  const { x, numOutputs: Q } = problem;
  const changes = outputs(problem, direction);
  for (let row = 0; row < x.numRows; row++) {
    if (Q === 1) {
      changes[row]! *= probabilities[row]! * (1 - probabilities[row]!);
      continue;
    }
    let mean = 0;
    for (let q = 0; q < Q; q++) mean += probabilities[row * Q + q]! * changes[row * Q + q]!;
    for (let q = 0; q < Q; q++) changes[row * Q + q] = probabilities[row * Q + q]! * (changes[row * Q + q]! - mean);
  }
  return accumulate(problem, changes, direction);
}
