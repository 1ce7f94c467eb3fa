// The order of a table's rows. No honest number depends on it; the published code's does, as it keeps the row's number as a feature.
import type { EmbeddingTable } from "#learn/embeddings";

/** `set`: as the crop set has them. `class`: sorted by label, as many sets are published; rows of one label keep their order. */
export const ROW_ORDERS = ["set", "class"] as const;
export type RowOrder = (typeof ROW_ORDERS)[number];

/** The table with its rows in another order. Rows without a label come last. */
export function inRowOrder(table: EmbeddingTable, order: RowOrder): EmbeddingTable {
  if (order === "set") return table;
  const { records, dim, embeddings } = table;
  const rank = (row: number) => records[row]!.label ?? "\uffff";
  const rows = [...records.keys()].toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : a - b));
  const sorted = new Float32Array(embeddings.length);
  for (const [place, row] of rows.entries()) sorted.set(embeddings.subarray(row * dim, (row + 1) * dim), place * dim);
  return { ...table, records: rows.map((row) => records[row]!), embeddings: sorted };
}
