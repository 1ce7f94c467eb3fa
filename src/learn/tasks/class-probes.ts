// Probes of classes fitted on one fold: exact logistic regression, the paper's layer by SGD, k nearest neighbours.
import { randomFor } from "#base/array";
import type { EmbeddingTable, Matrix } from "#learn/embeddings";
import { classFeatures } from "./class-features.ts";
import type { ClassProblem } from "./class-problem.ts";
import type { ComponentSpace } from "./component-space.ts";
import type { FoldFeatures } from "./fold-features.ts";
import { KNN_SIZES, knnClasses, withUnitLength } from "./knn-vote.ts";
import { chooseLogisticPenalty, fitLogistic, predictClasses } from "./logistic.ts";
import { fitClassesBySgd } from "./logistic-sgd.ts";
import { type Fold, innerFolds } from "./splits.ts";
import { stratifiedFolds } from "./stratified.ts";

/** Predictions for the test rows of a fold, by probe and, where the probe has seeds, by seed. */
export interface FoldFit {
  readonly predictions: Readonly<Record<string, readonly ArrayLike<number>[]>>;
  readonly numComponents: number;
  /** NaN where there is none. */
  readonly penalty: number;
}

/** Fits one fold's probes for a backbone. */
export type FoldFitter = (space: ComponentSpace, fold: Fold, problem: ClassProblem) => FoldFit;

/** Folds of the training rows among which the penalty is chosen; fewer where a class is smaller. */
const NUM_INNER_FOLDS = 5;

/** The linear probes. */
export function fitLinearProbes(space: ComponentSpace, fold: Fold, problem: ClassProblem): FoldFit {
  const { table, protocol, pca, probeSeeds } = problem.options;
  const features = classFeatures(space, fold, protocol, pca);
  const classes = fold.train.map((row) => problem.classOf[row]!);
  const { penalty, predicted } = exactProbe(features, classes, innerFoldsOf(table, fold.train, problem), problem.classes.length);
  return {
    numComponents: features.numComponents,
    penalty,
    predictions: {
      exact: [predicted],
      sgd: probeSeeds.map((seed) =>
        predictClasses(fitClassesBySgd(features.train, classes, problem.classes.length, seed), features.test),
      ),
    },
  };
}

/** Logistic regression with the penalty that the inner folds (positions in the training part) choose. */
export function exactProbe(
  { train, test }: Pick<FoldFeatures, "train" | "test">,
  classes: readonly number[],
  inner: readonly Fold[],
  numClasses: number,
): { readonly penalty: number; readonly predicted: Uint32Array } {
  const penalty = chooseLogisticPenalty(train, classes, numClasses, inner);
  const [model] = fitLogistic(train, classes, numClasses, [penalty]);
  return { penalty, predicted: predictClasses(model!, test) };
}

/** Inner folds as positions in `rows`: by field where fields have several crops and every class is in every part, else stratified. */
export function innerFoldsOf(
  { records, cropSize }: EmbeddingTable,
  rows: readonly number[],
  { classOf, classes, options: { splitSeed } }: Pick<ClassProblem, "classOf" | "classes" | "options">,
): readonly Fold[] {
  const places = new Map(rows.map((row, place) => [row, place]));
  const toPlaces = ({ name, train, test }: Fold): Fold => ({
    name,
    train: train.map((row) => places.get(row)!),
    test: test.map((row) => places.get(row)!),
  });
  const numFields = new Set(rows.map((row) => records[row]!.field)).size;
  if (numFields > 1 && numFields < rows.length) {
    const byField = innerFolds("field", { records, rows, cropSize, seed: splitSeed });
    const isWhole = byField.every(({ train }) => new Set(train.map((row) => classOf[row])).size === classes.length);
    if (isWhole) return byField.map(toPlaces);
  }
  const counts = classes.map((_, index) => rows.filter((row) => classOf[row] === index).length);
  const numFolds = Math.max(2, Math.min(NUM_INNER_FOLDS, ...counts));
  return stratifiedFolds({ rows, classes: classOf }, numFolds, randomFor(splitSeed, "inner folds")).map(toPlaces);
}

/** DINO's neighbours on the embeddings as they are, of unit length: nothing is fitted. */
export function fitNeighbours(space: ComponentSpace, { train, test }: Fold, problem: ClassProblem): FoldFit {
  const [known, asked] = [train, test].map((rows) => withUnitLength(space.rows(rows)));
  const sizes = knnSizes(train.length);
  const classes = train.map((row) => problem.classOf[row]!);
  // Where all rows are one point none is nearer than another: all of them vote, and the commonest class wins.
  const voters = isOnePoint(known!) ? sizes.map(() => train.length) : sizes;
  const found = knnClasses(known!, classes, problem.classes.length, asked!, voters);
  return {
    numComponents: known!.numColumns,
    penalty: Number.NaN,
    predictions: Object.fromEntries(sizes.map((size, index) => [`knn-${size}`, [found[index]!]])),
  };
}

function isOnePoint({ data, numColumns }: Matrix): boolean {
  return data.every((value, index) => value === data[index % numColumns]);
}

/** DINO's numbers of neighbours that the training rows have; the smallest always. */
function knnSizes(numTrain: number): readonly number[] {
  return KNN_SIZES.filter((size, index) => index === 0 || size <= numTrain);
}
