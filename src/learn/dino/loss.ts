// The DINO loss (paper eq. 1; Caron et al. 2021, eqs. 2-3) and the numbers that show a collapse.
import { type NdArray, ndArray } from "#base/array";
import {
  add,
  dims,
  div,
  log,
  logSoftmax,
  matMul,
  maximum,
  mul,
  named,
  neg,
  reduceMean,
  reduceSum,
  softmax,
  sub,
  type Tensor,
} from "#engine/graph";

export interface TargetInputs {
  /** Teacher logits of the global views, view-major. */
  readonly teacher: Tensor<"R K">;
  readonly center: Tensor<"one K">;
  readonly teacherTemperature: Tensor;
}

/** What the teacher says of a batch. */
export interface Targets {
  /** Its distributions over the prototypes, in the order of its logits. */
  readonly probabilities: Tensor<"R K">;
  /** Mean entropy of the teacher's distributions: ln K where it is flat, 0 where it is one prototype. Scalar. */
  readonly teacherEntropy: Tensor;
  /** Mean of the teacher's logits over views and images. */
  readonly batchCenter: Tensor<"one K">;
}

/** How many (teacher view, student view) pairs differ: G (G + L) - G. */
export function numViewPairs(numGlobalViews: number, numLocalViews: number): number {
  return numGlobalViews * (numGlobalViews + numLocalViews - 1);
}

export function dinoTargets({ teacher, center, teacherTemperature }: TargetInputs): Targets {
  const { R } = dims(teacher, "R K", "dinoTargets: teacher");
  const probabilities = named(softmax(div(sub(teacher, center), teacherTemperature)), "R K", "dinoTargets: teacher");
  return {
    probabilities,
    teacherEntropy: meanEntropy(probabilities, R),
    batchCenter: named(reduceMean(teacher, [0], { keepDims: true }), "one K", "dinoTargets: batchCenter"),
  };
}

/** The views of a batch. */
export interface ViewCounts {
  readonly batchSize: number;
  readonly numGlobalViews: number;
  readonly numLocalViews: number;
}

/**
 * How much each teacher row counts for each of the student's rows from `first` on: [count, G B]. Rows are view-major, the global views
 * first. Nothing for another image or for the same view; all weights of a batch add up to 1, times `share`.
 */
export function pairWeights(
  { batchSize: B, numGlobalViews: G, numLocalViews: L }: ViewCounts,
  { first, count, share = 1 }: { readonly first: number; readonly count: number; readonly share?: number },
): NdArray<"float32"> {
  const weights = new Float32Array(count * G * B);
  for (let place = 0; place < count; place++) {
    const row = first + place;
    for (let teacherRow = row % B; teacherRow < G * B; teacherRow += B) {
      if (teacherRow !== row) weights[place * G * B + teacherRow] = share / (B * numViewPairs(G, L));
    }
  }
  return ndArray("float32", [count, G * B], weights);
}

/**
 * The share of some of the student's rows in the loss: the sum over pairs of weight x (-t . log s), as -(weighted sum of the t) . log s.
 * `student` [R, K] are logits, `probabilities` [T, K] the teacher's rows, `weights` [R, T] as from `pairWeights`. Scalar.
 */
export function dinoLoss(
  student: Tensor<"R K">,
  probabilities: Tensor<"R K">,
  weights: Tensor,
  studentTemperature: number,
): Tensor {
  const targets = matMul(weights, probabilities);
  return neg(reduceSum(mul(targets, logSoftmax(div(student, studentTemperature), -1))));
}

// Below the smallest probability that matters: keeps p log p at 0 where p has underflowed.
const PROBABILITY_FLOOR = 1e-30;

function meanEntropy(probabilities: Tensor<"R K">, numRows: number): Tensor {
  const logs = log(maximum(probabilities, PROBABILITY_FLOOR));
  return div(neg(reduceSum(mul(probabilities, logs), [0, 1])), numRows);
}

/** A moving average as graph nodes: old x momentum + new x (1 - momentum). The teacher and the center follow so. */
export function movingAverage(old: Tensor, recent: Tensor, momentum: Tensor, oneMinusMomentum: Tensor): Tensor {
  return add(mul(old, momentum), mul(recent, oneMinusMomentum));
}
