// Labels of pictures: from a table that names their files, from COCO boxes, or from the folders that they lie in.
import { basename } from "node:path";
import { readText } from "#base/files/disk";
import { CatalogueError, type CocoBox, parseCoco, shown } from "#sky/catalogue";
import { readTextTable } from "#sky/catalogue/disk";
import type { CropRecord } from "../crop-set.ts";
import { isLabelHeader, type LabelColumns, labelRows, splitNamed } from "../label-table.ts";

/** Where labels come from. Folders: "test/FRI/a.png" is an FRI of the test split, "FRI/a.png" an FRI of none. */
export type PictureLabelSource =
  | { readonly from: "folders" }
  | { readonly from: "table"; readonly file: string; readonly columns?: LabelColumns }
  | { readonly from: "coco"; readonly file: string };

/** What is known of one picture. */
export interface PictureLabel {
  readonly known: Partial<CropRecord>;
  readonly boxes?: readonly CocoBox[];
}

/** What is known of pictures, by their names in the set of files. */
export interface PictureLabels {
  of(name: string): PictureLabel;
  readonly warnings: readonly string[];
}

const NOTHING: PictureLabel = { known: {} };

/** Reads the labels of the pictures of these names. Throws CatalogueError, or the errors of `parseCoco`, naming the table. */
export function readPictureLabels(source: PictureLabelSource | undefined, names: readonly string[]): PictureLabels {
  switch (source?.from) {
    case undefined:
      return { of: () => NOTHING, warnings: [] };
    case "folders":
      return { of: (name) => ({ known: folderLabel(name) }), warnings: [] };
    case "table":
      return joined(tableEntries(source.file, source.columns ?? {}), names, source.file);
    case "coco":
      return joined(cocoEntries(source.file), names, source.file);
  }
}

function folderLabel(name: string): Partial<CropRecord> {
  const [folder, above] = name.split("/").slice(0, -1).toReversed();
  if (folder === undefined) return {};
  const split = splitNamed(folder);
  // A folder called "train" that lies above no class is a split alone.
  return split === undefined ? { label: folder, split: splitNamed(above ?? "") ?? null } : { split };
}

/** One row of a table, or one picture of a COCO file. */
interface Entry {
  readonly file: string;
  /** For messages: "line 12", "image 3". */
  readonly place: string;
  readonly label: PictureLabel;
}

function tableEntries(path: string, columns: LabelColumns): readonly Entry[] {
  const { table } = readTextTable(path, (cells) => isLabelHeader(cells, ["file"], columns));
  return labelRows(table, ["file"], columns, path).map(({ line, file, known }) => {
    if (file !== null) return { file, place: `line ${line}`, label: { known } };
    throw new CatalogueError(`${path}: line ${line}: expected the name of a picture's file, got none.`, { file: path, line });
  });
}

function cocoEntries(path: string): readonly Entry[] {
  return parseCoco(readText(path), path).map(({ file, boxes }, index) => ({
    file,
    place: `image ${index}`,
    label: { known: { label: commonest(boxes.map(({ category }) => category)) }, boxes },
  }));
}

/** The category that most boxes bear; null where two are as frequent, or there is no box. */
export function commonest(categories: readonly (string | null)[]): string | null {
  const counts = new Map<string | null, number>();
  for (const category of categories) counts.set(category, (counts.get(category) ?? 0) + 1);
  const [first, second] = [...counts].toSorted(([, a], [, b]) => b - a);
  return first !== undefined && first[1] !== second?.[1] ? first[0] : null;
}

function joined(entries: readonly Entry[], names: readonly string[], where: string): PictureLabels {
  const find = pictureFinder(names);
  const byName = new Map<string, Entry>();
  for (const entry of entries) {
    const name = find(entry.file);
    if (name === undefined) continue;
    if (name === "several")
      throw new CatalogueError(
        `${where}: ${entry.place}: expected the name of one picture, got "${shown(entry.file)}", which several have. Write it with its folder.`,
        { file: where },
      );
    const other = byName.get(name.found);
    if (other !== undefined)
      throw new CatalogueError(`${where}: ${entry.place}: "${shown(entry.file)}" stands in ${other.place} already. Remove one.`, {
        file: where,
      });
    byName.set(name.found, entry);
  }
  if (byName.size === 0)
    throw new CatalogueError(
      `${where}: expected names of the ${names.length} pictures, got none in ${entries.length} entries. The first picture is "${names[0]}".`,
      { file: where },
    );
  return {
    of: (name) => byName.get(name)?.label ?? NOTHING,
    warnings: joinWarnings(entries.length, names.length, byName.size, where),
  };
}

function joinWarnings(numEntries: number, numPictures: number, numFound: number, where: string): readonly string[] {
  return [
    ...(numFound < numEntries ? [`${where}: ${numEntries - numFound} of ${numEntries} entries have no picture.`] : []),
    ...(numFound < numPictures ? [`${where}: ${numPictures - numFound} of ${numPictures} pictures are not in it.`] : []),
  ];
}

/** Finds a picture by its name as it stands, by its file's name alone, or by that without its ending. */
function pictureFinder(names: readonly string[]): (text: string) => { readonly found: string } | "several" | undefined {
  const keysOf = (name: string) => [name, basename(name), stem(name), stem(basename(name))];
  const byKey = new Map<string, string | null>();
  for (const name of names) {
    for (const key of new Set(keysOf(name))) byKey.set(key, byKey.has(key) && byKey.get(key) !== name ? null : name);
  }
  const exact = new Set(names);
  return (text) => {
    const key = text.replaceAll("\\", "/").replace(/^\.\//, "");
    if (exact.has(key)) return { found: key };
    const found = byKey.get(key) ?? byKey.get(basename(key));
    if (found === undefined) return undefined;
    return found === null ? "several" : { found };
  };
}

const stem = (name: string) => name.replace(/\.(gz|fz)$/i, "").replace(/\.\w+$/, "");
