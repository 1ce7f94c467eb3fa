// Embeddings to a file as they are computed, so that a table need not fit into memory.
import type { Durability } from "#base/files/disk";
import {
  EMBEDDING_COLUMN,
  type EmbeddingHead,
  type EmbeddingTable,
  embeddingColumns,
  embeddingMetadata,
} from "../embedding-table.ts";
import { openTableWriter } from "./table-writer.ts";

/** Numbers of a group of rows: readers hold one group at a time. */
const GROUP_NUMBERS = 2 ** 20;

/** Rows in one group of a file of such embeddings. */
export function rowsPerGroup(dim: number): number {
  return Math.max(1, Math.min(16_384, Math.floor(GROUP_NUMBERS / dim)));
}

/** Embeddings and the records of their crops, in the order of the set. */
export type EmbeddingRows = Pick<EmbeddingTable, "records" | "embeddings">;

/**
 * Writes blocks of rows as they come, whole or not at all: .parquet, .csv, .vot or .npy by the file's ending. Returns how many rows.
 * Throws ConfigError for another ending, FileError.
 */
export async function writeEmbeddingBlocks(
  path: string,
  head: EmbeddingHead,
  blocks: AsyncIterable<EmbeddingRows> | Iterable<EmbeddingRows>,
  durability: Durability = "fsync",
): Promise<number> {
  const vectors = { column: EMBEDDING_COLUMN, length: head.dim };
  const writer = openTableWriter(path, { metadata: embeddingMetadata(head), vectors, durability });
  let numRows = 0;
  try {
    for await (const rows of gathered(blocks, head.dim)) {
      writer.append(embeddingColumns({ ...rows, dim: head.dim }));
      numRows += rows.records.length;
    }
    writer.close();
  } catch (error) {
    writer.abort();
    throw error;
  }
  return numRows;
}

/** Small blocks put together, up to what a group of the file should have. */
async function* gathered(
  blocks: AsyncIterable<EmbeddingRows> | Iterable<EmbeddingRows>,
  dim: number,
): AsyncGenerator<EmbeddingRows> {
  let waiting: EmbeddingRows[] = [];
  const numWaiting = () => waiting.reduce((sum, { records }) => sum + records.length, 0);
  const joined = (): EmbeddingRows => {
    const embeddings = new Float32Array(numWaiting() * dim);
    let end = 0;
    for (const rows of waiting) {
      embeddings.set(rows.embeddings, end);
      end += rows.embeddings.length;
    }
    return { records: waiting.flatMap(({ records }) => records), embeddings };
  };
  for await (const rows of blocks) {
    waiting.push(rows);
    if (numWaiting() < rowsPerGroup(dim)) continue;
    yield joined();
    waiting = [];
  }
  if (waiting.length > 0) yield joined();
}

/** Writes a table whole or not at all, in the form that the file's ending says. Throws ConfigError for another ending, FileError. */
export function writeEmbeddings(path: string, table: EmbeddingTable, durability: Durability = "fsync"): void {
  const { dim, records, embeddings } = table;
  const vectors = { column: EMBEDDING_COLUMN, length: dim };
  const writer = openTableWriter(path, { metadata: embeddingMetadata(table), vectors, durability });
  try {
    const size = rowsPerGroup(dim);
    for (let start = 0; start === 0 || start < records.length; start += size) {
      const part = {
        dim,
        records: records.slice(start, start + size),
        embeddings: embeddings.subarray(start * dim, (start + size) * dim),
      };
      writer.append(embeddingColumns(part));
    }
    writer.close();
  } catch (error) {
    writer.abort();
    throw error;
  }
}
