// Door of learn/embeddings to the disk: files of embeddings, and of what is made of them.
import { readParquet } from "#base/files/disk";
import { type EmbeddingTable, parseEmbeddings } from "./embedding-table.ts";

export { openEmbeddings } from "./disk/embedding-file.ts";
export { type EmbeddingRows, rowsPerGroup, writeEmbeddingBlocks, writeEmbeddings } from "./disk/embedding-writer.ts";
export {
  EMBEDDING_ENDINGS,
  isEmbeddingFile,
  isOwnEmbeddings,
  readEmbeddingsOf,
  readEmbeddingTable,
  type SetEmbeddings,
} from "./disk/foreign-file.ts";
export { type NpyBlocks, openNpyBlocks } from "./disk/npy-blocks.ts";
export {
  openTableWriter,
  TABLE_ENDINGS,
  type TableFileOptions,
  type TableWriter,
  tableEnding,
  writeTable,
} from "./disk/table-writer.ts";

/** Reads a table. Throws FileError and FileFormatError. */
export async function readEmbeddings(path: string): Promise<EmbeddingTable> {
  return parseEmbeddings(await readParquet(path), path);
}
