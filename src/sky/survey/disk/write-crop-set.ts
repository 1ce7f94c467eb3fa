// Writes a crop set: crops as they come, then the table, and cropset.json last; all of it or nothing.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { formatParquet } from "#base/files";
import { type Durability, NpyRowWriter, sha256Of, writeFileAtomically, writeFolderAtomically } from "#base/files/disk";
import type { CropRecord, CropSetInfo } from "../crop-set.ts";
import { type CropSource, cropSourceColumns } from "../crop-source.ts";
import { cropColumns } from "../crop-table.ts";

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

/** What is known when the last crop is written: one record for each crop, in their order. */
export interface CropSetContent {
  readonly info: CropSetInfo;
  readonly records: readonly CropRecord[];
  /** The sources that the crops show. */
  readonly sources?: readonly CropSource[];
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
        checkContent(content, numCrops!, storedSize);
        writeTables(folder, content, durability);
        return content;
      } catch (error) {
        crops.abort();
        throw error;
      }
    },
    durability,
  );
}

/** Writes all of a set but its pixels into a folder. */
export function writeTables(folder: string, { info, records, sources }: CropSetContent, durability: Durability): void {
  const table = formatParquet(cropColumns(records));
  writeFileAtomically(join(folder, TABLE_FILE), table, durability);
  const boxes = sources && formatParquet(cropSourceColumns(sources));
  if (boxes) writeFileAtomically(join(folder, SOURCES_FILE), boxes, durability);
  const { sourcesSha256: _, ...rest } = info;
  const file = { ...rest, ...(boxes ? { sourcesSha256: sha256Of(boxes) } : {}), tableSha256: sha256Of(table) };
  writeFileAtomically(join(folder, INFO_FILE), new TextEncoder().encode(`${JSON.stringify(file, null, 2)}\n`), durability);
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

/** Throws Error where what is known of a set does not fit its crops. */
export function checkContent({ info, records }: CropSetContent, numCrops: number, storedSize: number): void {
  if (records.length !== numCrops) throw new Error(`internal: crop set: expected ${numCrops} records, got ${records.length}.`);
  if (info.storedSize !== storedSize)
    throw new Error(`internal: crop set: expected storedSize ${storedSize}, got ${info.storedSize}.`);
  const seen = new Set<string>();
  for (const { id } of records) {
    if (seen.has(id)) throw new Error(`crop set "${info.name}": expected every crop's id to be its own, got "${id}" twice.`);
    seen.add(id);
  }
}
