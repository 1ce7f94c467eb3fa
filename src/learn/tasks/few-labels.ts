// Fewer labels (paper appendix C.2): the exact probe on stratified subsets of the training rows, drawn several times.

import { randomFor } from "#base/array";
import { type EmbeddingTable, type Matrix, selectRows } from "#learn/embeddings";
import { classFeatures } from "./class-features.ts";
import { exactProbe, innerFoldsOf } from "./class-probes.ts";
import { type ClassOptions, type ClassProblem, classProblem } from "./class-problem.ts";
import { componentSpace } from "./component-space.ts";
import type { FewLabelsComparison, FewLabelsCurve, FewLabelsPoint, FewLabelsRecord } from "./network-records.ts";
import { pairedDifference, type RepeatedPredictions, repeatedScores, type TestedRows } from "./repeated-predictions.ts";
import { setFacts } from "./set-facts.ts";
import { stratifiedSubset } from "./stratified.ts";

export interface FewLabelsOptions
  extends Omit<ClassOptions, "protocol" | "split" | "numRepeats" | "numFolds" | "probeSeeds" | "floors"> {
  readonly floors: readonly EmbeddingTable[];
  /** A split of one training part and one test part. */
  readonly split: "own" | "holdout";
  /** Labelled training rows of each subset; null: the paper's shares of them. */
  readonly counts: readonly number[] | null;
  /** Subsets of each size. */
  readonly numDraws: number;
  /** What learns from the labelled crops themselves, to stand beside the probes: a network trained from scratch. */
  readonly learners?: readonly FewLabelsLearner[];
  /** Told how many fits there will be, and then of each. */
  readonly onStart?: (numFits: number) => void;
  readonly onFit?: () => void;
}

export interface FewLabelsLearner {
  /** As results name it. */
  readonly name: string;
  /** Length of what it classifies by. */
  readonly dim: number;
  /** Classes of the `test` rows, learnt from the `train` rows alone (rows of the table). `draw` seeds it. */
  classes(subset: {
    readonly train: readonly number[];
    readonly test: readonly number[];
    readonly problem: ClassProblem;
    readonly draw: number;
  }): Promise<ArrayLike<number>>;
}

/** The paper's shares of the training rows: 36, 72, 145, 291, 437, 583, 656 and 729 of MiraBest's 729. */
export const FEW_LABELS_FRACTIONS = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1] as const;

/** Each class has at least so many rows in every subset: with fewer no penalty can be chosen. */
const MIN_PER_CLASS = 2;

const PROTOCOL_TEXT =
  "frozen embeddings; principal components and standardisation fitted on all training rows without their labels (appendix C.2); " +
  "logistic regression on stratified subsets, L2 penalty by 5-fold cross-validated log loss inside the subset; every subset is " +
  "scored on all test rows; intervals over test rows and draws";

/** Sizes of subsets and, for each, its draws: [size][draw], rows of the table. */
interface Subsets {
  readonly counts: readonly number[];
  readonly drawn: readonly (readonly (readonly number[])[])[];
}

/**
 * Errors of a backbone, its floors and learners by the number of labels, all on the same subsets and test rows. Throws RangeError
 * where classes, rows, the split or a size do not allow it.
 */
export async function evaluateFewLabels(options: FewLabelsOptions): Promise<FewLabelsRecord> {
  const { table, floors, splitSeed, pca, numDraws, learners = [] } = options;
  const problem = classProblem({ ...options, protocol: "paper", numRepeats: 1, numFolds: 1, probeSeeds: [0] });
  const { train, test } = problem.repeats[0]![0]!;
  const subsets = subsetsOf(options, problem, train);
  const rows: TestedRows = { ...problem, seed: splitSeed };
  const onFit = options.onFit ?? (() => {});
  options.onStart?.((1 + floors.length + learners.length) * subsets.counts.length * numDraws);
  const tested = [table, ...floors].map((one) => ({
    name: one.backbone,
    dim: one.dim,
    predictions: probePredictions(one, problem, subsets, { pca, onFit }),
  }));
  for (const learner of learners) {
    const { name, dim } = learner;
    tested.push({ name, dim, predictions: await learnerPredictions(learner, problem, subsets, onFit) });
  }
  const curves = tested.map((one) => curveOf(one, subsets, rows, { options, numTrain: train.length }));
  const [main, ...others] = curves;
  return {
    task: "few-labels",
    ...setFacts(table),
    ...main!,
    intervalUnit: problem.intervalUnit,
    seeds: { split: splitSeed, bootstrap: splitSeed, probe: [] },
    classes: problem.classes,
    positiveClass: options.positiveClass,
    pca: pca === null ? null : main!.numComponents,
    ...(options.dataQualityFlags ? { dataQualityFlags: options.dataQualityFlags } : {}),
    numDraws,
    numTrain: train.length,
    numTest: test.length,
    exclusions: problem.exclusions,
    notes: problem.notes,
    protocolText: PROTOCOL_TEXT,
    floors: others,
    comparisons: tested.slice(1).map((other) => comparisonOf(tested[0]!, other, subsets, rows)),
  };
}

function subsetsOf(
  { counts, numDraws, splitSeed }: FewLabelsOptions,
  { classOf }: ClassProblem,
  train: readonly number[],
): Subsets {
  if (numDraws < 1) throw new RangeError(`evaluate: expected at least 1 draw of each subset, got ${numDraws}.`);
  const wanted = counts ?? FEW_LABELS_FRACTIONS.map((fraction) => Math.floor(fraction * train.length));
  const sizes = [...new Set(wanted)].toSorted((a, b) => a - b);
  if (sizes.length === 0) throw new RangeError("evaluate: expected at least one size of subset, got none.");
  const draw = (size: number) => (_: unknown, index: number) =>
    stratifiedSubset({ rows: train, classes: classOf }, size, MIN_PER_CLASS, randomFor(splitSeed, "fewer labels", size, index));
  return { counts: sizes, drawn: sizes.map((size) => Array.from({ length: numDraws }, draw(size))) };
}

/** Predictions by size: [size][draw][test row], and what they were made by. */
interface SizePredictions {
  readonly bySize: readonly RepeatedPredictions[];
  /** Principal components; the embedding's length where there are none. */
  readonly numComponents: number;
}

function probePredictions(
  table: EmbeddingTable,
  problem: ClassProblem,
  { drawn }: Subsets,
  { pca, onFit }: Pick<FewLabelsOptions, "pca"> & { readonly onFit: () => void },
): SizePredictions {
  const fold = problem.repeats[0]![0]!;
  const space = componentSpace(
    table,
    [...fold.train, ...fold.test].toSorted((a, b) => a - b),
  );
  const { train, test, numComponents } = classFeatures(space, fold, "paper", pca);
  const places = new Map(fold.train.map((row, place) => [row, place]));
  const predicted = (subset: readonly number[]) => {
    const features = rowsOf(
      train,
      subset.map((row) => places.get(row)!),
    );
    const classes = subset.map((row) => problem.classOf[row]!);
    const inner = innerFoldsOf(table, subset, problem);
    return exactProbe({ train: features, test }, classes, inner, problem.classes.length).predicted;
  };
  return { bySize: drawn.map((subsets) => onceEach(subsets, predicted, onFit)), numComponents };
}

function rowsOf({ data, numColumns }: Matrix, rows: readonly number[]): Matrix {
  return selectRows(data, numColumns, rows);
}

/** All draws of all rows are one and the same: it is fitted once. */
function onceEach<T>(subsets: readonly (readonly number[])[], fit: (subset: readonly number[]) => T, onFit: () => void): T[] {
  const known = new Map<string, T>();
  return subsets.map((subset) => {
    const key = subset.join();
    const result = known.get(key) ?? fit(subset);
    known.set(key, result);
    onFit();
    return result;
  });
}

async function learnerPredictions(
  learner: FewLabelsLearner,
  problem: ClassProblem,
  { drawn }: Subsets,
  onFit: () => void,
): Promise<SizePredictions> {
  const { test } = problem.repeats[0]![0]!;
  const bySize: ArrayLike<number>[][] = [];
  for (const subsets of drawn) {
    const predictions: ArrayLike<number>[] = [];
    // One after the other: each has the whole device.
    for (const [draw, train] of subsets.entries()) {
      predictions.push(await learner.classes({ train, test, problem, draw }));
      onFit();
    }
    bySize.push(predictions);
  }
  return { bySize, numComponents: learner.dim };
}

interface Tested {
  readonly name: string;
  readonly dim: number;
  readonly predictions: SizePredictions;
}

function curveOf(
  { name, dim, predictions }: Tested,
  { counts }: Subsets,
  rows: TestedRows,
  { options, numTrain }: { readonly options: FewLabelsOptions; readonly numTrain: number },
): FewLabelsCurve {
  const positive = options.positiveClass === null ? -1 : rows.classes.indexOf(options.positiveClass);
  const points = counts.map((numLabels, index): FewLabelsPoint => {
    const { error, f1, deviation, errorPerRepeat } = repeatedScores(predictions.bySize[index]!, rows, positive);
    return { numLabels, fraction: numLabels / numTrain, error, f1, drawDeviation: deviation, errorPerDraw: errorPerRepeat };
  });
  const [first] = points;
  return {
    backbone: name,
    embeddingDim: dim,
    numComponents: predictions.numComponents,
    metric: "error",
    value: first!.error.value!,
    interval: first!.error.interval!, // there are test rows and draws
    points,
  };
}

function comparisonOf(main: Tested, other: Tested, { counts }: Subsets, rows: TestedRows): FewLabelsComparison {
  const points = counts.map((numLabels, index) => ({
    numLabels,
    ...pairedDifference(main.predictions.bySize[index]!, other.predictions.bySize[index]!, rows),
  }));
  return { against: other.name, points };
}
