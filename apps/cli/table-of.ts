// The embeddings that a command is given: a file of them, or a crop set with a backbone or a file of its embeddings.
import { statSync } from "node:fs";
import { ConfigError } from "#base/config";
import { type EmbeddingSource, type EmbeddingTable, embeddingSource } from "#learn/embeddings";
import {
  EMBEDDING_ENDINGS,
  isOwnEmbeddings,
  openEmbeddings,
  readEmbeddingsOf,
  readEmbeddingTable,
  type SetEmbeddings,
} from "#learn/embeddings/disk";
import { openCropSet } from "#sky/survey/disk";
import { type EmbedFlags, embedWith } from "./embeddings.ts";
import { type ForeignFlags, foreignChoice, standsAlone } from "./foreign-options.ts";
import { say } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export interface TableFlags extends EmbedFlags, ForeignFlags {
  readonly backbone?: string;
  readonly embeddings?: string;
}

/** Reads or embeds, and says how a file was read. Throws UsageError, naming the command, where it was given too little or too much. */
export async function tableOf(command: string, data: string, flags: TableFlags): Promise<EmbeddingTable> {
  const { backbone, embeddings } = flags;
  const choice = foreignChoice(command, flags);
  if (standsAlone(command, data, flags)) return told(await readEmbeddingTable(data, choice));
  if (statSync(data, { throwIfNoEntry: false })?.isFile())
    throw new ConfigError(
      `${command} ${data}: expected a crop set folder or a file of embeddings (${EMBEDDING_ENDINGS.join(", ")}), got another file.`,
    );
  if ((backbone === undefined) === (embeddings === undefined))
    throw new UsageError(`${command} ${data}: expected one of --backbone and --embeddings for a crop set.`);
  const cropSet = await openCropSet(data);
  try {
    if (backbone !== undefined) return await embedWith(cropSet, backbone, flags);
    return told(await readEmbeddingsOf(cropSet, embeddings!, choice)); // one of the two is there
  } finally {
    cropSet.close();
  }
}

/** The same to be read by the block: a file that `embed` wrote may be larger than memory, all else is in memory. */
export async function sourceOf(command: string, data: string, flags: TableFlags): Promise<EmbeddingSource> {
  foreignChoice(command, flags);
  if (standsAlone(command, data, flags) && (await isOwnEmbeddings(data))) return openEmbeddings(data);
  return embeddingSource(await tableOf(command, data, flags));
}

function told({ table, notes }: SetEmbeddings): EmbeddingTable {
  for (const note of notes) say(note);
  return table;
}
