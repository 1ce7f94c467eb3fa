// Scores of a classification, all from its confusion matrix: so a bootstrap adds matrices instead of walking rows again.

/** Scores of C classes. NaN where there is nothing to divide by, but 0 for a class that is never predicted, as in scikit-learn. */
export interface ClassScores {
  readonly error: number;
  readonly accuracy: number;
  /** Mean recall over the classes that occur. */
  readonly balancedAccuracy: number;
  readonly macroF1: number;
  /** By class. */
  readonly recall: readonly number[];
  readonly precision: readonly number[];
  readonly f1: readonly number[];
  readonly support: readonly number[];
}

/** Flat confusion matrix [C, C], true class by predicted class: the place of one row. */
export function confusionPlace(truth: number, predicted: number, numClasses: number): number {
  return truth * numClasses + predicted;
}

/** Confusion matrix [C, C] of predictions, both as places in the list of classes. */
export function confusionMatrix(truth: ArrayLike<number>, predicted: ArrayLike<number>, numClasses: number): Float64Array {
  const matrix = new Float64Array(numClasses * numClasses);
  for (let row = 0; row < truth.length; row++) matrix[confusionPlace(truth[row]!, predicted[row]!, numClasses)]! += 1;
  return matrix;
}

/** The scores of a confusion matrix, [C, C]. */
export function classScores(matrix: Float64Array): ClassScores {
  const C = Math.sqrt(matrix.length);
  const classes = Array.from({ length: C }, (_, index) => index);
  const right = classes.map((k) => matrix[k * C + k]!);
  const support = classes.map((k) => classes.reduce((sum, other) => sum + matrix[k * C + other]!, 0));
  const predicted = classes.map((k) => classes.reduce((sum, other) => sum + matrix[other * C + k]!, 0));
  const total = support.reduce((sum, count) => sum + count, 0);
  const accuracy = right.reduce((sum, count) => sum + count, 0) / total;
  const recall = right.map((count, k) => ratio(count, support[k]!));
  const f1 = right.map((count, k) => ratio(2 * count, support[k]! + predicted[k]!));
  const present = classes.filter((k) => support[k]! > 0);
  const met = classes.filter((k) => support[k]! + predicted[k]! > 0);
  return {
    error: 1 - accuracy,
    accuracy,
    balancedAccuracy: present.reduce((sum, k) => sum + recall[k]!, 0) / present.length,
    macroF1: met.reduce((sum, k) => sum + f1[k]!, 0) / met.length,
    recall,
    precision: right.map((count, k) => ratio(count, predicted[k]!)),
    f1,
    support,
  };
}

/** 0 of 0 is 0: scikit-learn's choice. */
function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
