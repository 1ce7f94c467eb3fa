// What a probe of counts is given: principal components, standardised. As the paper says, and as its published code does, for audit.
import { applyPca, type EmbeddingTable, fitPca, matrixOf, selectRows } from "#learn/embeddings";
import type { Protocol } from "./evaluation-record.ts";
import { applyScaler, type FoldFeatures, fitFoldFeatures, fitScaler, type PcaChoice } from "./fold-features.ts";
import { PUBLISHED_COMPONENTS, withRowNumbers } from "./row-numbers.ts";
import type { Fold } from "./splits.ts";

/** The features of each fold of a table, by protocol. Throws RangeError as `fitFoldFeatures`. */
export function countFeatures(table: EmbeddingTable, protocol: Protocol, pca: PcaChoice): (fold: Fold) => FoldFeatures {
  return FEATURES[protocol](table, pca);
}

const FEATURES: Readonly<Record<Protocol, (table: EmbeddingTable, pca: PcaChoice) => (fold: Fold) => FoldFeatures>> = {
  paper: (table, pca) => (fold) => fitFoldFeatures(table, fold, pca),
  "mgcls-dino-asis": fittedOnAllRows,
};

/**
 * The published code's two faults: components and scaler are fitted on all rows, those to be tested and those without a label among
 * them, and the row's number, which tells the field where rows stand by field, is kept as one more column.
 */
function fittedOnAllRows({ embeddings, dim, records }: EmbeddingTable, choice: PcaChoice): (fold: Fold) => FoldFeatures {
  const rows = matrixOf(records.length, dim, Float64Array.from(embeddings));
  const components = choice === null ? rows : componentsOf(rows, choice);
  const kept = choice === null ? rows : withRowNumbers(components);
  const { data, numColumns } = applyScaler(fitScaler(kept), kept);
  return ({ train, test }) => ({
    train: selectRows(data, numColumns, train),
    test: selectRows(data, numColumns, test),
    numComponents: components.numColumns,
  });
}

function componentsOf(rows: ReturnType<typeof matrixOf>, choice: number | "auto") {
  const asked = choice === "auto" ? PUBLISHED_COMPONENTS : choice;
  return applyPca(fitPca(rows, Math.min(asked, rows.numRows - 1, rows.numColumns)), rows);
}
