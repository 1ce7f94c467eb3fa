// Crop sets made of crop sets: the same crops with another split, or a part of them.
import { copyFileSync, linkSync } from "node:fs";
import { basename, join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { writeFolderAtomically } from "#base/files/disk";
import type { CropRecord, CropSet, SplitRules } from "../crop-set.ts";
import { drawSplit, drawSubset, type SplitDraw } from "../draw-split.ts";
import { openCropSet, readCropSources } from "./open-crop-set.ts";
import { countsOf } from "./picture-set.ts";
import { CROPS_FILE, checkTarget, writeCropSet, writeTables } from "./write-crop-set.ts";

/** What a split or a subset is: counts of crops, and of the fields that they are of. */
export interface SplitSummary {
  readonly out: string;
  readonly crops: number;
  readonly fields: number;
  readonly splits: Readonly<Record<string, number>>;
  /** Fields of each split. */
  readonly fieldsOfSplits: Readonly<Record<string, number>>;
}

/** How a set is split anew; `existing` says what becomes of a split that it has. */
export interface SplitOptions extends SplitDraw {
  readonly existing?: "refuse" | "replace";
}

/**
 * Writes a drawn split into the table of the crop set in a folder: its pixels stay as they are. Throws Error for a set with a split
 * (refused), as `drawSplit`, and as `openCropSet`; then nothing has changed.
 */
export async function splitCropSet(folder: string, options: SplitOptions): Promise<SplitSummary> {
  const { by, testFraction, seed, existing = "refuse" } = options;
  const set = await openCropSet(folder);
  set.close();
  if (existing === "refuse") refuseSplit(set, folder);
  const splits = drawSplit(set.records, options);
  const records = set.records.map((record, row) => ({ ...record, split: splits[row]! }));
  const split: SplitRules = { by, testFraction, seed, drawnFrom: null };
  await rewriteTables(folder, set, { records, split });
  return summaryOf(folder, records);
}

function refuseSplit({ records }: CropSet, folder: string): void {
  const counts = Object.entries(countsOf(records.map(({ split }) => split)));
  if (counts.every(([name]) => name === "none")) return;
  const found = counts.map(([name, count]) => `${name} ${count}`).join(", ");
  throw new Error(`${folder}: has a split already: ${found}. Use it, or --force to draw another.`);
}

async function rewriteTables(
  folder: string,
  { info }: CropSet,
  { records, split }: { readonly records: readonly CropRecord[]; readonly split: SplitRules },
): Promise<void> {
  const sources = await readCropSources(folder);
  const content = { info: { ...info, split }, parts: [{ records, ...(sources === undefined ? {} : { sources }) }] };
  await writeFolderAtomically(folder, async (temporary) => {
    sameFile(join(folder, CROPS_FILE), join(temporary, CROPS_FILE));
    await writeTables(temporary, content, { numCrops: records.length, storedSize: info.storedSize, durability: "fsync" });
  });
}

/** The pixels under a second name, until the first goes: no copy, where the file system can do that. */
function sameFile(path: string, other: string): void {
  try {
    linkSync(path, other);
  } catch {
    copyFileSync(path, other);
  }
}

/** What is drawn from which set, and where it goes. */
export interface SubsetOptions {
  readonly from: string;
  readonly out: string;
  readonly numCrops: number;
  readonly seed: number;
  readonly existing?: "refuse" | "replace";
}

/** How far a subset is written, in crops. */
export type SubsetProgress = (progress: { readonly done: number; readonly total: number }) => void;

/**
 * Writes training crops of a set as a set of their own, with at least one of each field; ids stay as they are. Throws Error as
 * `drawSubset`, `openCropSet` and `writeCropSet`; then nothing is written.
 */
export async function subsetCropSet(options: SubsetOptions, onProgress: SubsetProgress = () => {}): Promise<SplitSummary> {
  const { from, out, numCrops, seed, existing = "refuse" } = options;
  const target = { out, existing };
  checkTarget(target);
  const set = await openCropSet(from);
  try {
    const rows = drawSubset(set.records, numCrops, seed);
    const records = rows.map((row) => set.records[row]!);
    const ids = new Set(records.map(({ id }) => id));
    const sources = (await readCropSources(from))?.filter(({ crop }) => ids.has(crop));
    const info = { ...set.info, name: basename(out), split: subsetRules(set, seed), fields: fieldsOf(set, records) };
    await writeCropSet({ ...target, storedSize: set.info.storedSize }, async (append) => {
      for (const [index, row] of rows.entries()) {
        append(set.pixelsOf(row));
        onProgress({ done: index + 1, total: rows.length });
        await breathe();
      }
      return { info, records, ...(sources === undefined ? {} : { sources }) };
    });
    return summaryOf(out, records);
  } finally {
    set.close();
  }
}

function subsetRules({ info }: CropSet, seed: number): SplitRules {
  return { by: info.split?.by ?? null, testFraction: info.split?.testFraction ?? null, seed, drawnFrom: info.name };
}

/** Of pictures every one is a field: those of other crops go. */
function fieldsOf({ info, records: all }: CropSet, records: readonly CropRecord[]) {
  if (info.tiling !== "images") return info.fields;
  const kept = new Set(records.map(({ id }) => id));
  const isOfCrops = info.fields.length === all.length && info.fields.every(({ name }, index) => name === all[index]!.id);
  return isOfCrops ? info.fields.filter(({ name }) => kept.has(name)) : info.fields;
}

function summaryOf(out: string, records: readonly CropRecord[]): SplitSummary {
  const nameOf = ({ split }: CropRecord) => split ?? "none";
  const pairs = new Set(records.map((record) => JSON.stringify([nameOf(record), record.field])));
  return {
    out,
    crops: records.length,
    fields: new Set(records.map(({ field }) => field)).size,
    splits: countsOf(records.map(({ split }) => split)),
    fieldsOfSplits: countsOf([...pairs].map((pair) => String(JSON.parse(pair)[0]))),
  };
}
