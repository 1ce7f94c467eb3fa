// Classes of the test rows as probes and networks tell them that have learnt from subsets of the training rows (paper appendix C.2).
import { type EmbeddingTable, type Matrix, selectRows } from "#learn/embeddings";
import { classFeatures } from "./class-features.ts";
import { exactProbe, innerFoldsOf } from "./class-probes.ts";
import type { ClassOptions, ClassProblem } from "./class-problem.ts";
import { componentSpace } from "./component-space.ts";
import type { Subsets } from "./few-labels-subsets.ts";
import type { RepeatedPredictions } from "./repeated-predictions.ts";

/** What learns from the labelled crops themselves. */
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

/** Predictions by size: [size][draw][test row], and what they were made by. */
export interface SizePredictions {
  readonly bySize: readonly RepeatedPredictions[];
  /** Principal components; the embedding's length where there are none. */
  readonly numComponents: number;
}

/** Of the exact probe on a table: components and scaling come from all training rows without their labels. */
export function probePredictions(
  table: EmbeddingTable,
  problem: ClassProblem,
  { drawn }: Subsets,
  { pca, onFit }: Pick<ClassOptions, "pca"> & { readonly onFit: () => void },
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

export async function learnerPredictions(
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
