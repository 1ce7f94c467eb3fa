// What a classifier is given: principal components, standardised. As the paper says, and as its published code does, for audit.
import { type Matrix, matrixOf } from "#learn/embeddings";
import type { ComponentSpace } from "./component-space.ts";
import type { Protocol } from "./evaluation-record.ts";
import { applyScaler, type FoldFeatures, fitScaler, numComponents, type PcaChoice, standardised } from "./fold-features.ts";
import { PUBLISHED_COMPONENTS, withRowNumbers } from "./row-numbers.ts";
import type { Fold } from "./splits.ts";

/** The features of a fold, by protocol. Throws RangeError where there are not more rows than components. */
export function classFeatures(space: ComponentSpace, fold: Fold, protocol: Protocol, pca: PcaChoice): FoldFeatures {
  return FEATURES[protocol](space, fold, pca);
}

const FEATURES: Readonly<Record<Protocol, (space: ComponentSpace, fold: Fold, pca: PcaChoice) => FoldFeatures>> = {
  paper: fittedOnTraining,
  "mgcls-dino-asis": fittedTwice,
};

/** Everything is fitted on training rows; test rows are projected and scaled by it. */
function fittedOnTraining(space: ComponentSpace, { train, test }: Fold, choice: PcaChoice): FoldFeatures {
  if (choice === null) return standardised(space.rows(train), space.rows(test));
  const { fitted, others } = space.project(train, test, numComponents(choice, train.length));
  return standardised(fitted, others);
}

/**
 * The published code's three faults: components fitted on training and on test rows apart, the row's number kept as one more column,
 * and a scaler fitted on each part. Shown beside the paper's protocol, never to be believed.
 */
function fittedTwice(space: ComponentSpace, { train, test }: Fold, choice: PcaChoice): FoldFeatures {
  const most = Math.min(train.length, test.length) - 1;
  const parts = [train, test].map((rows) => {
    if (choice === null) return space.rows(rows);
    const { fitted } = space.project(rows, [], Math.min(choice === "auto" ? PUBLISHED_COMPONENTS : choice, most));
    return withRowNumbers(withSignsOfRows(fitted));
  });
  const width = Math.min(...parts.map(({ numColumns }) => numColumns));
  const numFirst = choice === null ? width : width - 1;
  const [ours, theirs] = parts.map((part) => scaledAlone(outerColumns(part, numFirst, width - numFirst)));
  return { train: ours!, test: theirs!, numComponents: numFirst };
}

/** scikit-learn 1.2's signs: of each component's scores [rows, K] the largest in size is positive. */
function withSignsOfRows(scores: Matrix): Matrix {
  const K = scores.numColumns;
  const signs = Float64Array.from({ length: K }, (_, k) => {
    let largest = 0;
    for (let index = k; index < scores.data.length; index += K)
      if (Math.abs(scores.data[index]!) > Math.abs(largest)) largest = scores.data[index]!;
    return largest < 0 ? -1 : 1;
  });
  return { ...scores, data: scores.data.map((value, index) => value * signs[index % K]!) };
}

/** The first `numFirst` and the last `numLast` columns. */
function outerColumns({ numRows, numColumns, data }: Matrix, numFirst: number, numLast: number): Matrix {
  const width = numFirst + numLast;
  const out = new Float64Array(numRows * width);
  for (let row = 0; row < numRows; row++) {
    const start = row * numColumns;
    out.set(data.subarray(start, start + numFirst), row * width);
    out.set(data.subarray(start + numColumns - numLast, start + numColumns), row * width + numFirst);
  }
  return matrixOf(numRows, width, out);
}

function scaledAlone(part: Matrix): Matrix {
  return applyScaler(fitScaler(part), part);
}
