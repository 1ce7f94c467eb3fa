// Scores of predicted counts, all from sums over test rows: so a bootstrap adds sums instead of walking rows again.

/** Sums over rows. `true` and `predicted` are counts less an offset, so that squares do not cancel. */
const MOMENTS = [
  "rows",
  "true",
  "trueSquared",
  "predicted",
  "predictedSquared",
  "product",
  "absoluteError",
  "squaredError",
  "inlierRows",
  "inlierSquaredError",
] as const;

/** Scores of predictions. Names as in docs: errors in counts or counts squared. */
export interface CountScores {
  readonly meanSquaredError: number;
  readonly rootMeanSquaredError: number;
  readonly meanAbsoluteError: number;
  /** 1 less squared error over the squared deviations of the true counts from their mean over the test rows. */
  readonly r2: number;
  /** Slope of true on predicted counts: 1 where a predicted difference is a true one. NaN where predictions hardly vary. */
  readonly calibrationSlope: number;
  /** The same as meanSquaredError, without test rows whose count is an outlier by the training rows. */
  readonly meanSquaredErrorWithoutOutliers: number;
}

/** Every score, in the order in which tables show them. */
export const COUNT_SCORES: readonly (keyof CountScores)[] = [
  "meanSquaredError",
  "rootMeanSquaredError",
  "meanAbsoluteError",
  "r2",
  "calibrationSlope",
  "meanSquaredErrorWithoutOutliers",
];

/** The sums of one row, in the order of MOMENTS. */
export function countMoments(truth: number, predicted: number, isOutlier: boolean): Float64Array {
  const error = predicted - truth;
  const isInlier = isOutlier ? 0 : 1;
  return Float64Array.of(
    1,
    truth,
    truth * truth,
    predicted,
    predicted * predicted,
    truth * predicted,
    Math.abs(error),
    error * error,
    isInlier,
    isInlier * error * error,
  );
}

/** Predictions that deviate less than a thousandth of what the true counts do predict no differences, whose slope could be told. */
const SMALLEST_VARIANCE_RATIO = 1e-6;

/** The scores of summed moments. NaN where there is nothing to divide by. */
export function countScores(sums: Float64Array): CountScores {
  const at = (name: (typeof MOMENTS)[number]) => sums[MOMENTS.indexOf(name)]!;
  const n = at("rows");
  const trueSpread = at("trueSquared") - at("true") ** 2 / n;
  const predictedSpread = at("predictedSquared") - at("predicted") ** 2 / n;
  const shared = at("product") - (at("true") * at("predicted")) / n;
  const meanSquaredError = at("squaredError") / n;
  return {
    meanSquaredError,
    rootMeanSquaredError: Math.sqrt(meanSquaredError),
    meanAbsoluteError: at("absoluteError") / n,
    r2: trueSpread > 0 ? 1 - at("squaredError") / trueSpread : Number.NaN,
    calibrationSlope: predictedSpread > trueSpread * SMALLEST_VARIANCE_RATIO ? shared / predictedSpread : Number.NaN,
    meanSquaredErrorWithoutOutliers: at("inlierSquaredError") / at("inlierRows"),
  };
}
