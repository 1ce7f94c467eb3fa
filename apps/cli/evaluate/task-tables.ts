// The embeddings of a task: the table in question first, then its floors, then the backbones of --against.
import { ConfigError } from "#base/config";
import { type Backbone, type EmbeddingTable, embedCropSet } from "#learn/embeddings";
import { readEmbeddings } from "#learn/embeddings/disk";
import { isRunFolder } from "#learn/runs/disk";
import type { CropSet } from "#sky/survey";
import { openCropSet } from "#sky/survey/disk";
import { embedWith } from "../embeddings.ts";
import type { TaskFlags } from "./task-command.ts";

/** What stands beside every backbone of a task. */
export interface TaskFloors {
  /** Name of the floor that sees nothing: one constant a crop. A Parquet file alone has no pixels, so only this stands beside it. */
  readonly constant: string;
  /** Floors that look at the pictures, for crops of this side. */
  readonly ofPictures: (cropSize: number) => readonly Backbone[];
  /** Seeds of the untrained backbone of the same shape. */
  readonly numUntrained: number;
}

export interface TaskTables {
  readonly table: EmbeddingTable;
  readonly floors: readonly EmbeddingTable[];
}

/** Reads and embeds what a task's command was given. Throws ConfigError where it was given too little or too much. */
export async function taskTables(data: string | undefined, flags: TaskFlags, floors: TaskFloors): Promise<TaskTables> {
  const file = data ?? flags.embeddings;
  if (file === undefined) throw new ConfigError("evaluate: expected a crop set folder or a Parquet file of embeddings.");
  if (data === undefined || data.endsWith(".parquet")) return tablesOfFile(file, { data, flags, floors });
  if ((flags.backbone === undefined) === (flags.embeddings === undefined)) {
    throw new ConfigError("evaluate: expected one of --backbone and --embeddings.");
  }
  const cropSet = await openCropSet(data);
  try {
    return await tablesOfCropSet(cropSet, flags, floors);
  } finally {
    cropSet.close();
  }
}

async function tablesOfFile(
  file: string,
  { data, flags, floors }: { readonly data: string | undefined; readonly flags: TaskFlags; readonly floors: TaskFloors },
): Promise<TaskTables> {
  const networks = flags.against.filter((name) => !isTable(name));
  if (flags.backbone !== undefined || (data !== undefined && flags.embeddings !== undefined) || networks.length > 0) {
    throw new ConfigError(
      `evaluate ${file}: its embeddings are made already. To compare backbones give the crop set's folder instead.`,
    );
  }
  const table = await readEmbeddings(file);
  const others: EmbeddingTable[] = [];
  for (const name of flags.against) others.push(await readEmbeddings(name));
  return { table, floors: [constantTable(table, floors.constant), ...others] };
}

async function tablesOfCropSet(cropSet: CropSet, flags: TaskFlags, floors: TaskFloors): Promise<TaskTables> {
  const table = await tableNamed(cropSet, flags.embeddings ?? flags.backbone!, flags); // one of them is there
  const beside: EmbeddingTable[] = [constantTable(table, floors.constant)];
  for (const floor of floors.ofPictures(cropSet.info.cropSize)) {
    beside.push(await embedCropSet(cropSet, floor, { batchSize: flags.batch }));
  }
  for (const name of [...untrainedLike(table.backbone, floors.numUntrained), ...flags.against]) {
    beside.push(await tableNamed(cropSet, name, flags));
  }
  return { table, floors: beside.filter(({ backbone }) => backbone !== table.backbone) };
}

async function tableNamed(cropSet: CropSet, name: string, flags: TaskFlags): Promise<EmbeddingTable> {
  return isTable(name) ? readEmbeddings(name) : embedWith(cropSet, name, flags);
}

function isTable(name: string): boolean {
  return name.endsWith(".parquet");
}

function constantTable(table: EmbeddingTable, name: string): EmbeddingTable {
  return { ...table, backbone: name, dim: 1, seenIds: [], embeddings: new Float32Array(table.records.length).fill(1) };
}

/** The untrained backbone of the same shape, for a backbone that is a run's. Of others --against random:SHAPE tells the shape. */
function untrainedLike(backbone: string, numSeeds: number): string[] {
  const path = backbone.replace(/@\d+$/, "");
  return isRunFolder(path) ? Array.from({ length: numSeeds }, (_, seed) => `random:${path}:${seed}`) : [];
}
