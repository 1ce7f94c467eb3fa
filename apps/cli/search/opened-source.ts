// What a search goes through: a file of embeddings read by the block, or a crop set embedded for it.
import { type EmbeddingSource, embeddingSource } from "#learn/embeddings";
import {
  isOwnEmbeddings,
  openEmbeddings,
  readEmbeddingsOf,
  readEmbeddingTable,
  type SetEmbeddings,
} from "#learn/embeddings/disk";
import type { CropSet } from "#sky/survey";
import { openCropSet } from "#sky/survey/disk";
import { embedWith } from "../embeddings.ts";
import { foreignChoice, standsAlone } from "../foreign-options.ts";
import type { TableFlags } from "../table-of.ts";
import { say } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

export interface OpenedSource {
  readonly source: EmbeddingSource;
  /** Where the search was given one. */
  readonly cropSet: CropSet | undefined;
  close(): void;
}

/** Opens or embeds; tables of others are read whole. Throws UsageError where it was given too little or too much. */
export async function openSource(data: string, flags: TableFlags): Promise<OpenedSource> {
  const choice = foreignChoice("search", flags);
  if (standsAlone("search", data, flags)) {
    const source = (await isOwnEmbeddings(data))
      ? await openEmbeddings(data)
      : embeddingSource(told(await readEmbeddingTable(data, choice)));
    return { source, cropSet: undefined, close: () => source.close() };
  }
  if ((flags.backbone === undefined) === (flags.embeddings === undefined))
    throw new UsageError(`search ${data}: expected one of --backbone and --embeddings for a crop set.`);
  const cropSet = await openCropSet(data);
  try {
    const source = await sourceOfSet(cropSet, flags);
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
async function sourceOfSet(cropSet: CropSet, flags: TableFlags): Promise<EmbeddingSource> {
  const { backbone, embeddings } = flags;
  if (embeddings === undefined) return embeddingSource(await embedWith(cropSet, backbone!, flags)); // one of the two is there
  if (await isOwnEmbeddings(embeddings)) {
    const source = await openEmbeddings(embeddings);
    if (source.head.cropSetSha256 === cropSet.sha256) return source;
    source.close();
  }
  return embeddingSource(told(await readEmbeddingsOf(cropSet, embeddings, foreignChoice("search", flags))));
}

function told({ table, notes }: SetEmbeddings) {
  for (const note of notes) say(note);
  return table;
}
