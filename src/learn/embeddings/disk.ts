// Door of learn/embeddings to the disk: the Parquet file of a table.
import { type Durability, readParquet, writeParquet } from "#base/files/disk";
import { type EmbeddingTable, embeddingColumns, embeddingMetadata, parseEmbeddings } from "./embedding-table.ts";

/** Writes a table whole or not at all. Throws FileError. */
export function writeEmbeddings(path: string, table: EmbeddingTable, durability: Durability = "fsync"): void {
  writeParquet(path, embeddingColumns(table), embeddingMetadata(table), durability);
}

/** Reads a table. Throws FileError and FileFormatError. */
export async function readEmbeddings(path: string): Promise<EmbeddingTable> {
  return parseEmbeddings(await readParquet(path), path);
}
