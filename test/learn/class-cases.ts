// Classifiers, count regressions and their metrics beside scikit-learn's and SciPy's, for a test of fixtures and one run live.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  classScores,
  confusionMatrix,
  fitCounts,
  fitDispersion,
  fitLogistic,
  knnClasses,
  mcnemarP,
  predictClasses,
  wilsonInterval,
  withUnitLength,
} from "#learn/tasks";
import { assertClose } from "../compare.ts";
import { projectRoot } from "../real-data.ts";
import { matrixFrom } from "./probe-cases.ts";

export interface ClassCase {
  readonly name: string;
  readonly train: readonly (readonly number[])[];
  readonly test: readonly (readonly number[])[];
  readonly classes: readonly number[];
  readonly testClasses: readonly number[];
  readonly counts: readonly number[];
  readonly numClasses: number;
  readonly penalties: readonly number[];
  readonly knnSizes: readonly number[];
  readonly dispersion: number;
}

interface LinearTruth {
  readonly weights: readonly number[];
  readonly intercept: number;
}

export interface ClassTruth {
  readonly models: readonly {
    readonly penalty: number;
    readonly weights: readonly (readonly number[])[];
    readonly intercepts: readonly number[];
    readonly predicted: readonly number[];
    readonly metrics: {
      readonly confusion: readonly (readonly number[])[];
      readonly accuracy: number;
      readonly balancedAccuracy: number;
      readonly macroF1: number;
      readonly recall: readonly number[];
      readonly precision: readonly number[];
      readonly f1: readonly number[];
    };
  }[];
  readonly neighbours: readonly (readonly number[])[];
  readonly errors: number;
  readonly wilson: readonly [number, number];
  readonly mcnemar: readonly (readonly [number, number, number])[];
  readonly poisson: readonly LinearTruth[];
  readonly negativeBinomial: readonly LinearTruth[];
  readonly dispersion: number;
}

/** Made by test/reference/classes_sklearn.py --make-fixtures; the file names the tools' versions. */
export const CLASS_FIXTURES = JSON.parse(
  readFileSync(join(projectRoot, "test", "fixtures", "probe", "classes.json"), "utf8"),
) as { readonly cases: readonly ClassCase[]; readonly results: readonly ClassTruth[] };

/** scikit-learn stops at slopes of 1e-8; where the penalty is small the optimum is flat. */
const OPTIMUM = 1e-4;

/** The same optimum for every penalty, and the same labels for the test rows. */
export function checkLogistic(one: ClassCase, truth: ClassTruth): void {
  const models = fitLogistic(matrixFrom(one.train), one.classes, one.numClasses, one.penalties.toReversed()).toReversed();
  for (const [index, model] of models.entries()) {
    const wanted = truth.models[index]!;
    const what = `${one.name}: penalty ${wanted.penalty}`;
    assertClose(model.weights.data, wanted.weights.flat(), OPTIMUM, what);
    // Of several classes only differences of intercepts matter.
    const shift = one.numClasses > 2 ? model.intercepts[0]! - wanted.intercepts[0]! : 0;
    assertClose(
      model.intercepts.map((value) => value - shift),
      wanted.intercepts,
      10 * OPTIMUM,
      what,
    );
    assert.deepEqual([...predictClasses(model, matrixFrom(one.test))], wanted.predicted, what);
  }
}

export function checkNeighbours(one: ClassCase, truth: ClassTruth): void {
  const [train, tested] = [withUnitLength(matrixFrom(one.train)), withUnitLength(matrixFrom(one.test))];
  const found = knnClasses(train, one.classes, one.numClasses, tested, one.knnSizes);
  for (const [index, size] of one.knnSizes.entries())
    assert.deepEqual([...found[index]!], truth.neighbours[index], `${one.name}: ${size} neighbours`);
}

export function checkMetrics(one: ClassCase, truth: ClassTruth): void {
  for (const { predicted, metrics, penalty } of truth.models) {
    const matrix = confusionMatrix(one.testClasses, predicted, one.numClasses);
    const what = `${one.name}: penalty ${penalty}`;
    assert.deepEqual([...matrix], metrics.confusion.flat(), what);
    const { accuracy, error, balancedAccuracy, macroF1, recall, precision, f1, support } = classScores(matrix);
    const single = [accuracy, 1 - error, balancedAccuracy, macroF1];
    assertClose(single, [metrics.accuracy, metrics.accuracy, metrics.balancedAccuracy, metrics.macroF1], 1e-14, what);
    assertClose([...recall, ...precision, ...f1], [...metrics.recall, ...metrics.precision, ...metrics.f1], 1e-14, what);
    assert.deepEqual(
      support,
      metrics.confusion.map((row) => row.reduce((sum, count) => sum + count, 0)),
      what,
    );
  }
}

export function checkIntervals(one: ClassCase, truth: ClassTruth): void {
  assertClose(wilsonInterval(truth.errors, one.testClasses.length), truth.wilson, 1e-12, `${one.name}: Wilson`);
  for (const [first, second, p] of truth.mcnemar) assertClose([mcnemarP(first, second)], [p], 1e-12, `${first} and ${second}`);
}

export function checkCounts(one: ClassCase, truth: ClassTruth): void {
  const [x, y] = [matrixFrom(one.train), Float64Array.from(one.counts)];
  const fits = [
    { dispersion: 0, wanted: truth.poisson },
    { dispersion: one.dispersion, wanted: truth.negativeBinomial },
  ];
  for (const { dispersion, wanted } of fits) {
    const models = fitCounts(x, y, dispersion, one.penalties.toReversed()).toReversed();
    for (const [index, { weights, intercept }] of models.entries()) {
      const { weights: theirs, intercept: their } = wanted[index]!;
      assertClose(
        [...weights, intercept],
        [...theirs, their],
        OPTIMUM,
        `${one.name}: dispersion ${dispersion}, penalty ${index}`,
      );
    }
  }
  const mean = one.counts.reduce((sum, count) => sum + count, 0) / one.counts.length;
  const found = fitDispersion(one.counts, new Float64Array(one.counts.length).fill(mean));
  assertClose([found], [truth.dispersion], 1e-4, `${one.name}: dispersion`);
}
