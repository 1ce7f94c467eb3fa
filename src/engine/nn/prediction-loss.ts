// What supervised training minimises: cross-entropy with smoothed labels, and the mean squared error.
import { type NdArray, ndArray } from "#base/array";
import { add, dims, div, logSoftmax, mul, reduceMean, reduceSum, ShapeError, sub, type Tensor } from "#engine/graph";

/** Rows of zeros with a 1 in each label's column: [labels, numClasses]. Throws ShapeError for a label that is no class. */
export function oneHot(labels: readonly number[], numClasses: number): NdArray<"float32"> {
  const data = new Float32Array(labels.length * numClasses);
  for (const [row, label] of labels.entries()) {
    if (!Number.isInteger(label) || label < 0 || label >= numClasses)
      throw new ShapeError(`oneHot: row ${row}: expected a class from 0 to ${numClasses - 1}, got ${label}.`);
    data[row * numClasses + label] = 1;
  }
  return ndArray("float32", [labels.length, numClasses], data);
}

/**
 * Mean over rows of -sum(target log softmax(logits)); `targets` are rows of probabilities, `oneHot` ones or softer. With
 * `labelSmoothing` s a target counts as (1 - s) target + s / K (Szegedy et al. 2016), as in torch.nn.functional.cross_entropy. Scalar.
 */
export function crossEntropy(
  logits: Tensor<"R K">,
  targets: Tensor<"R K">,
  { labelSmoothing = 0 }: { readonly labelSmoothing?: number } = {},
): Tensor {
  const { R, K } = dims(logits, "R K", "crossEntropy: logits");
  expectSameShape("crossEntropy", logits, targets);
  const smoothed = labelSmoothing === 0 ? targets : add(mul(targets, 1 - labelSmoothing), labelSmoothing / K);
  return div(reduceSum(mul(smoothed, logSoftmax(logits, -1)), [0, 1]), -R);
}

/** Mean over rows and columns of (prediction - target)^2. Scalar. */
export function meanSquaredError(predictions: Tensor<"R K">, targets: Tensor<"R K">): Tensor {
  expectSameShape("meanSquaredError", predictions, targets);
  const difference = sub(predictions, targets);
  return reduceMean(mul(difference, difference), [0, 1]);
}

function expectSameShape(where: string, predictions: Tensor, targets: Tensor): void {
  if (`${predictions.shape}` === `${targets.shape}`) return;
  throw new ShapeError(`${where}: expected targets [${predictions.shape}] as there are predictions, got [${targets.shape}].`);
}
