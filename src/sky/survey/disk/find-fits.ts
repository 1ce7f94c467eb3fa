// The FITS files and the source lists that a command line names.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { namedField } from "../field-names.ts";

const FITS_ENDING = /\.(fits?|fts)(\.(gz|fz))?$/i;
/** Source lists as PyBDSF names them. */
const LIST_ENDING = /\.(srl|gaul)(\.(fits?|csv|txt))?(\.gz)?$/i;

/** Whether a file is called as source lists are, in whatever form. */
export function isSourceListName(name: string): boolean {
  return LIST_ENDING.test(name);
}

/** Whether a file is called as FITS images are: source lists in FITS tables lie beside them. */
export function isFitsImageName(name: string): boolean {
  return FITS_ENDING.test(name) && !isSourceListName(name);
}

/**
 * Files as they are, folders as the FITS files in them in the order of their names (not those of folders inside, nor source lists).
 * Throws Error for a path that is not there, a folder without FITS files, and two files of one field name.
 */
export function findFitsFiles(inputs: readonly string[]): string[] {
  const paths = inputs.flatMap((input) => {
    const found = statSync(input, { throwIfNoEntry: false });
    if (found === undefined) throw new Error(`${input}: no such file or folder.`);
    return found.isDirectory() ? fitsFilesIn(input) : [input];
  });
  const pathOf = new Map<string, string>();
  for (const path of paths) {
    const { name } = namedField(path);
    const other = pathOf.get(name);
    if (other !== undefined)
      throw new Error(`${path}: expected every field to have its own name, but ${other} is called "${name}" too. Rename one.`);
    pathOf.set(name, path);
  }
  return paths;
}

/** Folders inside are not looked at. Throws Error for a link that leads nowhere. */
function isFile(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    throw new Error(`${path}: expected a file, got a link to nothing. Remove it, or name the files themselves.`);
  return !found.isDirectory();
}

function fitsFilesIn(folder: string): string[] {
  const entries = readdirSync(folder);
  const names = entries.filter(isFitsImageName).toSorted();
  if (names.length === 0)
    throw new Error(
      `${folder}: expected FITS files (*.fits, *.fit, *.fts, also .gz and .fz), got ${entries.length} other entries.`,
    );
  return names.map((name) => join(folder, name)).filter(isFile);
}

/** Files as they are, folders as the source lists in them by name. Throws Error for a folder without any; a missing file is the reader's. */
export function findSourceLists(inputs: readonly string[]): string[] {
  return inputs.flatMap((input) => {
    if (!statSync(input, { throwIfNoEntry: false })?.isDirectory()) return [input];
    const entries = readdirSync(input);
    const names = entries.filter(isSourceListName).toSorted();
    if (names.length > 0) return names.map((name) => join(input, name));
    throw new Error(
      `${input}: expected source lists (*.srl, *.gaul, also .fits, .csv and .txt of them), got ${entries.length} other entries. Name the lists.`,
    );
  });
}
