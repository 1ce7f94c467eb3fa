// Crop sets through the same backbone, for the tasks that compare.
import { type Backbone, type EmbeddingTable, embedCropSet } from "#learn/embeddings";
import { readEmbeddings } from "#learn/embeddings/disk";
import { openCropSet } from "#sky/survey/disk";
import { embedWith } from "../embeddings.ts";
import { UsageError } from "../usage-error.ts";
import type { TaskFlags } from "./task-command.ts";

/** A crop set through the backbone and its floors, or a file of embeddings, beside which nothing stands. Throws UsageError. */
export async function tablesOfSet(
  data: string,
  { backbone, against, ...flags }: Pick<TaskFlags, "backbone" | "against" | "batch" | "device" | "threads">,
  floors: (cropSize: number) => readonly Backbone[],
): Promise<EmbeddingTable[]> {
  if (data.endsWith(".parquet")) {
    if (backbone === undefined && against.length === 0) return [await readEmbeddings(data)];
    throw new UsageError(`evaluate ${data}: its embeddings are made already: expected neither --backbone nor --against.`);
  }
  if (backbone === undefined) throw new UsageError(`evaluate ${data}: expected --backbone for a crop set.`);
  const cropSet = await openCropSet(data);
  try {
    const tables: EmbeddingTable[] = [await embedWith(cropSet, backbone, flags)];
    for (const floor of floors(cropSet.info.cropSize))
      tables.push(await embedCropSet(cropSet, floor, { batchSize: flags.batch }));
    for (const name of against) tables.push(await embedWith(cropSet, name, flags));
    return tables;
  } finally {
    cropSet.close();
  }
}
