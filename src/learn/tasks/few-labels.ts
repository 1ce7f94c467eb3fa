// Fewer labels (paper appendix C.2): the exact probe on stratified subsets of the training rows, drawn several times.
import type { EmbeddingTable } from "#learn/embeddings";
import { type ClassOptions, classProblem } from "./class-problem.ts";
import { type FewLabelsLearner, learnerPredictions, probePredictions, type SizePredictions } from "./few-labels-predictions.ts";
import { type SubsetOptions, type Subsets, subsetsOf } from "./few-labels-subsets.ts";
import type { FewLabelsComparison, FewLabelsCurve, FewLabelsPoint, FewLabelsRecord } from "./network-records.ts";
import { pairedDifference, repeatedScores, type TestedRows } from "./repeated-predictions.ts";
import { setFacts } from "./set-facts.ts";

export interface FewLabelsOptions
  extends Omit<ClassOptions, "protocol" | "split" | "numRepeats" | "numFolds" | "probeSeeds" | "floors">,
    SubsetOptions {
  readonly floors: readonly EmbeddingTable[];
  /** A split of one training part and one test part. */
  readonly split: "own" | "holdout";
  /** What learns from the labelled crops themselves, to stand beside the probes: a network trained from scratch. */
  readonly learners?: readonly FewLabelsLearner[];
  /** Told how many fits there will be, and then of each. */
  readonly onStart?: (numFits: number) => void;
  readonly onFit?: () => void;
}

const PROTOCOL_TEXT =
  "frozen embeddings; principal components and standardisation fitted on all training rows without their labels (appendix C.2); " +
  "logistic regression on stratified subsets, L2 penalty by 5-fold cross-validated log loss inside the subset; every subset is " +
  "scored on all test rows; intervals over test rows and draws";

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
