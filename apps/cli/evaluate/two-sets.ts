// Crop sets through the same backbone, for the tasks that compare.
import { type Backbone, type EmbeddingTable, embedCropSet } from "#learn/embeddings";
import { isEmbeddingFile, readEmbeddingsOf, readEmbeddingTable, type SetEmbeddings } from "#learn/embeddings/disk";
import type { CropSet } from "#sky/survey";
import { openCropSet } from "#sky/survey/disk";
import { embedWith } from "../embeddings.ts";
import { foreignChoice } from "../foreign-options.ts";
import { UsageError } from "../usage-error.ts";
import type { TaskFlags } from "./task-command.ts";

/** Tables over the same crops, and how files of others were read. */
export interface SetTables {
  readonly tables: readonly EmbeddingTable[];
  readonly notes: readonly string[];
}

type Flags = Pick<
  TaskFlags,
  "backbone" | "embeddings" | "against" | "batch" | "device" | "threads" | "columns" | "idColumn" | "byRow"
>;

/**
 * A crop set through the backbone (or with a file of its embeddings), its floors and those of --against; or a file of embeddings that
 * stands alone, beside which nothing stands. `command` names it in messages. Throws UsageError.
 */
export async function tablesOfSet(
  command: string,
  data: string,
  flags: Flags,
  floors: (cropSize: number) => readonly Backbone[],
): Promise<SetTables> {
  const { backbone, embeddings, against } = flags;
  if (isEmbeddingFile(data)) {
    if (backbone !== undefined || embeddings !== undefined || against.length > 0)
      throw new UsageError(
        `${command} ${data}: its embeddings are made already: expected no --backbone, --embeddings and --against.`,
      );
    const { table, notes } = await readEmbeddingTable(data, foreignChoice(command, flags));
    return { tables: [table], notes };
  }
  if ((backbone === undefined) === (embeddings === undefined))
    throw new UsageError(`${command} ${data}: expected one of --backbone and --embeddings for a crop set.`);
  const cropSet = await openCropSet(data);
  try {
    const first = await tableNamed(command, cropSet, (embeddings ?? backbone)!, flags); // one of the two is there
    const notes = [...first.notes];
    const tables = [first.table];
    for (const floor of floors(cropSet.info.cropSize))
      tables.push(await embedCropSet(cropSet, floor, { batchSize: flags.batch }));
    for (const name of against) {
      const other = await tableNamed(command, cropSet, name, flags);
      tables.push(other.table);
      notes.push(...other.notes);
    }
    return { tables, notes };
  } finally {
    cropSet.close();
  }
}

/** A backbone, or a file of the set's embeddings, by its name. */
async function tableNamed(command: string, cropSet: CropSet, name: string, flags: Flags): Promise<SetEmbeddings> {
  if (isEmbeddingFile(name)) return readEmbeddingsOf(cropSet, name, foreignChoice(command, flags));
  return { table: await embedWith(cropSet, name, flags), notes: [] };
}
