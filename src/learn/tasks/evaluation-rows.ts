// What every task asks of its rows: tables over the same crops, finite numbers, test rows that pre-training has not seen.
import type { EmbeddingTable } from "#learn/embeddings";
import type { CropRecord } from "#sky/survey";
import type { Exclusion, IntervalUnit } from "./evaluation-record.ts";
import { groupBy } from "./group-by.ts";

/** What to do with test rows that pre-training has seen: refuse, or report them in the notes. */
export type SeenTestRows = "refuse" | "report";

/** What a split of rows looks at: known before anything is embedded. */
export type EvaluatedCrops = Pick<EmbeddingTable, "records" | "cropSize">;

/** Throws RangeError unless all tables are over the crops of the first, in its order, and every number is finite. */
export function checkTables(tables: readonly EmbeddingTable[]): void {
  const [main] = tables;
  for (const table of tables) checkTable(table, main!);
}

function checkTable(table: EmbeddingTable, main: EmbeddingTable): void {
  const where = `evaluate: embeddings of "${table.backbone}"`;
  const isSame =
    table.records.length === main.records.length && table.records.every(({ id }, row) => id === main.records[row]!.id);
  if (!isSame)
    throw new RangeError(
      `${where}: expected the crops of "${main.backbone}" in their order, got others. Embed the same crop set.`,
    );
  const { records, dim, embeddings } = table;
  if (dim < 1 || embeddings.length !== records.length * dim) {
    throw new RangeError(
      `${where}: expected 2-D embeddings, ${records.length} crops by 1 number or more, got ${embeddings.length} numbers and a length of ${dim}.`,
    );
  }
  const numMissing = embeddings.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
  if (numMissing > 0) {
    throw new RangeError(`${where}: expected finite numbers, got ${numMissing} of ${embeddings.length} NaN or infinite.`);
  }
}

/** Notes on test rows that a backbone has met in pre-training: they are no test rows for it. Throws RangeError where told to refuse. */
export function seenNotes(
  tables: readonly Pick<EmbeddingTable, "backbone" | "seenIds">[],
  testIds: readonly string[],
  policy: SeenTestRows,
): string[] {
  return tables.flatMap(({ backbone, seenIds }) => {
    const seen = new Set(seenIds);
    const numSeen = testIds.filter((id) => seen.has(id)).length;
    if (numSeen === 0) return [];
    const fact = `${numSeen} of ${testIds.length} test crops were seen in the pre-training of "${backbone}"`;
    if (policy === "report") return [`${fact}: its score may flatter.`];
    throw new RangeError(
      `evaluate: ${fact}. Evaluate on other crops or --split own, or say --allow-seen to have it noted in the result.`,
    );
  });
}

/** Whether a row's crop has one of the flags; null keeps all crops. Throws RangeError where no crop has one. */
export function rowsOfQuality(records: readonly CropRecord[], flags: readonly number[] | null): (row: number) => boolean {
  if (flags === null) return () => true;
  const isKept = (row: number) => flags.includes(records[row]!.dataQualityFlag ?? Number.NaN);
  if (records.some((_, row) => isKept(row))) return isKept;
  const found = [...new Set(records.map(({ dataQualityFlag }) => dataQualityFlag ?? "none"))].toSorted();
  throw new RangeError(
    `evaluate: --dqf ${flags.join("+")}: expected crops with such a data quality flag, got flags ${found.join(", ")}.`,
  );
}

/** What `rowsOfQuality` left out. */
export function qualityExclusions(numLeft: number, flags: readonly number[] | null): Exclusion[] {
  if (flags === null || numLeft === 0) return [];
  return [{ reason: `crops of other data quality flags than ${flags.join(", ")}`, count: numLeft }];
}

/** Fewer fields than this say nothing of how fields differ. */
const MIN_FIELDS_TO_DRAW = 5;

/** What a bootstrap draws together. */
export interface Clusters {
  /** Places of rows. */
  readonly clusters: readonly (readonly number[])[];
  readonly intervalUnit: IntervalUnit;
  readonly notes: readonly string[];
}

/** Rows of one field together, where there are enough fields; row by row where there are not, or where every crop is its own field. */
export function clustersOf(fields: readonly string[]): Clusters {
  const byField = [...groupBy(fields.keys(), (place) => fields[place]!).values()];
  const byCrop = { clusters: fields.map((_, place) => [place]), intervalUnit: "crop" } as const;
  if (byField.length === fields.length && fields.length > 1) return { ...byCrop, notes: [] };
  if (byField.length >= MIN_FIELDS_TO_DRAW) return { clusters: byField, intervalUnit: "field", notes: [] };
  const note = `The test crops are of ${byField.length} field${byField.length === 1 ? "" : "s"}: intervals are over crops, and say nothing of how fields differ.`;
  return { ...byCrop, notes: [note] };
}
