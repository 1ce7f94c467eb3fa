// Scores of predicted classes with their intervals, and two backbones beside each other, over the rows of one problem.
import { mcnemarP, wilsonInterval } from "./binomial-tests.ts";
import { bootstrapP, bootstrapSums, centralInterval } from "./bootstrap.ts";
import type { ClassProblem } from "./class-problem.ts";
import type { ClassComparison, ClassEstimates } from "./class-record.ts";
import { type ClassScores, classScores, confusionPlace } from "./confusion.ts";
import type { Estimate } from "./task-result.ts";

/** One test row's confusion matrices, summed over repeats and seeds, [test row][C * C]. */
export type RowMatrices = readonly Float64Array[];

type Drawn = Pick<ClassProblem, "classes" | "clusters" | "intervalUnit" | "options">;

/** What predictions say: `perRow` of the test rows, `numPredictions` of each row (seeds or repeats). */
export function classEstimates(perRow: RowMatrices, problem: Drawn): ClassEstimates {
  const { classes, intervalUnit, options } = problem;
  const scores = classScores(summed(perRow, problem.classes.length ** 2));
  const draws = drawnSums(perRow, problem).map(classScores);
  const estimate = (of: (scores: ClassScores) => number): Estimate => {
    const value = of(scores);
    return Number.isFinite(value) ? { value, interval: centralInterval(draws.map(of)) } : { value: null, interval: null };
  };
  const positive = options.positiveClass === null ? -1 : classes.indexOf(options.positiveClass);
  const perPrediction = perRow.length / scores.support.reduce((sum, count) => sum + count, 0);
  return {
    error: estimate(({ error }) => error),
    wilson: intervalUnit === "crop" ? wilsonInterval(scores.error * perRow.length, perRow.length) : null,
    accuracy: estimate(({ accuracy }) => accuracy),
    balancedAccuracy: estimate(({ balancedAccuracy }) => balancedAccuracy),
    macroF1: estimate(({ macroF1 }) => macroF1),
    f1: positive < 0 ? null : estimate(({ f1 }) => f1[positive]!),
    perClass: classes.map((name, k) => ({
      name,
      support: scores.support[k]! * perPrediction,
      recall: estimate(({ recall }) => recall[k]!),
      precision: estimate(({ precision }) => precision[k]!),
      f1: estimate(({ f1 }) => f1[k]!),
    })),
    confusion: asRows(summed(perRow, classes.length ** 2), perPrediction),
  };
}

/** A confusion matrix as rows, over the test rows: each counted once, however often it was predicted. */
function asRows(matrix: Float64Array, scale: number): number[][] {
  const C = Math.sqrt(matrix.length);
  return Array.from({ length: C }, (_, row) => Array.from(matrix.subarray(row * C, (row + 1) * C), (count) => count * scale));
}

/** Adds each row's predictions to its matrix: truth and predicted class of a test row's place. */
export function rowMatrices(
  predictions: Iterable<{ readonly place: number; readonly truth: number; readonly predicted: number }>,
  numRows: number,
  numClasses: number,
): RowMatrices {
  const perRow = Array.from({ length: numRows }, () => new Float64Array(numClasses * numClasses));
  for (const { place, truth, predicted } of predictions) perRow[place]![confusionPlace(truth, predicted, numClasses)]! += 1;
  return perRow;
}

function drawnSums(perRow: readonly Float64Array[], { clusters, options }: Drawn): Float64Array[] {
  const numMoments = perRow[0]!.length;
  return bootstrapSums(
    clusters.map((rows) =>
      summed(
        rows.map((row) => perRow[row]!),
        numMoments,
      ),
    ),
    options.splitSeed,
  );
}

function summed(vectors: readonly Float64Array[], length: number): Float64Array {
  const sums = new Float64Array(length);
  for (const vector of vectors) for (let index = 0; index < length; index++) sums[index]! += vector[index]!;
  return sums;
}

/** Error of the first less that of the second, over the same rows. */
export function classComparison(first: RowMatrices, second: RowMatrices, against: string, problem: Drawn): ClassComparison {
  const ours = first.map(errorsOf);
  const theirs = second.map(errorsOf);
  const perRow = ours.map(({ count, errors }, place) => Float64Array.of(count, errors - theirs[place]!.errors));
  const meanOf = ([count, sum]: Float64Array) => sum! / count!;
  const draws = drawnSums(perRow, problem).map(meanOf);
  const isOnce = ours.every(({ count }) => count === 1);
  const onlyOne = (a: typeof ours, b: typeof ours) => a.filter(({ errors }, place) => errors < b[place]!.errors).length;
  const [onlyThisRight, onlyOtherRight] = [onlyOne(ours, theirs), onlyOne(theirs, ours)];
  return {
    against,
    difference: meanOf(summed(perRow, 2)),
    interval: centralInterval(draws),
    p: bootstrapP(draws),
    mcnemar: isOnce ? { onlyThisRight, onlyOtherRight, p: mcnemarP(onlyThisRight, onlyOtherRight) } : null,
  };
}

/** Of each test row: predictions, and how many of them were wrong. */
export function rowErrors(perRow: RowMatrices): Float64Array[] {
  return perRow.map((matrix) => {
    const { count, errors } = errorsOf(matrix);
    return Float64Array.of(count, errors);
  });
}

function errorsOf(matrix: Float64Array): { readonly count: number; readonly errors: number } {
  const C = Math.sqrt(matrix.length);
  const count = matrix.reduce((sum, value) => sum + value, 0);
  let right = 0;
  for (let k = 0; k < C; k++) right += matrix[k * C + k]!;
  return { count, errors: count - right };
}
