// The embeddings that a command is given: a Parquet file, or a crop set with a backbone or a file of its embeddings.
import { ConfigError } from "#base/config";
import type { EmbeddingTable } from "#learn/embeddings";
import { readEmbeddings } from "#learn/embeddings/disk";
import { openCropSet } from "#sky/survey/disk";
import { type EmbedFlags, embedWith } from "./embeddings.ts";
import { UsageError } from "./usage-error.ts";

export interface TableFlags extends EmbedFlags {
  readonly backbone?: string;
  readonly embeddings?: string;
}

/** Reads or embeds. Throws UsageError, naming the command, where it was given too little or too much, ConfigError for a file of other crops. */
export async function tableOf(command: string, data: string, flags: TableFlags): Promise<EmbeddingTable> {
  const { backbone, embeddings } = flags;
  if (data.endsWith(".parquet")) {
    if (backbone === undefined && embeddings === undefined) return readEmbeddings(data);
    throw new UsageError(`${command} ${data}: its embeddings are made already: expected neither --backbone nor --embeddings.`);
  }
  if ((backbone === undefined) === (embeddings === undefined))
    throw new UsageError(`${command} ${data}: expected one of --backbone and --embeddings for a crop set.`);
  const cropSet = await openCropSet(data);
  try {
    if (backbone !== undefined) return await embedWith(cropSet, backbone, flags);
    const table = await readEmbeddings(embeddings!); // one of the two is there
    checkSameSet(
      table,
      cropSet.records.map(({ id }) => id),
      `${command}: --embeddings ${embeddings}`,
    );
    return table;
  } finally {
    cropSet.close();
  }
}

/** Throws ConfigError unless the table's rows are these crops in their order. */
function checkSameSet({ records }: EmbeddingTable, ids: readonly string[], where: string): void {
  if (records.length === ids.length && records.every(({ id }, row) => id === ids[row])) return;
  throw new ConfigError(`${where}: expected the ${ids.length} crops of the set in their order, got others. Embed the set again.`);
}
