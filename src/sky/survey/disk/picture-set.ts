// Labelled pictures to a crop set: what all imports of single pictures share.
import { basename } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";

import type { Image } from "#base/image";
import type { CocoBox } from "#sky/catalogue";
import type { Wcs } from "#sky/fits";
import { type CropRecord, type CropSetInfo, type FieldRecord, UNKNOWN_CROP } from "../crop-set.ts";
import { cropSky } from "../crop-sky.ts";
import { type CropSource, cropSourceOfBox } from "../crop-source.ts";
import { cropCutter } from "../cut-crop.ts";
import { fieldStatistics } from "../field-statistics.ts";
import { checkTarget, writeCropSet } from "./write-crop-set.ts";

/** A picture as it is read. */
export interface ReadPicture {
  readonly image: Image;
  readonly sha256: string;
  /** Found in its header, if any: the rest is null. */
  readonly field?: Partial<Pick<FieldRecord, "pixelScaleDeg" | "beamMajorDeg" | "beamMinorDeg" | "beamPositionAngleDeg">>;
  /** What only the file itself tells of the crop; the crop's place on the sky is found by `wcs`. */
  readonly known?: Partial<CropRecord>;
  readonly wcs?: Wcs;
  /** Left out where values have no unit of flux. */
  readonly fluxUnit?: string;
  /** The largest value that its kind of file holds: white, where there is no flux. */
  readonly whiteValue?: number;
}

/** A picture to come. It is read when its turn has come, and let go. */
export interface LabelledPicture {
  /** Unique in the set: the crop's id. */
  readonly id: string;
  /** Its file, as messages name it. */
  readonly file: string;
  readonly known: Partial<CropRecord>;
  readonly boxes?: readonly CocoBox[];
  read(): ReadPicture;
}

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
    const take = pictureTaker(size, options);
    for (const [index, picture] of pictures.entries()) {
      taken.add(take(picture, append));
      onProgress({ done: index + 1, total: pictures.length });
      await breathe();
    }
    return taken.content(options, size);
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

interface Taken {
  readonly record: CropRecord;
  readonly field: FieldRecord;
  readonly fluxUnit: string;
  readonly sources: readonly CropSource[];
  readonly isBlank: boolean;
}

function takenPictures() {
  const all: Taken[] = [];
  let rejected = 0;
  const add = (taken: Taken | undefined) => {
    if (taken) all.push(taken);
    else rejected += 1;
  };
  const content = (options: PictureSetOptions, size: number) => {
    if (all.length === 0)
      throw new Error(`import: no picture is left: all ${rejected} hold NaN. Choose a --max-nan-fraction above 0.`);
    const units = new Set(all.map(({ fluxUnit }) => fluxUnit));
    const info = infoOf(options, size, units.size === 1 && units.has("Jy/beam") ? "Jy/beam" : "arbitrary");
    const sources = all.flatMap((one) => one.sources);
    const records = all.map(({ record }) => record);
    const filled = { records, rejected, warnings: blankWarnings(all), info: { ...info, fields: all.map(({ field }) => field) } };
    return sources.length === 0 ? filled : { ...filled, sources };
  };
  return { add, content };
}

function blankWarnings(taken: readonly Taken[]): readonly string[] {
  const [first, ...more] = taken.filter(({ isBlank }) => isBlank).map(({ field }) => field.file);
  if (first === undefined) return [];
  return [`${first}${more.length > 0 ? ` and ${more.length} more` : ""}: all pixels are 0; kept as it is in the set.`];
}

function pictureTaker(size: number, options: PictureSetOptions) {
  const cut = cropCutter({ cropSize: size, margin: 0, maxNanFraction: options.maxNanFraction ?? 0 });
  return (picture: LabelledPicture, append: (pixels: Float32Array) => void): Taken | undefined => {
    const read = picture.read();
    const { height, width } = read.image;
    const isFitting = options.size === undefined ? height === size && width === size : height >= size && width >= size;
    if (!isFitting) {
      const wanted =
        options.size === undefined ? `${size} x ${size} pixels, as the first picture` : `${size} pixels or more a side`;
      throw new Error(`${picture.file}: expected ${wanted}, got ${height} x ${width}.`);
    }
    const place = { y0: Math.floor((height - size) / 2), x0: Math.floor((width - size) / 2) };
    const crop = cut(read.image, place);
    if (crop === undefined) return undefined;
    append(crop.pixels);
    const sky = read.wcs === undefined ? {} : cropSky(read.wcs, place, size);
    return described(picture, { ...read, known: { ...sky, ...read.known } }, limitsOf(read, picture.file, options));
  };
}

/** Of the picture itself, where there is no field that it was cut from. One that is all black keeps its file's black and white. */
function limitsOf({ image, fluxUnit, whiteValue }: ReadPicture, file: string, options: PictureSetOptions): Limits {
  if (whiteValue !== undefined && image.pixels.every((value) => value === 0))
    return { lowFlux: 0, highFlux: whiteValue, rms: null, isBlank: true };
  const { lowFlux, highFlux, rms } = fieldStatistics(image.pixels, options, file);
  return { lowFlux, highFlux, rms: fluxUnit === undefined ? null : rms, isBlank: false };
}

interface Limits {
  readonly lowFlux: number;
  readonly highFlux: number;
  /** Noise, of images in a unit of flux. */
  readonly rms: number | null;
  readonly isBlank: boolean;
}

function described(
  { id, file, known, boxes = [] }: LabelledPicture,
  read: ReadPicture,
  { rms, isBlank, ...limits }: Limits,
): Taken {
  const { height, width } = read.image;
  return {
    record: { ...UNKNOWN_CROP, field: id, ...read.known, ...known, id, rms, ...limits },
    field: {
      ...{ pixelScaleDeg: null, beamMajorDeg: null, beamMinorDeg: null, beamPositionAngleDeg: null },
      ...read.field,
      ...{ name: id, file: basename(file), height, width, ...limits, sha256: read.sha256 },
    },
    fluxUnit: read.fluxUnit ?? "arbitrary",
    sources: boxes.map((box) => cropSourceOfBox(id, box)),
    isBlank,
  };
}

function infoOf(options: PictureSetOptions, size: number, fluxUnit: CropSetInfo["fluxUnit"]): CropSetInfo {
  const { out, collection, lowPercentile, highPercentile } = options;
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
    fields: [],
    catalogue: null,
  };
}

/** How many there are of each name, "none" of null. */
export function countsOf(names: readonly (string | null)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name ?? "none"] = (counts[name ?? "none"] ?? 0) + 1;
  return counts;
}
