// MGCLS Protege (Lochner & Rudnick 2024): cutouts of extended sources in MGCLS fields, with a person's scores of interest.
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { FileFormatError } from "#base/files";
import { shown, shownNames } from "#sky/catalogue";
import { readTextTable } from "#sky/catalogue/disk";
import { namedField } from "../field-names.ts";
import { openPictureFiles, type PictureFiles } from "./picture-files.ts";
import { pngPicture } from "./picture-readers.ts";
import { type PictureProgress, type PictureSetSummary, writePictureSet } from "./picture-set.ts";
import type { LabelledPicture } from "./take-picture.ts";

/** What `importProtege` is asked to do. */
export interface ProtegeOptions {
  /** Holds protege_subset.csv and a folder of pictures named by rank (gray128/0.png); or either of the two. */
  readonly path: string;
  readonly out: string;
  /** The list, where it has another name. */
  readonly table?: string;
  readonly existing?: "refuse" | "replace";
}

const COLUMNS = [
  "objid",
  "protege_rank",
  "ra",
  "dec",
  "original_image",
  "author_ML_score",
  "evaluation_subset_author_ML_score",
] as const;
type Column = (typeof COLUMNS)[number];

const RANKED_PNG = /(^|\/)(\d+)\.png$/i;

/**
 * Writes the cutouts as crops, in their own 8-bit values: every source of the list that has a picture. The score is that of the
 * evaluation subset, else that of the training; -1, never scored, is null. Throws an Error of one line for files of another form.
 */
export async function importProtege(options: ProtegeOptions, onProgress?: PictureProgress): Promise<PictureSetSummary> {
  const { path, out, existing = "refuse" } = options;
  const { folder, table } = placesIn(path, options.table);
  const files = openPictureFiles(folder, RANKED_PNG);
  try {
    const rows = readRows(table);
    const pictures = picturesOf(rows, files);
    if (pictures.length === 0)
      throw new FileFormatError(
        `${path}: expected pictures named by rank, such as gray128/0.png, got none for the ${rows.length} rows of ${table}.`,
      );
    const cut = { out, collection: "MGCLS Protege", existing, lowPercentile: 0, highPercentile: 100 } as const;
    const summary = await writePictureSet(pictures, cut, onProgress);
    const missing = rows.length - pictures.length;
    return missing === 0 ? summary : { ...summary, warnings: [`${table}: ${missing} of ${rows.length} rows have no picture.`] };
  } finally {
    files.close();
  }
}

/** The rows that have a picture. */
function picturesOf(rows: ReturnType<typeof readRows>, files: PictureFiles): readonly LabelledPicture[] {
  const byRank = new Map(files.names.map((name) => [RANKED_PNG.exec(name)![2]!, name])); // names are of its form
  return rows.flatMap(({ rank, ...row }): LabelledPicture[] => {
    const name = byRank.get(rank);
    if (name === undefined) return [];
    const file = files.placeOf(name);
    return [{ ...row, file, read: () => pngPicture(files.read(name), file) }];
  });
}

const TABLE = "protege_subset.csv";

/** The list may be named itself, or lie beside the folder of pictures. */
function placesIn(path: string, table: string | undefined): { readonly folder: string; readonly table: string } {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return { folder: dirname(path), table: table ?? path };
  const beside = join(dirname(resolve(path)), TABLE);
  const inside = join(path, TABLE);
  return { folder: path, table: table ?? (!existsSync(inside) && existsSync(beside) ? beside : inside) };
}

function readRows(path: string) {
  const { table } = readTextTable(path, (names) => names.includes("objid"));
  const names = table.headings.map(({ name }) => name);
  const missing = COLUMNS.find((column) => !names.includes(column));
  if (missing !== undefined) throw new FileFormatError(`${path}: expected a column "${missing}", got ${shownNames(names)}.`);
  return table.rows.map(({ line, cells }) => {
    const cell = (column: Column) => cells[names.indexOf(column)]!;
    const number = (column: Column) => {
      const value = Number(cell(column));
      if (cell(column) !== "" && Number.isFinite(value)) return value;
      throw new FileFormatError(`${path}: line ${line}: column "${column}": expected a number, got "${shown(cell(column))}".`);
    };
    const score = [number("evaluation_subset_author_ML_score"), number("author_ML_score")].find((value) => value >= 0) ?? null;
    const { name: field, survey } = namedField(cell("original_image"));
    const known = { field, survey, raDeg: number("ra"), decDeg: number("dec"), interestScore: score };
    return { id: cell("objid"), rank: String(number("protege_rank")), known };
  });
}
