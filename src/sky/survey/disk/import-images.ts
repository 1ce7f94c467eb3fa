// A folder (or zip archive) of anyone's PNG and FITS pictures to a crop set, with labels of a table, of COCO boxes or of the folders.
import { basename } from "node:path";
import { FileFormatError } from "#base/files";
import type { UnitChoice } from "#sky/fits";
import { MIRABEST_SIZE } from "../mirabest.ts";
import { openPictureFiles, type PictureFiles } from "./picture-files.ts";
import { type PictureLabelSource, type PictureLabels, readPictureLabels } from "./picture-labels.ts";
import { asMiraBest, type FitsChoice, fitsPicture, pngPicture } from "./picture-readers.ts";
import { type PictureProgress, type PictureSetSummary, writePictureSet } from "./picture-set.ts";
import type { LabelledPicture } from "./take-picture.ts";

/** What `importImages` is asked to do. */
export interface ImagesOptions {
  /** A folder, with the folders in it, or a zip archive of PNG files. */
  readonly path: string;
  readonly out: string;
  /** Left out, crops have no labels. */
  readonly labels?: PictureLabelSource;
  /** Side of the central square that is kept; left out, pictures are square and of one size. */
  readonly size?: number;
  /** Of every picture. Default: 0 and 100 where there are PNG files, else 2 and 98. */
  readonly lowPercentile?: number;
  readonly highPercentile?: number;
  readonly maxNanFraction?: number;
  /** Of FITS cubes, counted from 0. */
  readonly plane?: number;
  /** Of FITS files; by default the first image. */
  readonly hdu?: UnitChoice;
  /** Make of every FITS image the picture that this set would: see `miraBestPicture`. */
  readonly recipe?: PictureRecipe;
  readonly existing?: "refuse" | "replace";
}

/** Sets whose way from an image to a picture is known. */
export const PICTURE_RECIPES = ["mirabest"] as const;
export type PictureRecipe = (typeof PICTURE_RECIPES)[number];

const PICTURE = /\.(png|(fits?|fts)(\.(gz|fz))?)$/i;
const PNG = /\.png$/i;

/**
 * Writes the pictures as crops, in their own values and the order of their names. Throws an Error of one line for a folder without
 * pictures, for pictures of unlike sizes without a size to cut, and for a table that does not fit them.
 */
export async function importImages(options: ImagesOptions, onProgress?: PictureProgress): Promise<PictureSetSummary> {
  const { path, out, existing = "refuse", recipe, maxNanFraction = 0 } = options;
  const size = recipe === undefined ? options.size : MIRABEST_SIZE;
  const files = openPictureFiles(path, PICTURE);
  try {
    if (files.names.length === 0) throw noPictures(path);
    const labels = readPictureLabels(options.labels, files.names);
    const idOf = idsOf(files.names);
    const pictures = files.names.map((name) => pictureOf(name, idOf(name), { files, labels, image: imageOf(options), recipe }));
    if (recipe !== undefined) checkRecipe(options, files.names);
    const isPng = recipe !== undefined || files.names.some((name) => PNG.test(name));
    const range = { lowPercentile: isPng ? 0 : 2, highPercentile: isPng ? 100 : 98, ...rangeOf(options) };
    const cut = { out, existing, maxNanFraction, ...range, ...(size === undefined ? {} : { size }) };
    const summary = await writePictureSet(pictures, cut, onProgress);
    return { ...summary, warnings: [...summary.warnings, ...labels.warnings] };
  } finally {
    files.close();
  }
}

/** A recipe says itself how large pictures are, and starts from flux. */
function checkRecipe({ path, size, recipe }: ImagesOptions, names: readonly string[]): void {
  if (size !== undefined && size !== MIRABEST_SIZE) {
    throw new Error(`--size: expected ${MIRABEST_SIZE} pixels beside --recipe ${recipe}, got ${size}. Leave it out.`);
  }
  const numPng = names.filter((name) => PNG.test(name)).length;
  if (numPng > 0) throw new Error(`${path}: --recipe ${recipe}: expected FITS images alone, got ${numPng} PNG files among them.`);
}

function rangeOf({ lowPercentile, highPercentile }: ImagesOptions) {
  return {
    ...(lowPercentile === undefined ? {} : { lowPercentile }),
    ...(highPercentile === undefined ? {} : { highPercentile }),
  };
}

function noPictures(path: string): FileFormatError {
  const others = openPictureFiles(path, /\.\w+$/);
  const endings = [...new Set(others.names.map((name) => name.slice(name.lastIndexOf(".")).toLowerCase()))];
  others.close();
  const got = endings.length === 0 ? "none" : `${others.names.length} files of other kinds (${endings.slice(0, 6).join(", ")})`;
  return new FileFormatError(`${path}: expected PNG or FITS pictures, got ${got}. Save the pictures as PNG or FITS.`);
}

/** The file's name without ending, where all have their own; else with the folders before it. */
function idsOf(names: readonly string[]): (name: string) => string {
  const plain = (name: string) => name.replace(PICTURE, "");
  const short = new Set(names.map((name) => basename(plain(name))));
  return short.size === names.length ? (name) => basename(plain(name)) : plain;
}

/** Which image of FITS files. */
function imageOf({ plane = 0, hdu }: ImagesOptions): FitsChoice {
  return { plane, ...(hdu === undefined ? {} : { hdu }) };
}

interface Among {
  readonly files: PictureFiles;
  readonly labels: PictureLabels;
  readonly image: FitsChoice;
  readonly recipe: PictureRecipe | undefined;
}

function pictureOf(name: string, id: string, { files, labels, image, recipe }: Among): LabelledPicture {
  const file = files.placeOf(name);
  const read = () => {
    if (PNG.test(name)) return pngPicture(files.read(name), file);
    const picture = fitsPicture(files.pathOf(name), image);
    return recipe === undefined ? picture : asMiraBest(picture, file);
  };
  return { id, file, read, ...labels.of(name) };
}
