// Opens a crop set for reading: the table at once or by its row groups, pixels as they are asked for.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkConfig } from "#base/config";
import { FileFormatError, parquetColumn, parseParquet } from "#base/files";
import { openNpyRows, openParquet, readBytes, readText, sha256Of, sha256OfFile } from "#base/files/disk";
import type { CropRows } from "../crop-rows.ts";
import type { CropSet } from "../crop-set.ts";
import { type CropSource, cropSources } from "../crop-source.ts";
import { cropRecords } from "../crop-table.ts";
import { type CheckedInfo, cropSetFile } from "./crop-set-schema.ts";
import { CROPS_FILE, INFO_FILE, SOURCES_FILE, TABLE_FILE } from "./write-crop-set.ts";

/**
 * Opens the crop set in a folder. Its table is checked against the hash in cropset.json, its pixels by their number alone.
 * Throws FileFormatError where the folder is no crop set or its files do not fit together; ConfigError for a wrong cropset.json.
 */
export async function openCropSet(folder: string): Promise<CropSet> {
  const { info, tableSha256 } = readInfo(folder);
  const tablePath = join(folder, TABLE_FILE);
  const table = readBytes(tablePath);
  if (sha256Of(table) !== tableSha256) throw changedSince(tablePath);
  const records = cropRecords(await parseParquet(table, tablePath), tablePath);
  const pixels = openPixels(folder, info, records.length);
  return { info, records, sha256: identityOf(info, tableSha256), ...pixels };
}

/** The same for a set whose records may be too many for memory: they are read by the row groups of its table. Throws as `openCropSet`. */
export async function openCropRows(folder: string): Promise<CropRows> {
  const { info, tableSha256 } = readInfo(folder);
  const tablePath = join(folder, TABLE_FILE);
  if (sha256OfFile(tablePath) !== tableSha256) throw changedSince(tablePath);
  const table = await openParquet(tablePath);
  try {
    const names = table.columns.map(({ name }) => name);
    const pixels = openPixels(folder, info, table.numRows);
    return {
      info,
      sha256: identityOf(info, tableSha256),
      numCrops: table.numRows,
      async *records() {
        for (const [group, { start }] of table.groups.entries())
          yield cropRecords({ columns: await table.read(group, names), metadata: {} }, tablePath, start);
      },
      async *ids() {
        for (const group of table.groups.keys()) {
          const columns = await table.read(group, ["id"]);
          yield parquetColumn({ columns, metadata: {} }, "id", "string", tablePath) as readonly string[]; // cropRecords refuses nulls
        }
      },
      pixelsOf: pixels.pixelsOf,
      close() {
        pixels.close();
        table.close();
      },
    };
  } catch (error) {
    table.close();
    throw error;
  }
}

function readInfo(folder: string): { readonly info: CheckedInfo; readonly tableSha256: string } {
  const infoPath = join(folder, INFO_FILE);
  if (!existsSync(infoPath)) {
    throw new FileFormatError(
      `${folder}: not a crop set: expected a folder with ${INFO_FILE}. Make one with "suricate prepare".`,
    );
  }
  const { tableSha256, ...info } = parseInfo(readText(infoPath), infoPath);
  return { info, tableSha256 };
}

/** Throws FileFormatError where the pixels are not those of so many crops. */
function openPixels(folder: string, { storedSize }: CheckedInfo, numCrops: number): Pick<CropSet, "pixelsOf" | "close"> {
  const path = join(folder, CROPS_FILE);
  const rows = openNpyRows(path);
  const expected = [numCrops, storedSize, storedSize];
  if (rows.dtype !== "float32" || rows.shape.join() !== expected.join()) {
    rows.close();
    throw new FileFormatError(
      `${path}: expected float32 [${expected.join(", ")}], got ${rows.dtype} [${rows.shape.join(", ")}].`,
    );
  }
  return { pixelsOf: (index) => rows.row(index) as Float32Array, close: rows.close }; // dtype checked above
}

/** The sources that the crops of a set show; undefined for a set without. Throws as `openCropSet`. */
export async function readCropSources(folder: string): Promise<readonly CropSource[] | undefined> {
  const infoPath = join(folder, INFO_FILE);
  const { sourcesSha256 } = parseInfo(readText(infoPath), infoPath);
  if (sourcesSha256 === undefined) return undefined;
  const path = join(folder, SOURCES_FILE);
  const bytes = readBytes(path);
  if (sha256Of(bytes) !== sourcesSha256) throw changedSince(path);
  return cropSources(await parseParquet(bytes, path), path);
}

function changedSince(path: string): FileFormatError {
  return new FileFormatError(
    `${path}: has changed since the set was written: its SHA-256 is not the one in ${INFO_FILE}. Prepare the set again.`,
  );
}

/** What the pixels are made of: the bytes that were read (by their hashes), how they were cut, and the table. Not what the set is called. */
function identityOf({ name: _, collection: __, ...info }: CheckedInfo, tableSha256: string): string {
  return sha256Of(JSON.stringify({ ...info, tableSha256 }));
}

function parseInfo(text: string, where: string) {
  // The version comes first: a set of another version may be wrong in every other place.
  const value = parseJson(text, where);
  const version = typeof value === "object" && value !== null && "version" in value ? value.version : undefined;
  if (version !== 1) {
    throw new FileFormatError(
      `${where}: version: expected 1, got ${String(version)}. It was written by another version of Suricate.`,
    );
  }
  return checkConfig(cropSetFile, value, where);
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message.replaceAll(/\s+/g, " ") : String(cause);
    throw new FileFormatError(`${where}: expected JSON, got other text: ${found}. Prepare the set again.`, { cause });
  }
}
