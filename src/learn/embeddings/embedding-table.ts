// The embedding table: one vector a crop, with the crop's record; as Parquet, crop columns and one list column.
import { FileFormatError, type ParquetColumn, type ParquetTable, parquetColumn } from "#base/files";
import { type CropRecord, cropColumns, cropRecords } from "#sky/survey";

/** What is known of a table besides its rows. */
export interface EmbeddingHead {
  /** The backbone's name. */
  readonly backbone: string;
  readonly dim: number;
  readonly cropSetName: string;
  /** SHA-256 of the crop set that was embedded. */
  readonly cropSetSha256: string;
  /** Side of a crop in pixels, without its margin. */
  readonly cropSize: number;
  /** Ids of rows that the backbone has seen in pre-training. */
  readonly seenIds: readonly string[];
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
  cropSetSha256,
  cropSize,
  seenIds,
}: EmbeddingHead): Record<string, string> {
  return {
    format: EMBEDDING_FORMAT,
    backbone,
    cropSetName,
    cropSetSha256,
    cropSize: String(cropSize),
    seenIds: JSON.stringify(seenIds),
  };
}

/** The head of a file by its notes, without its dim. Throws FileFormatError, naming `where`, for another file. */
export function parseEmbeddingHead(metadata: Readonly<Record<string, string>>, where: string): Omit<EmbeddingHead, "dim"> {
  const { format, backbone = "", cropSetName = "", cropSetSha256 = "", cropSize = "0", seenIds = "[]" } = metadata;
  if (format !== EMBEDDING_FORMAT) {
    throw new FileFormatError(
      `${where}: not a table that embed wrote: expected format "${EMBEDDING_FORMAT}", got "${format ?? "none"}".`,
    );
  }
  // seenIds is written by embeddingMetadata, as the format says.
  const seen = JSON.parse(seenIds) as string[];
  return { backbone, cropSetName, cropSetSha256, cropSize: Number(cropSize), seenIds: seen };
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
