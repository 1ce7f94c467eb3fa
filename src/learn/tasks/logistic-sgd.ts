// One linear layer of classes by stochastic gradient descent: the paper's classifier (sections 3.3.2, 4.2), 300 epochs.
import { randomFor } from "#base/array";
import type { Matrix } from "#learn/embeddings";
import { type ClassModel, classModelOf, numOutputsFor } from "./logistic.ts";
import { addRowsInPlace, rowProductsInPlace } from "./row-kernels.ts";

/** The published code's settings and the paper's number of epochs: plain SGD, no momentum, no weight decay. */
export const CLASS_SGD_SETTINGS = { learningRate: 5e-3, batchSize: 16, numEpochs: 300 } as const;

/**
 * Fits x [N, K] to classes [N] by the mean log loss of batches: a sigmoid for two classes, softmax for more. The layer begins as
 * PyTorch's does, uniform in ±1/sqrt(K).
 */
export function fitClassesBySgd(x: Matrix, classes: ArrayLike<number>, numClasses: number, seed: number): ClassModel {
  const K = x.numColumns;
  const Q = numOutputsFor(numClasses);
  const parameters = initialParameters(Q, K, seed);
  const { batchSize, numEpochs } = CLASS_SGD_SETTINGS;
  for (let epoch = 0; epoch < numEpochs; epoch++) {
    const order = randomFor(seed, "probe order", epoch).permutation(x.numRows);
    for (let start = 0; start < order.length; start += batchSize) {
      stepInPlace(parameters, x, classes, order.subarray(start, start + batchSize), Q);
    }
  }
  return classModelOf(parameters, numClasses, K);
}

/** [Q, K + 1]: an output's weights, then its intercept. */
function initialParameters(Q: number, K: number, seed: number): Float64Array {
  const random = randomFor(seed, "probe layer");
  const bound = 1 / Math.sqrt(Math.max(K, 1));
  return Float64Array.from({ length: Q * (K + 1) }, () => random.uniformBetween(-bound, bound));
}

/** One step on the rows `batch`: their probabilities less the truth, then the parameters [Q, K + 1]. */
function stepInPlace(parameters: Float64Array, x: Matrix, classes: ArrayLike<number>, batch: Uint32Array, Q: number): void {
  const K = x.numColumns;
  const residuals = new Float64Array(batch.length * Q);
  const perOutput = new Float64Array(batch.length);
  for (let q = 0; q < Q; q++) {
    const start = q * (K + 1);
    rowProductsInPlace(perOutput, x, batch, parameters, start);
    for (let place = 0; place < batch.length; place++) residuals[place * Q + q] = parameters[start + K]! + perOutput[place]!;
  }
  for (let place = 0; place < batch.length; place++) {
    toResidualsInPlace(residuals.subarray(place * Q, (place + 1) * Q), classes[batch[place]!]!);
  }
  const size = CLASS_SGD_SETTINGS.learningRate / batch.length;
  for (let q = 0; q < Q; q++) {
    const start = q * (K + 1);
    for (let place = 0; place < batch.length; place++) {
      perOutput[place] = -size * residuals[place * Q + q]!;
      parameters[start + K]! += perOutput[place]!;
    }
    addRowsInPlace(parameters, start, x, batch, perOutput);
  }
}

/** One row's scores to its probabilities less the truth. */
function toResidualsInPlace(scores: Float64Array, truth: number): void {
  if (scores.length === 1) {
    scores[0] = 1 / (1 + Math.exp(-scores[0]!)) - truth;
    return;
  }
  const most = scores.reduce((found, score) => Math.max(found, score), -Infinity);
  let sum = 0;
  for (let q = 0; q < scores.length; q++) {
    scores[q] = Math.exp(scores[q]! - most);
    sum += scores[q]!;
  }
  for (let q = 0; q < scores.length; q++) scores[q] = scores[q]! / sum - (q === truth ? 1 : 0);
}
