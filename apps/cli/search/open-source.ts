// What a search goes through: a file of embeddings read by the block, or a crop set embedded for it.
import { type EmbeddingSource, embeddingSource } from "#learn/embeddings";
import { openEmbeddings } from "#learn/embeddings/disk";
import type { CropSet } from "#sky/survey";
import { openCropSet } from "#sky/survey/disk";
import { embedWith } from "../embeddings.ts";
import type { TableFlags } from "../table-of.ts";
import { UsageError } from "../usage-error.ts";

export interface OpenedSource {
  readonly source: EmbeddingSource;
  /** Where the search was given one. */
  readonly cropSet: CropSet | undefined;
  close(): void;
}

/** Opens or embeds. Throws UsageError where it was given too little or too much. */
export async function openSource(data: string, flags: TableFlags): Promise<OpenedSource> {
  const { backbone, embeddings } = flags;
  if (data.endsWith(".parquet")) {
    if (backbone !== undefined || embeddings !== undefined)
      throw new UsageError(`search ${data}: its embeddings are made already: expected neither --backbone nor --embeddings.`);
    const source = await openEmbeddings(data);
    return { source, cropSet: undefined, close: () => source.close() };
  }
  if ((backbone === undefined) === (embeddings === undefined))
    throw new UsageError(`search ${data}: expected one of --backbone and --embeddings for a crop set.`);
  const cropSet = await openCropSet(data);
  try {
    const source =
      embeddings === undefined ? embeddingSource(await embedWith(cropSet, backbone!, flags)) : await openEmbeddings(embeddings); // one of the two is there
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
