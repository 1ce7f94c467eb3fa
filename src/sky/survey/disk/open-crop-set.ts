// Opens a crop set for reading: the table at once, pixels as they are asked for.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkConfig, parseYaml } from "#base/config";
import { FileFormatError, parseParquet } from "#base/files";
import { openNpyRows, readBytes, readText, sha256Of } from "#base/files/disk";
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
  const infoPath = join(folder, INFO_FILE);
  if (!existsSync(infoPath)) {
    throw new FileFormatError(
      `${folder}: not a crop set: expected a folder with ${INFO_FILE}. Make one with "suricate prepare".`,
    );
  }
  const { tableSha256, ...rest } = parseInfo(readText(infoPath), infoPath);
  const info: CheckedInfo = rest;

  const tablePath = join(folder, TABLE_FILE);
  const table = readBytes(tablePath);
  if (sha256Of(table) !== tableSha256) throw changedSince(tablePath);
  const records = cropRecords(await parseParquet(table, tablePath), tablePath);

  const rows = openNpyRows(join(folder, CROPS_FILE));
  const expected = [records.length, info.storedSize, info.storedSize];
  if (rows.dtype !== "float32" || rows.shape.join() !== expected.join()) {
    rows.close();
    throw new FileFormatError(
      `${join(folder, CROPS_FILE)}: expected float32 [${expected.join(", ")}], got ${rows.dtype} [${rows.shape.join(", ")}].`,
    );
  }
  return {
    info,
    records,
    sha256: identityOf(info, tableSha256),
    pixelsOf: (index) => rows.row(index) as Float32Array, // dtype checked above
    close: rows.close,
  };
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
  const value = parseYaml(text, where);
  const version = typeof value === "object" && value !== null && "version" in value ? value.version : undefined;
  if (version !== 1) {
    throw new FileFormatError(
      `${where}: version: expected 1, got ${String(version)}. It was written by another version of Suricate.`,
    );
  }
  return checkConfig(cropSetFile, value, where);
}
