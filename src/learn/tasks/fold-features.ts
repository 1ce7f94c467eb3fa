// What a linear probe is given: principal components, standardised, all fitted on the fold's training rows (paper 3.3.2).
import { applyPca, columnMeans, type EmbeddingTable, fitPca, type Matrix, selectRows } from "#learn/embeddings";
import type { Fold } from "./splits.ts";

/** The paper's number of components; fewer rows bring fewer, one for every ROWS_PER_COMPONENT. */
const MAX_COMPONENTS = 100;
const ROWS_PER_COMPONENT = 10;

/** Standardised components of both parts of a fold: [rows, K]. */
export interface FoldFeatures {
  readonly train: Matrix;
  readonly test: Matrix;
  readonly numComponents: number;
}

/** min(100, rows / 10) components, at least one. */
export function numComponentsFor(numTrainRows: number): number {
  return Math.max(1, Math.min(MAX_COMPONENTS, Math.floor(numTrainRows / ROWS_PER_COMPONENT)));
}

/** Features of a fold. Test rows touch nothing that is fitted. */
export function fitFoldFeatures({ embeddings, dim }: EmbeddingTable, { train, test }: Fold): FoldFeatures {
  const trainRows = selectRows(embeddings, dim, train);
  const pca = fitPca(trainRows, numComponentsFor(train.length));
  const trainComponents = applyPca(pca, trainRows);
  const scaler = fitScaler(trainComponents);
  return {
    train: applyScaler(scaler, trainComponents),
    test: applyScaler(scaler, applyPca(pca, selectRows(embeddings, dim, test))),
    numComponents: pca.components.numRows,
  };
}

/** Mean and population standard deviation of every column; a column that never varies has deviation 1, as in scikit-learn. */
export interface Scaler {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

export function fitScaler(x: Matrix): Scaler {
  const mean = columnMeans(x);
  const squares = columnMeans({ ...x, data: x.data.map((value, index) => (value - mean[index % x.numColumns]!) ** 2) });
  return { mean, deviation: squares.map((square) => Math.sqrt(square) || 1) };
}

export function applyScaler({ mean, deviation }: Scaler, x: Matrix): Matrix {
  const data = x.data.map((value, index) => (value - mean[index % x.numColumns]!) / deviation[index % x.numColumns]!);
  return { ...x, data };
}
