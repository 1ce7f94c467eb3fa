// Labelled pictures to a crop set: what all imports of single pictures share.
import { basename } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import type { CropSetInfo, FieldRecord } from "../crop-set.ts";
import { type LabelledPicture, pictureTaker, type TakenPicture } from "./take-picture.ts";
import { checkTarget, writeCropSet } from "./write-crop-set.ts";

/** How pictures become crops. */
export interface PictureSetOptions {
  readonly out: string;
  /** See CropSetInfo. */
  readonly collection?: string;
  readonly existing?: "refuse" | "replace";
  /** Of all pixels of each picture. */
  readonly lowPercentile: number;
  readonly highPercentile: number;
  /** Keep the central square of this side; left out, pictures are square and of one size. */
  readonly size?: number;
  /** Pictures with more NaN than this are left out; the NaN of the others become 0. Default 0. */
  readonly maxNanFraction?: number;
}

/** What an import tells: `splits` and `labels` count the crops by their names, "none" where there is none. */
export interface PictureSetSummary {
  readonly out: string;
  readonly crops: number;
  readonly rejected: number;
  readonly splits: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

export type PictureProgress = (progress: { readonly done: number; readonly total: number }) => void;

/** Writes a crop set. Throws an Error of one line that names the picture; then nothing is written. */
export async function writePictureSet(
  pictures: readonly LabelledPicture[],
  options: PictureSetOptions,
  onProgress: PictureProgress = () => {},
): Promise<PictureSetSummary> {
  const { out, existing = "refuse" } = options;
  const target = { out, existing };
  checkTarget(target);
  const size = options.size ?? sideOf(pictures[0]!);
  const { records, rejected, warnings } = await writeCropSet({ ...target, storedSize: size }, async (append) => {
    const taken = takenPictures();
    const take = pictureTaker({ maxNanFraction: 0, ...options, cropSize: size, isCut: options.size !== undefined });
    for (const [index, picture] of pictures.entries()) {
      taken.add(take(picture, append));
      onProgress({ done: index + 1, total: pictures.length });
      await breathe();
    }
    return taken.content(options, size, pictures);
  });
  return {
    out,
    crops: records.length,
    rejected,
    splits: countsOf(records.map(({ split }) => split)),
    labels: countsOf(records.map(({ label }) => label)),
    warnings,
  };
}

function sideOf(first: LabelledPicture): number {
  const { height, width } = first.read().image;
  if (height === width) return width;
  throw new Error(`${first.file}: expected a square picture, got ${height} x ${width}. Choose a --size to cut from the middle.`);
}

function takenPictures() {
  const all: TakenPicture[] = [];
  let rejected = 0;
  const add = (taken: TakenPicture | undefined) => {
    if (taken) all.push(taken);
    else rejected += 1;
  };
  const content = (options: PictureSetOptions, size: number, pictures: readonly LabelledPicture[]) => {
    if (all.length === 0)
      throw new Error(`import: no picture is left: all ${rejected} hold NaN. Choose a --max-nan-fraction above 0.`);
    const units = new Set(all.map(({ fluxUnit }) => fluxUnit));
    const fluxUnit = units.size === 1 && units.has("Jy/beam") ? "Jy/beam" : "arbitrary";
    const fields = all.map(({ field }) => field);
    const records = all.map(({ record }) => record);
    const filled = { records, rejected, warnings: blankWarnings(all), info: pictureSetInfo(options, size, fluxUnit, fields) };
    // Where boxes were drawn but no crop shows one, the set still says so.
    const hasBoxes = pictures.some(({ boxes }) => boxes !== undefined);
    return hasBoxes ? { ...filled, sources: all.flatMap((one) => one.sources) } : filled;
  };
  return { add, content };
}

function blankWarnings(taken: readonly TakenPicture[]): readonly string[] {
  const [first, ...more] = taken.filter(({ isBlank }) => isBlank).map(({ field }) => field.file);
  if (first === undefined) return [];
  return [`${first}${more.length > 0 ? ` and ${more.length} more` : ""}: all pixels are 0; kept as it is in the set.`];
}

/** cropset.json of a set of pictures of `size` pixels, each a field of its own. */
export function pictureSetInfo(
  { out, collection, lowPercentile, highPercentile }: Omit<PictureSetOptions, "existing" | "size" | "maxNanFraction">,
  size: number,
  fluxUnit: CropSetInfo["fluxUnit"],
  fields: readonly FieldRecord[],
): CropSetInfo {
  return {
    version: 1,
    name: basename(out),
    ...(collection === undefined ? {} : { collection }),
    fluxUnit,
    tiling: "images",
    cropSize: size,
    storedSize: size,
    lowPercentile,
    highPercentile,
    resizeRule: "none",
    fields,
    catalogue: null,
  };
}

/** How many there are of each name, "none" of null. */
export function countsOf(names: readonly (string | null)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name ?? "none"] = (counts[name ?? "none"] ?? 0) + 1;
  return counts;
}
