// The embeddings that a command is given: a file of them, or a crop set with a backbone or a file of its embeddings.
import { statSync } from "node:fs";
import { ConfigError } from "#base/config";
import { type EmbeddingSource, embeddingSource, type ForeignChoice } from "#learn/embeddings";
import {
  EMBEDDING_ENDINGS,
  isOwnEmbeddings,
  openEmbeddings,
  readEmbeddingsOf,
  readEmbeddingTable,
  type SetEmbeddings,
} from "#learn/embeddings/disk";
import type { CropSet } from "#sky/survey";
import { openCropSet } from "#sky/survey/disk";
import { type EmbedFlags, embedWith } from "./embeddings.ts";
import { type ForeignFlags, foreignChoice, standsAlone } from "./foreign-options.ts";
import { say } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export interface TableFlags extends EmbedFlags, ForeignFlags {
  readonly backbone?: string;
  readonly embeddings?: string;
}

export interface OpenedSource {
  /** Files that `embed` wrote are read by the block and may be larger than memory; all else is in memory. */
  readonly source: EmbeddingSource;
  /** Where the command was given one. */
  readonly cropSet: CropSet | undefined;
  close(): void;
}

/** Opens, reads or embeds, and says how a file was read. Throws UsageError, naming the command, where it was given too little or too much. */
export async function openSource(command: string, data: string, flags: TableFlags): Promise<OpenedSource> {
  const choice = foreignChoice(command, flags);
  if (standsAlone(command, data, flags)) {
    const source = (await isOwnEmbeddings(data))
      ? await openEmbeddings(data)
      : embeddingSource(told(await readEmbeddingTable(data, choice)));
    return { source, cropSet: undefined, close: () => source.close() };
  }
  if (statSync(data, { throwIfNoEntry: false })?.isFile())
    throw new ConfigError(
      `${command} ${data}: expected a crop set folder or a file of embeddings (${EMBEDDING_ENDINGS.join(", ")}), got another file.`,
    );
  if ((flags.backbone === undefined) === (flags.embeddings === undefined))
    throw new UsageError(`${command} ${data}: expected one of --backbone and --embeddings for a crop set.`);
  const cropSet = await openCropSet(data);
  try {
    const source = await sourceOfSet(cropSet, flags, choice);
    const close = () => {
      source.close();
      cropSet.close();
    };
    return { source, cropSet, close };
  } catch (error) {
    cropSet.close();
    throw error;
  }
}

/** Embeddings that embed wrote are read by the block where they are those of the set, row for row. */
async function sourceOfSet(cropSet: CropSet, flags: TableFlags, choice: ForeignChoice): Promise<EmbeddingSource> {
  const { backbone, embeddings } = flags;
  if (embeddings === undefined) return embeddingSource(await embedWith(cropSet, backbone!, flags)); // one of the two is there
  if (await isOwnEmbeddings(embeddings)) {
    const source = await openEmbeddings(embeddings);
    if (source.head.cropSetSha256 === cropSet.sha256) return source;
    source.close();
  }
  return embeddingSource(told(await readEmbeddingsOf(cropSet, embeddings, choice)));
}

function told({ table, notes }: SetEmbeddings) {
  for (const note of notes) say(note);
  return table;
}
