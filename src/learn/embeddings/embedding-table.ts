// The embedding table: one vector a crop, with the crop's record; as Parquet, crop columns and one list column.
import { FileFormatError, type ParquetColumn, type ParquetTable, parquetColumn } from "#base/files";
import { type CropRecord, type CropSet, cropColumns, cropRecords } from "#sky/survey";

/** What a table knows of the crop set that was embedded. */
export interface EmbeddedSet {
  readonly cropSetName: string;
  /** The published set that the crops are, where they are one: see CropSetInfo. */
  readonly collection?: string;
  readonly cropSetSha256: string;
  /** Side of a crop in pixels, without its margin. */
  readonly cropSize: number;
}

/** What is known of a table besides its rows. */
export interface EmbeddingHead extends EmbeddedSet {
  /** The backbone's name. */
  readonly backbone: string;
  readonly dim: number;
  /** Ids of rows that the backbone has seen in pre-training. */
  readonly seenIds: readonly string[];
}

export function embeddedSet({ info, sha256 }: Pick<CropSet, "info" | "sha256">): EmbeddedSet {
  const { name: cropSetName, collection, cropSize } = info;
  return { cropSetName, ...(collection === undefined ? {} : { collection }), cropSetSha256: sha256, cropSize };
}

/** Axes N (crops, in the set's order) and D = dim. */
export interface EmbeddingTable extends EmbeddingHead {
  readonly records: readonly CropRecord[];
  /** [N, D] */
  readonly embeddings: Float32Array;
}

/** The note of a file that `embed` wrote. */
export const EMBEDDING_FORMAT = "suricate-embeddings-1";
/** The list column of the file. */
export const EMBEDDING_COLUMN = "embedding";

/** Columns of the table's Parquet file. */
export function embeddingColumns({
  records,
  dim,
  embeddings,
}: Pick<EmbeddingTable, "records" | "dim" | "embeddings">): ParquetColumn[] {
  const values = records.map((_, row) => embeddings.subarray(row * dim, (row + 1) * dim));
  return [...cropColumns(records), { name: EMBEDDING_COLUMN, type: "list<float>", values }];
}

/** Key-value notes of the table's Parquet file. */
export function embeddingMetadata({
  backbone,
  cropSetName,
  collection,
  cropSetSha256,
  cropSize,
  seenIds,
}: EmbeddingHead): Record<string, string> {
  return {
    format: EMBEDDING_FORMAT,
    backbone,
    cropSetName,
    ...(collection === undefined ? {} : { collection }),
    cropSetSha256,
    cropSize: String(cropSize),
    seenIds: JSON.stringify(seenIds),
  };
}

/** The head of a file by its notes, without its dim. Throws FileFormatError, naming `where`, for another file. */
export function parseEmbeddingHead(metadata: Readonly<Record<string, string>>, where: string): Omit<EmbeddingHead, "dim"> {
  const { format, backbone = "", cropSetName = "", collection, cropSetSha256 = "", cropSize = "0", seenIds = "[]" } = metadata;
  if (format !== EMBEDDING_FORMAT) {
    throw new FileFormatError(
      `${where}: not a table that embed wrote: expected format "${EMBEDDING_FORMAT}", got "${format ?? "none"}".`,
    );
  }
  // seenIds is written by embeddingMetadata, as the format says.
  const seen = JSON.parse(seenIds) as string[];
  const known = collection === undefined ? {} : { collection };
  return { backbone, cropSetName, ...known, cropSetSha256, cropSize: Number(cropSize), seenIds: seen };
}

/** Reads a table back. Throws FileFormatError, naming `where`, for another file or for vectors of several lengths. */
export function parseEmbeddings(table: ParquetTable, where: string): EmbeddingTable {
  const head = parseEmbeddingHead(table.metadata, where);
  const vectors = parquetColumn(table, EMBEDDING_COLUMN, "list<float>", where);
  const dim = vectors[0]?.length ?? 0;
  const embeddings = checkedVectors(vectors, { dim, where, start: 0 });
  return { ...head, dim, records: cropRecords(table, where), embeddings };
}

/** Cells of the list column as [N, dim]. `start` is the row of the first. Throws FileFormatError for a cell of another length. */
export function checkedVectors(
  vectors: readonly (Float32Array | null)[],
  { dim, where, start }: { readonly dim: number; readonly where: string; readonly start: number },
): Float32Array {
  const embeddings = new Float32Array(vectors.length * dim);
  for (const [row, vector] of vectors.entries()) {
    if (vector?.length !== dim) {
      throw new FileFormatError(
        `${where}: column "${EMBEDDING_COLUMN}", row ${start + row}: expected ${dim} numbers, got ${vector?.length ?? "null"}.`,
      );
    }
    embeddings.set(vector, row * dim);
  }
  return embeddings;
}
