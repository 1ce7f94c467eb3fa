// Features that others made of the crops of a set, joined to it by the crops' ids or by their order.
import { FileFormatError } from "#base/files";
import type { CropRecord, CropSet } from "#sky/survey";
import { type EmbeddingTable, embeddedSet } from "./embedding-table.ts";
import { type ForeignChoice, type ForeignColumn, type ForeignTable, idsOf, vectorColumns } from "./foreign-columns.ts";
import { foreignRecords } from "./foreign-records.ts";

export interface JoinedTable {
  readonly table: EmbeddingTable;
  /** Rows of the file that are of no crop of the set. */
  readonly numUnused: number;
}

/**
 * The table's vectors as embeddings of the set's crops, in the set's order. `name` is the file, and the backbone's name. Throws
 * ConfigError for columns that are not there, FileFormatError for crops without a row or with several, for another number of rows
 * where they are joined by order, for vectors of several lengths, and for numbers that are not finite.
 */
export function joinForeign(foreign: ForeignTable, cropSet: CropSet, choice: ForeignChoice, name: string): JoinedTable {
  const { records } = cropSet;
  const columns = vectorColumns(foreign, choice, name);
  const rows = choice.joinBy === "row" ? rowsInOrder(foreign, cropSet, name) : rowsById(foreign, cropSet, choice, name);
  return {
    table: {
      ...{ backbone: name, ...embeddedSet(cropSet), seenIds: [] },
      ...{ records, ...vectorsOf(columns, rows, records, name) },
    },
    numUnused: foreign.numRows - rows.length,
  };
}

/**
 * The table's vectors as embeddings of its own rows, with what its columns say of them (`foreignRecords`). `name` is the file and the
 * backbone's name, `sha256` its bytes'. Throws as `foreignRecords`, and as `joinForeign` for its vectors.
 */
export function loneForeign(
  foreign: ForeignTable,
  choice: ForeignChoice,
  { name, sha256 }: { readonly name: string; readonly sha256: string },
): EmbeddingTable {
  const columns = vectorColumns(foreign, choice, name);
  if (foreign.numRows === 0) throw new FileFormatError(`${name}: expected embeddings, got no rows.`);
  const records = foreignRecords(foreign, choice, name);
  return {
    ...{ backbone: name, cropSetName: name, cropSetSha256: sha256, cropSize: 0, seenIds: [] },
    ...{ records, ...vectorsOf(columns, Array.from(records.keys()), records, name) },
  };
}

/** Cells of the columns side by side, [rows, dim]. */
function vectorsOf(
  columns: readonly ForeignColumn[],
  rows: readonly number[],
  records: readonly CropRecord[],
  name: string,
): Pick<EmbeddingTable, "dim" | "embeddings"> {
  const widths = columns.map((column) => widthOf(column, rows, name));
  const dim = widths.reduce((sum, width) => sum + width, 0);
  const embeddings = new Float32Array(rows.length * dim);
  let start = 0;
  for (const [index, column] of columns.entries()) {
    for (const [place, row] of rows.entries()) {
      const cell = column.kind === "vector" ? column.values[row]! : [Number(column.values[row])]; // widthOf has seen it
      embeddings.set(cell, place * dim + start);
    }
    start += widths[index]!;
  }
  checkFinite(embeddings, dim, (place) => records[place]!.id, name);
  return { dim, embeddings };
}

function rowsInOrder({ numRows }: ForeignTable, { info, records }: CropSet, where: string): readonly number[] {
  if (numRows === records.length) return records.map((_, row) => row);
  throw new FileFormatError(
    `${where}: --by-row: expected ${records.length} rows, the crops of ${info.name} in their order, got ${numRows}.`,
  );
}

/** For each crop of the set, its row. */
function rowsById(foreign: ForeignTable, { info, records }: CropSet, choice: ForeignChoice, where: string): readonly number[] {
  const ids = idsOf(foreign, choice.idColumn, where);
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const wanted = new Set(records.map(({ id }) => id));
  const seen = new Set<string>();
  const shared = new Set(ids.filter((id) => wanted.has(id) && (seen.has(id) || !seen.add(id))));
  if (shared.size > 0)
    throw new FileFormatError(
      `${where}: expected one row a crop, got several for ${shared.size} crops, such as "${[...shared][0]}". Keep one row of each.`,
    );
  const missing = records.filter(({ id }) => !rowOf.has(id));
  if (missing.length > 0)
    throw new FileFormatError(
      `${where}: expected a row for each of the ${records.length} crops of ${info.name}, got none for ${missing.length} of them, such as "${missing[0]!.id}"; its own ids are like "${ids[0] ?? ""}".`,
    );
  return records.map(({ id }) => rowOf.get(id)!); // missing ones were refused
}

/** Numbers of a cell, the same in every row. */
function widthOf(column: ForeignColumn, rows: readonly number[], where: string): number {
  if (column.kind !== "vector") return 1;
  const width = column.values[rows[0] ?? 0]?.length ?? 0;
  for (const row of rows) {
    const length = column.values[row]?.length;
    if (width === 0 || length !== width)
      throw new FileFormatError(
        `${where}: column "${column.name}", row ${row}: expected ${width || "some"} numbers, got ${length ?? "null"}.`,
      );
  }
  return width;
}

function checkFinite(embeddings: Float32Array, dim: number, idOf: (row: number) => string, where: string): void {
  const bad = new Set<number>();
  for (const [index, value] of embeddings.entries()) if (!Number.isFinite(value)) bad.add(Math.floor(index / dim));
  const [first] = bad;
  if (first === undefined) return;
  throw new FileFormatError(
    `${where}: expected finite numbers, got NaN or infinite ones for ${bad.size} crops, such as "${idOf(first)}". Leave these crops out of the set, or mend their rows.`,
  );
}
