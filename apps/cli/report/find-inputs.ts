// What lies in the folders that a report is asked of: crop sets, runs, grids, result files and figures, by their paths.
import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { ConfigError } from "#base/config";
import { isRunFolder } from "#learn/runs/disk";
import { isCropSetFolder } from "../inspect/kind-of.ts";

/** Paths by what they hold, each in the order of its name. */
export interface FoundInputs {
  readonly cropSets: readonly string[];
  readonly runs: readonly string[];
  readonly grids: readonly string[];
  /** Files that may hold an evaluation, oldest first: a later one takes an earlier one's place. */
  readonly jsonFiles: readonly string[];
  readonly svgFiles: readonly string[];
}

/** Looks through folders and what is under them, but not into reports. Throws ConfigError where a path is not there or is no folder or result. */
export function findInputs(paths: readonly string[], out: string): FoundInputs {
  const found = {
    cropSets: [] as string[],
    runs: [] as string[],
    grids: [] as string[],
    jsonFiles: [] as string[],
    svgFiles: [] as string[],
  };
  const met = new Set<string>();
  const look = (path: string) => {
    const place = realpathSync(path);
    if (met.has(place) || resolve(path) === resolve(out)) return;
    met.add(place);
    if (!statSync(path).isDirectory()) return lookAtFile(path);
    if (isCropSetFolder(path)) return void found.cropSets.push(path);
    if (isRunFolder(path)) return void found.runs.push(path);
    if (isGridFolder(path)) return void found.grids.push(path);
    if (isReportFolder(path)) return;
    for (const entry of readdirSync(path, { withFileTypes: true }).toSorted(byName)) {
      if (isFileOrFolder(entry, path) && !isPassedOver(entry.name)) look(join(path, entry.name));
    }
  };
  const lookAtFile = (path: string) => {
    if (/\.json$/i.test(path)) found.jsonFiles.push(path);
    if (/\.svg$/i.test(path)) found.svgFiles.push(path);
  };
  for (const path of paths) {
    if (!existsSync(path)) throw new ConfigError(`report ${path}: there is no such file or folder.`);
    look(path);
  }
  const ages = new Map(found.jsonFiles.map((file) => [file, statSync(file).mtimeMs]));
  return { ...found, jsonFiles: found.jsonFiles.toSorted((a, b) => ages.get(a)! - ages.get(b)! || (a < b ? -1 : 1)) };
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}

/** Links count as what they lead to: data often lie on another disk. One that leads nowhere is passed over. */
function isFileOrFolder(entry: Dirent, folder: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory() || entry.isFile();
  const target = statSync(join(folder, entry.name), { throwIfNoEntry: false });
  return target !== undefined && (target.isDirectory() || target.isFile());
}

function isPassedOver(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}

/** A folder that `suricate grid` made. */
function isGridFolder(path: string): boolean {
  return existsSync(join(path, "grid.json")) && existsSync(join(path, "cells"));
}

/** A folder that `suricate report` made: its figures are no input of another report. */
function isReportFolder(path: string): boolean {
  return existsSync(join(path, "report.html")) && existsSync(join(path, "tables"));
}

/** The paper's number of a figure that another command drew, by its file's name; undefined for other pictures. */
export function figureNumber(file: string): number | undefined {
  const name = basename(file).toLowerCase();
  const number = Number(/^fig(?:ure)?[-_ ]?(\d+)(?!\d)/.exec(name)?.[1] ?? Number.NaN);
  if (GIVEN_FIGURES.includes(number)) return number;
  if (/tsne|t-sne|umap|projection|pca|^map\b/.test(name)) return 6;
  if (/attention/.test(name)) return 7;
  return /histogram|scaling/.test(name) ? 4 : undefined;
}

/** Figures that are drawn elsewhere; the others are drawn from records. */
const GIVEN_FIGURES: readonly number[] = [4, 6, 7];
