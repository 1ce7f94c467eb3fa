// The DINO loss (paper eq. 1; Caron et al. 2021, eqs. 2-3) and the numbers that show a collapse.
import {
  add,
  dims,
  div,
  log,
  logSoftmax,
  maximum,
  mul,
  named,
  neg,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  softmax,
  sub,
  type Tensor,
} from "#engine/graph";

export interface LossInputs {
  /** Student logits, view-major: the global views first. */
  readonly student: Tensor<"R K">;
  /** Teacher logits of the global views, view-major. */
  readonly teacher: Tensor<"R K">;
  readonly center: Tensor<"one K">;
  readonly teacherTemperature: Tensor;
  readonly studentTemperature: number;
  readonly numGlobalViews: number;
  readonly numLocalViews: number;
}

export interface LossOutputs {
  /** Cross-entropy, mean over pairs of different views and over images. Scalar. */
  readonly loss: Tensor;
  /** Mean entropy of the teacher's distributions: ln K where it is flat, 0 where it is one prototype. Scalar. */
  readonly teacherEntropy: Tensor;
  /** Mean of the teacher's logits over views and images. */
  readonly batchCenter: Tensor<"one K">;
}

/** How many (teacher view, student view) pairs differ: G (G + L) - G. */
export function numViewPairs(numGlobalViews: number, numLocalViews: number): number {
  return numGlobalViews * (numGlobalViews + numLocalViews - 1);
}

/**
 * Cross-entropy between each teacher view and every other student view.
 * Sum over pairs of -t . log s = -(sum of t) . (sum of log s) + the sum over equal views: three products instead of 18.
 */
export function dinoLoss(inputs: LossInputs): LossOutputs {
  const { student, teacher, center, numGlobalViews: G, numLocalViews: L } = inputs;
  const { R, K } = dims(student, "R K", "dinoLoss: student");
  const B = R / (G + L);
  const logits = reshape(div(sub(teacher, center), inputs.teacherTemperature), [G, B, K]);
  const probabilities = named(softmax(logits), "G B K", "dinoLoss: teacher");
  const studentLog = reshape(logSoftmax(div(student, inputs.studentTemperature), -1), [G + L, B, K]);
  const sameViews = slice(studentLog, { axis: 0, start: 0, end: G });
  const everyPair = reduceSum(mul(reduceSum(probabilities, [0]), reduceSum(studentLog, [0])), [0, 1]);
  const equalPairs = reduceSum(mul(probabilities, sameViews), [0, 1, 2]);
  return {
    loss: div(sub(equalPairs, everyPair), B * numViewPairs(G, L)),
    teacherEntropy: meanEntropy(probabilities, G * B),
    batchCenter: named(reduceMean(teacher, [0], { keepDims: true }), "one K", "dinoLoss: batchCenter"),
  };
}

// Below the smallest probability that matters: keeps p log p at 0 where p has underflowed.
const PROBABILITY_FLOOR = 1e-30;

function meanEntropy(probabilities: Tensor<"G B K">, numRows: number): Tensor {
  const logs = log(maximum(probabilities, PROBABILITY_FLOOR));
  return div(neg(reduceSum(mul(probabilities, logs), [0, 1, 2])), numRows);
}

/** A moving average as graph nodes: old x momentum + new x (1 - momentum). The teacher and the center follow so. */
export function movingAverage(old: Tensor, recent: Tensor, momentum: Tensor, oneMinusMomentum: Tensor): Tensor {
  return add(mul(old, momentum), mul(recent, oneMinusMomentum));
}
