// Two tables of the same crops that stand alone, brought to one order.
import { FileFormatError } from "#base/files";
import type { EmbeddingTable } from "./embedding-table.ts";
import type { ForeignChoice } from "./foreign-columns.ts";

/**
 * The rows of `table` that are the crops of `main`, in its order and with its records. Rows of other crops are left out. Throws
 * FileFormatError, naming both, where a crop of `main` has no row, or where rows that are joined by their order are not as many.
 */
export function alignedTo(main: EmbeddingTable, table: EmbeddingTable, joinBy: ForeignChoice["joinBy"] = "id"): EmbeddingTable {
  const { records, backbone } = main;
  const { dim, embeddings } = table;
  if (joinBy === "row") {
    if (table.records.length === records.length) return { ...table, records };
    throw new FileFormatError(
      `${table.backbone}: --by-row: expected ${records.length} rows, as ${backbone} has, got ${table.records.length}.`,
    );
  }
  const rowOf = new Map(table.records.map(({ id }, row) => [id, row]));
  const missing = records.filter(({ id }) => !rowOf.has(id));
  if (missing.length > 0)
    throw new FileFormatError(
      `${table.backbone}: expected a row for each of the ${records.length} crops of ${backbone}, got none for ${missing.length} of them, such as "${missing[0]!.id}"; its own ids are like "${table.records[0]?.id ?? ""}". Say --by-row where the rows are the same crops in the same order.`,
    );
  const rows = records.map(({ id }) => rowOf.get(id)!); // missing ones were refused
  const chosen = new Float32Array(rows.length * dim);
  for (const [place, row] of rows.entries()) chosen.set(embeddings.subarray(row * dim, (row + 1) * dim), place * dim);
  return { ...table, records, embeddings: chosen };
}
