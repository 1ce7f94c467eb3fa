// One linear layer by stochastic gradient descent, as the paper's probe (section 3.3.2); targets standardised on training rows.
import { randomFor } from "#base/array";
import type { Matrix } from "#learn/embeddings";
import type { LinearModel } from "./ridge.ts";
import { addRowsInPlace, rowProductsInPlace } from "./row-kernels.ts";

/** The paper's settings. */
export const SGD_SETTINGS = { learningRate: 1e-3, weightDecay: 1e-5, batchSize: 64, numEpochs: 100 } as const;

/**
 * Fits x [N, K] to y [N] by mean squared error and plain SGD. The layer begins as PyTorch's does, uniform in ±1/sqrt(K);
 * weight decay is on the bias too, as there. The model predicts y in its own unit. Targets as they are: the published code's way.
 */
export function fitLinearBySgd(
  x: Matrix,
  y: Float64Array,
  seed: number,
  targetScaling: "standardised" | "none" = "standardised",
): LinearModel {
  const { mean, deviation } = targetScaling === "none" ? { mean: 0, deviation: 1 } : momentsOf(y);
  const targets = y.map((value) => (value - mean) / deviation);
  const K = x.numColumns;
  const layer = initialLayer(K, seed);
  for (let epoch = 0; epoch < SGD_SETTINGS.numEpochs; epoch++) {
    const order = randomFor(seed, "probe order", epoch).permutation(x.numRows);
    for (let start = 0; start < order.length; start += SGD_SETTINGS.batchSize) {
      stepInPlace(layer, x, targets, order.subarray(start, start + SGD_SETTINGS.batchSize));
    }
  }
  const weights = layer.slice(0, K).map((weight) => weight * deviation);
  return { weights, intercept: layer[K]! * deviation + mean };
}

/** [K + 1]: weights, then the bias. */
function initialLayer(K: number, seed: number): Float64Array {
  const random = randomFor(seed, "probe layer");
  const bound = 1 / Math.sqrt(Math.max(K, 1));
  return Float64Array.from({ length: K + 1 }, () => random.uniformBetween(-bound, bound));
}

/** One step on the rows `batch`: their errors' slopes, then the layer [K + 1]. */
function stepInPlace(layer: Float64Array, x: Matrix, targets: Float64Array, batch: Uint32Array): void {
  const K = x.numColumns;
  const slopes = new Float64Array(batch.length);
  const gradient = new Float64Array(K + 1);
  rowProductsInPlace(slopes, x, batch, layer, 0);
  for (let place = 0; place < batch.length; place++) {
    slopes[place] = (2 * (slopes[place]! + layer[K]! - targets[batch[place]!]!)) / batch.length;
    gradient[K]! += slopes[place]!;
  }
  addRowsInPlace(gradient, 0, x, batch, slopes);
  const { learningRate, weightDecay } = SGD_SETTINGS;
  for (let index = 0; index <= K; index++) layer[index]! -= learningRate * (gradient[index]! + weightDecay * layer[index]!);
}

function momentsOf(y: Float64Array): { readonly mean: number; readonly deviation: number } {
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / y.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}
