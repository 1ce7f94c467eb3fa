// Writes a crop set: crops as they come, then the table, and cropset.json last; all of it or nothing.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { type Durability, NpyRowWriter, writeFileAtomically, writeFolderAtomically } from "#base/files/disk";
import type { CropRecord, CropSetInfo } from "../crop-set.ts";
import { type CropSource, cropSourceColumns } from "../crop-source.ts";
import { cropColumns } from "../crop-table.ts";
import { type RowGroupForm, RowGroupWriter } from "./row-group-writer.ts";

/** The names of a set's files. */
export const CROPS_FILE = "crops.npy";
export const TABLE_FILE = "crops.parquet";
export const INFO_FILE = "cropset.json";
/** Of sets with a catalogue or with boxes. */
export const SOURCES_FILE = "sources.parquet";

/** Where a set is written, and what becomes of one that is there already. */
export interface CropSetTarget {
  readonly out: string;
  readonly storedSize: number;
  readonly existing: "refuse" | "replace";
  /** "rename" leaves the moment of writing to the system: for benchmarks. Default "fsync". */
  readonly durability?: Durability;
}

/** One record for each crop, in their order. */
export interface CropSetPart {
  readonly records: readonly CropRecord[];
  /** The sources that the crops show. */
  readonly sources?: readonly CropSource[];
}

/** What is known when the last crop is written. */
export interface CropSetContent extends CropSetPart {
  readonly info: CropSetInfo;
}

/** As CropSetContent, in parts that follow each other: all of them have sources, or none. */
export interface PartedContent {
  readonly info: CropSetInfo;
  readonly parts: Iterable<CropSetPart>;
}

/**
 * Writes a crop set. `fill` appends the crops, [storedSize, storedSize] each, and returns what is known of them.
 * Throws Error where something else, or (refused) a set, is in the way; FileError where the disk fails: then nothing has changed.
 */
export async function writeCropSet<Content extends CropSetContent>(
  target: CropSetTarget,
  fill: (append: (pixels: Float32Array) => void) => Promise<Content>,
): Promise<Content> {
  const { out, storedSize, durability = "fsync" } = target;
  checkTarget(target);
  return writeFolderAtomically(
    out,
    async (folder) => {
      const crops = new NpyRowWriter(
        join(folder, CROPS_FILE),
        { dtype: "float32", rowShape: [storedSize, storedSize] },
        durability,
      );
      try {
        const content = await fill((pixels) => crops.append(pixels));
        const [numCrops] = crops.close();
        await writeTables(folder, { info: content.info, parts: [content] }, { numCrops: numCrops!, storedSize, durability });
        return content;
      } catch (error) {
        crops.abort();
        throw error;
      }
    },
    durability,
  );
}

/** Crops and sources, of which a survey has half a million, take 2 kB each while they are written, and while a group of them is read. */
const CROP_GROUPS: RowGroupForm<CropRecord> = { columnsOf: cropColumns, rowsPerGroup: 10_000 };
const SOURCE_GROUPS: RowGroupForm<CropSource> = { columnsOf: cropSourceColumns, rowsPerGroup: 10_000 };

/** What the tables have to fit, and how they are written. */
export interface TableTarget {
  readonly numCrops: number;
  readonly storedSize: number;
  readonly durability: Durability;
}

/** Writes all of a set but its pixels into a folder. Throws Error where what is known of the set does not fit its crops. */
export async function writeTables(folder: string, { info, parts }: PartedContent, target: TableTarget): Promise<void> {
  const { numCrops, storedSize, durability } = target;
  if (info.storedSize !== storedSize)
    throw new Error(`internal: crop set: expected storedSize ${storedSize}, got ${info.storedSize}.`);
  const requireOwnId = idCheck(info.name);
  const table = new RowGroupWriter(join(folder, TABLE_FILE), CROP_GROUPS, durability);
  let boxes: RowGroupWriter<CropSource> | undefined;
  try {
    for (const { records, sources } of parts) {
      records.forEach(requireOwnId);
      table.append(records);
      if (sources) boxes ??= new RowGroupWriter(join(folder, SOURCES_FILE), SOURCE_GROUPS, durability);
      if (sources) boxes?.append(sources);
      // Signals get their turn between two fields.
      await breathe();
    }
    if (table.numRows !== numCrops) throw new Error(`internal: crop set: expected ${numCrops} records, got ${table.numRows}.`);
    const { sourcesSha256: _, ...rest } = info;
    const file = { ...rest, ...(boxes ? { sourcesSha256: boxes.close() } : {}), tableSha256: table.close() };
    writeFileAtomically(join(folder, INFO_FILE), new TextEncoder().encode(`${JSON.stringify(file, null, 2)}\n`), durability);
  } catch (error) {
    table.abort();
    boxes?.abort();
    throw error;
  }
}

/** Throws Error where `out` holds something that must not be written over. Worth calling before long work. */
export function checkTarget({ out, existing }: Pick<CropSetTarget, "out" | "existing">): void {
  if (!existsSync(out)) return;
  const isCropSet = existsSync(join(out, INFO_FILE));
  if (isCropSet && existing === "refuse")
    throw new Error(`${out}: a crop set is there already. Choose another --out, or --force to replace it.`);
  if (!isCropSet && readdirSync(out).length > 0) {
    throw new Error(`${out}: holds other files than a crop set. Choose another --out; it is not written over.`);
  }
}

/** Throws Error for a crop whose id another one has. */
function idCheck(name: string): (record: CropRecord) => void {
  const seen = new Set<string>();
  return ({ id }) => {
    if (seen.has(id)) throw new Error(`crop set "${name}": expected every crop's id to be its own, got "${id}" twice.`);
    seen.add(id);
  };
}
