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

/** Principal components that are asked for; "auto": numComponentsFor; null: none, the embeddings as they are. */
export type PcaChoice = number | "auto" | null;

/** The number of components for so many training rows. Throws RangeError where a number is asked for that they do not span. */
export function numComponents(pca: number | "auto", numTrain: number): number {
  if (pca === "auto") return numComponentsFor(numTrain);
  if (pca < numTrain) return pca;
  throw new RangeError(
    `evaluate: --pca ${pca}: expected more than ${pca} training crops, got ${numTrain}. Ask for fewer components, or say --pca none.`,
  );
}

/** Features of a fold. Test rows touch nothing that is fitted. Throws RangeError as numComponents. */
export function fitFoldFeatures(
  { embeddings, dim }: EmbeddingTable,
  { train, test }: Fold,
  choice: PcaChoice = "auto",
): FoldFeatures {
  const trainRows = selectRows(embeddings, dim, train);
  const testRows = selectRows(embeddings, dim, test);
  if (choice === null) return standardised(trainRows, testRows);
  const pca = fitPca(trainRows, numComponents(choice, train.length));
  return standardised(applyPca(pca, trainRows), applyPca(pca, testRows));
}

/** Both parts, scaled by the training part. */
export function standardised(train: Matrix, test: Matrix): FoldFeatures {
  const scaler = fitScaler(train);
  return { train: applyScaler(scaler, train), test: applyScaler(scaler, test), numComponents: train.numColumns };
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
