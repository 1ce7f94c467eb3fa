// The embeddings of a task: the table in question first, then its floors, then the backbones of --against.
import { existsSync } from "node:fs";
import { ConfigError } from "#base/config";
import { alignedTo, type Backbone, type EmbeddingTable, seenIdsIn } from "#learn/embeddings";
import { EMBEDDING_ENDINGS, isEmbeddingFile, readEmbeddingsOf, readEmbeddingTable } from "#learn/embeddings/disk";
import { seenRowsOf } from "#learn/embeddings/native";
import { parseBackboneSpec } from "#learn/runs";
import { findBackbone } from "#learn/runs/disk";
import { type EvaluatedCrops, type SeedFamily, seenNotes } from "#learn/tasks";
import type { CropSet } from "#sky/survey";
import { openTransferSet } from "#sky/survey/disk";
import { embedThrough, embedWith } from "../embeddings.ts";
import { foreignChoice } from "../foreign-options.ts";
import { asUsage, UsageError } from "../usage-error.ts";
import { seenTestRows, type TaskFlags } from "./task-command.ts";
import { untrainedShape } from "./untrained-shape.ts";

/** What stands beside every backbone of a task. */
export interface TaskFloors {
  /** Name of the floor that sees nothing: one constant a crop. A file of embeddings alone has no pixels, so only this stands beside it. */
  readonly constant: string;
  /** Floors that look at the pictures, for crops of this side. */
  readonly ofPictures: (cropSize: number) => readonly Backbone[];
  /** Seeds of the untrained backbone of the same shape. */
  readonly numUntrained: number;
}

export interface TaskTables {
  readonly table: EmbeddingTable;
  readonly floors: readonly EmbeddingTable[];
  /** The untrained floor of several seeds, and the first backbone with its replicas. */
  readonly families: readonly SeedFamily[];
  /** What the record should say of them. */
  readonly notes: readonly string[];
}

/** Ids of the crops that a task would test. Throws RangeError where it cannot be done on these crops. */
export type TestIds = (set: EvaluatedCrops) => readonly string[];

/**
 * Reads and embeds what a task's command was given, once its crops have labels, its split, and test rows that no backbone has seen:
 * embedding takes long. Throws UsageError where it was given too little or too much, RangeError as `testIdsOf` and `seenNotes`.
 */
export async function taskTables(
  data: string | undefined,
  flags: TaskFlags,
  { floors, testIdsOf }: { readonly floors: TaskFloors; readonly testIdsOf: TestIds },
): Promise<TaskTables> {
  const file = data ?? flags.embeddings;
  if (flags.test !== undefined && (data === undefined || isEmbeddingFile(data) || flags.embeddings !== undefined))
    throw new UsageError("evaluate: --test: expected a crop set folder and --backbone: both sets are embedded by it.");
  if (file === undefined) throw new UsageError("evaluate: expected a crop set folder or a file of embeddings.");
  if (data === undefined || isEmbeddingFile(data)) return tablesOfFile(file, { data, flags, floors });
  if ((flags.backbone === undefined) === (flags.embeddings === undefined)) {
    throw new UsageError("evaluate: expected one of --backbone and --embeddings.");
  }
  checkNames(flags);
  const cropSet = await openTransferSet(data, flags.test);
  try {
    checkSeen(cropSet, flags, testIdsOf({ records: cropSet.records, cropSize: cropSet.info.cropSize }));
    return await tablesOfCropSet(cropSet, flags, floors);
  } finally {
    cropSet.close();
  }
}

/** Whether everything that stands beside each other is there: the first would be embedded for hours before the last is missed. */
function checkNames({ embeddings, against, replicas }: TaskFlags): void {
  if (embeddings !== undefined && !isEmbeddingFile(embeddings))
    throw new ConfigError(
      `--embeddings ${embeddings}: expected a file of embeddings (${EMBEDDING_ENDINGS.join(", ")}), got another.`,
    );
  const named = { "--against": against, "--replicas": replicas };
  for (const [option, names] of Object.entries(named)) for (const name of names) checkName(name, option);
}

function checkName(name: string, option: string): void {
  if (!isEmbeddingFile(name)) {
    asUsage(() => parseBackboneSpec(name, option));
    findBackbone(name, option);
  } else if (!existsSync(name)) throw new ConfigError(`${option} ${name}: there is no such file.`);
}

/** Refuses test crops that one of the backbones has seen. Throws RangeError, as `seenNotes`. */
function checkSeen(cropSet: CropSet, flags: TaskFlags, testIds: readonly string[]): void {
  const named = [flags.embeddings ?? flags.backbone!, ...flags.replicas, ...flags.against]; // one of the two is there
  const backbones = named.filter((name) => !isEmbeddingFile(name));
  const seen = backbones.map((backbone) => ({ backbone, seenIds: seenIdsIn(cropSet, seenRowsOf(backbone)) }));
  seenNotes(seen, testIds, seenTestRows(flags));
}

async function tablesOfFile(
  file: string,
  { data, flags, floors }: { readonly data: string | undefined; readonly flags: TaskFlags; readonly floors: TaskFloors },
): Promise<TaskTables> {
  const beside = [...flags.replicas, ...flags.against];
  const networks = [
    ...beside.filter((name) => !isEmbeddingFile(name)),
    ...(flags.untrained === undefined ? [] : [flags.untrained]),
  ];
  if (flags.backbone !== undefined || (data !== undefined && flags.embeddings !== undefined) || networks.length > 0) {
    throw new UsageError(
      `evaluate ${file}: its embeddings are made already. To compare backbones give the crop set's folder instead.`,
    );
  }
  const choice = foreignChoice("evaluate", flags);
  const { table, notes } = await readEmbeddingTable(file, choice);
  const others: EmbeddingTable[] = [];
  for (const name of beside) others.push(alignedTo(table, (await readEmbeddingTable(name, choice)).table, choice.joinBy));
  const replicas = others.slice(0, flags.replicas.length);
  return {
    table,
    floors: [constantTable(table, floors.constant), ...others],
    families: replicated(table, replicas),
    notes: [
      ...notes,
      `No pictures and no untrained network stand beside ${file}. Give its crop set: evaluate TASK CROPSET --embeddings ${file}.`,
    ],
  };
}

async function tablesOfCropSet(cropSet: CropSet, flags: TaskFlags, floors: TaskFloors): Promise<TaskTables> {
  const notes: string[] = transferNotes(cropSet);
  const tableNamed = (name: string) => namedTable(cropSet, name, flags, notes);
  const table = await tableNamed(flags.embeddings ?? flags.backbone!); // one of them is there
  const beside: EmbeddingTable[] = [constantTable(table, floors.constant)];
  for (const floor of floors.ofPictures(cropSet.info.cropSize)) {
    beside.push(await embedThrough(cropSet, floor, floor.name, flags));
  }
  const tablesOf = async (names: readonly string[]) => {
    const tables: EmbeddingTable[] = [];
    for (const name of names) tables.push(await tableNamed(name));
    return tables;
  };
  const shape = flags.untrained === undefined ? untrainedShape(table.backbone) : { shape: flags.untrained };
  if (shape === "unknown") notes.push(missingUntrained(table.backbone));
  const names = typeof shape === "string" ? [] : untrainedNames(shape.shape, floors.numUntrained);
  const untrained = await tablesOf(names);
  const replicas = await tablesOf(flags.replicas);
  return {
    table,
    floors: differing([...beside, ...untrained, ...replicas, ...(await tablesOf(flags.against))], table),
    families: [
      ...replicated(table, replicas),
      ...(typeof shape === "string" ? [] : familyOf(`random:${shape.shape}`, untrained)),
    ],
    notes,
  };
}

/** What a score on another set than the one that was trained on means. */
function transferNotes({ madeOf }: CropSet): string[] {
  if (madeOf === undefined) return [];
  const [train, test] = madeOf.map(({ info, records }) => `${records.length} crops of ${info.name}`);
  return [`Everything was fitted on ${train}; all ${test} are test crops, of which nothing was fitted or chosen.`];
}

/** The first table of each name, without those of the table in question. */
function differing(tables: readonly EmbeddingTable[], { backbone: own }: EmbeddingTable): EmbeddingTable[] {
  const names = tables.map(({ backbone }) => backbone);
  return tables.filter(({ backbone }, index) => backbone !== own && names.indexOf(backbone) === index);
}

function replicated(table: EmbeddingTable, replicas: readonly EmbeddingTable[]): SeedFamily[] {
  return replicas.length === 0 ? [] : familyOf(`${table.backbone} and replicas`, [table, ...replicas]);
}

function familyOf(name: string, tables: readonly EmbeddingTable[]): SeedFamily[] {
  const backbones = [...new Set(tables.map(({ backbone }) => backbone))];
  return backbones.length < 2 ? [] : [{ name, backbones }];
}

/** Adds to `notes` how a table of others was joined. */
async function namedTable(cropSet: CropSet, name: string, flags: TaskFlags, notes: string[]): Promise<EmbeddingTable> {
  if (!isEmbeddingFile(name)) return embedWith(cropSet, name, flags);
  const read = await readEmbeddingsOf(cropSet, name, foreignChoice("evaluate", flags));
  notes.push(...read.notes);
  return read.table;
}

function constantTable(table: EmbeddingTable, name: string): EmbeddingTable {
  return { ...table, backbone: name, dim: 1, seenIds: [], embeddings: new Float32Array(table.records.length).fill(1) };
}

function untrainedNames(shape: string, numSeeds: number): string[] {
  return Array.from({ length: numSeeds }, (_, seed) => `random:${shape}:${seed}`);
}

function missingUntrained(backbone: string): string {
  return `The untrained floor is missing: nothing tells the shape of ${backbone}. Name it: --untrained resnet50, --untrained vit-s8, or a file of weights.`;
}
