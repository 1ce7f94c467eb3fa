// RadioGalaxyNET (Gupta et al. 2024): ASKAP-EMU pictures with COCO annotations to a crop set.
import { basename, join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { checkConfig, parseYaml, z } from "#base/config";
import { parsePng } from "#base/files";
import { readBytes, readText, sha256Of } from "#base/files/disk";
import { type Image, percentiles } from "#base/image";
import { type CropRecord, type CropSetInfo, type FieldRecord, UNKNOWN_CROP } from "../crop-set.ts";
import { findIslands, type Island } from "../islands.ts";
import { type LitPixels, litPixels, OVERLAP_CORRELATION, type Overlap, overlapJudge, shiftProposer } from "../sky-overlap.ts";
import { checkTarget, writeCropSet } from "./write-crop-set.ts";

/** What `importRadioGalaxyNet` is asked to do. */
export interface ImportOptions {
  /** Holds train.json, val.json and the folders train and val. */
  readonly folder: string;
  readonly out: string;
  /** Of all pixels, as lowFlux. Default 2. */
  readonly lowPercentile?: number;
  /** Of the non-zero pixels, as highFlux: most pixels are noise that the makers set to zero. Default 98. */
  readonly highPercentile?: number;
  readonly existing?: "refuse" | "replace";
}

/** A validation picture that shows sky of a training picture, and was left out. */
export interface DroppedPicture extends Overlap {
  readonly picture: string;
  readonly trainPicture: string;
}

/** What `import radiogalaxynet --json` prints. */
export interface ImportSummary {
  readonly out: string;
  readonly crops: number;
  readonly train: number;
  readonly test: number;
  /** Every overlapping pair; a picture may overlap several. */
  readonly overlaps: readonly DroppedPicture[];
  readonly droppedPictures: readonly string[];
}

/** The work has `total` steps: every training picture, and every validation picture three times. */
export type ImportProgress = (progress: { readonly done: number; readonly total: number }) => void;

/** An island of fewer pixels is a noise peak: the makers' own count, n_islands_ge5pix, leaves them out too. */
const MIN_ISLAND_PIXELS = 5;

const cocoFile = z.object({
  images: z.array(z.object({ id: z.number(), file_name: z.string() })).nonempty(),
  annotations: z.array(z.object({ image_id: z.number(), category_id: z.number() })),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
});

/** A picture named by an annotation file. */
interface Picture {
  readonly path: string;
  readonly split: "train" | "test";
  readonly label: string | null;
}

/** What is kept of a picture once its pixels are let go. */
interface Surveyed {
  readonly picture: Picture;
  readonly islands: readonly Island[];
  readonly lit: LitPixels;
}

/**
 * Writes the pictures as crops, linear in their own 16-bit values; validation pictures become the test split, without those that
 * overlap a training picture. Throws an Error of one line where a file is missing or is not what the data set's are.
 */
export async function importRadioGalaxyNet(
  options: ImportOptions,
  onProgress: ImportProgress = () => {},
): Promise<ImportSummary> {
  const { folder, out } = options;
  const settings = { lowPercentile: 2, highPercentile: 98, existing: "refuse", ...options } as const;
  checkTarget(settings);
  const train = readAnnotations(folder, "train", "train");
  const val = readAnnotations(folder, "val", "test");
  const size = readPicture(train[0]!.path).image.width;
  const progress = countedProgress(train.length + 3 * val.length, onProgress);

  const { overlaps, kept, records } = await writeCropSet(
    { out, storedSize: size, existing: settings.existing },
    async (append) => {
      const records: CropRecord[] = [];
      const fields: FieldRecord[] = [];
      const trained: Surveyed[] = [];
      const add = async (picture: Picture): Promise<void> => {
        const described = describe(picture, size, settings);
        append(described.image.pixels);
        records.push(described.record);
        fields.push(described.field);
        if (picture.split === "train") trained.push({ picture, islands: described.islands, lit: litPixels(described.image) });
        await progress();
      };
      for (const picture of train) await add(picture);
      const overlaps = await findOverlaps(await surveyAll(val, size, progress), trained, size, progress);
      const dropped = new Set(overlaps.map(({ picture }) => picture));
      const kept = val.filter(({ path }) => !dropped.has(basename(path)));
      for (const picture of kept) await add(picture);
      return { overlaps, kept, records, info: infoOf(out, size, fields, settings) };
    },
  );
  const droppedPictures = [...new Set(overlaps.map(({ picture }) => picture))];
  return { out, crops: records.length, train: train.length, test: kept.length, overlaps, droppedPictures };
}

/** Each call is one step done; signals and the progress bar get their turn. */
function countedProgress(total: number, onProgress: ImportProgress): () => Promise<void> {
  let done = 0;
  return () => {
    done += 1;
    onProgress({ done, total });
    return breathe();
  };
}

function readAnnotations(folder: string, name: string, split: Picture["split"]): Picture[] {
  const path = join(folder, `${name}.json`);
  const { images, annotations, categories } = checkConfig(cocoFile, parseYaml(readText(path), path), path);
  const nameOf = new Map(categories.map(({ id, name: category }) => [id, category]));
  return images.map(({ id, file_name }) => ({
    path: join(folder, name, file_name),
    split,
    label: commonest(
      annotations.filter(({ image_id }) => image_id === id).map(({ category_id }) => nameOf.get(category_id) ?? null),
    ),
  }));
}

/** The label that most annotations of a picture bear; null where two are equally frequent, or there is none. */
function commonest(labels: readonly (string | null)[]): string | null {
  const counts = new Map<string | null, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [first, second] = [...counts].toSorted(([, a], [, b]) => b - a);
  return first !== undefined && first[1] !== second?.[1] ? first[0] : null;
}

function readPicture(path: string): { readonly image: Image; readonly sha256: string } {
  const bytes = readBytes(path);
  const { height, width, channels, data } = parsePng(bytes, path);
  if (channels !== 1 || height !== width) {
    throw new Error(`${path}: expected a square grey picture, got ${height} x ${width} with ${channels} channels.`);
  }
  return { image: { height, width, pixels: Float32Array.from(data) }, sha256: sha256Of(bytes) };
}

function readSquare(path: string, size: number): { readonly image: Image; readonly sha256: string } {
  const picture = readPicture(path);
  if (picture.image.width !== size)
    throw new Error(`${path}: expected ${size} x ${size} pixels, as the first picture, got ${picture.image.width}.`);
  return picture;
}

type Limits = Required<Pick<ImportOptions, "lowPercentile" | "highPercentile">>;

function describe(picture: Picture, size: number, { lowPercentile, highPercentile }: Limits) {
  const { image, sha256 } = readSquare(picture.path, size);
  const islands = findIslands(image, MIN_ISLAND_PIXELS);
  const lit = image.pixels.filter((value) => value !== 0);
  if (lit.length === 0)
    throw new Error(`${picture.path}: all of its ${image.pixels.length} pixels are 0. Leave it out of the annotations.`);
  const limits = { lowFlux: percentiles(image.pixels, [lowPercentile])[0]!, highFlux: percentiles(lit, [highPercentile])[0]! };
  const file = basename(picture.path);
  const name = file.replace(/\.png$/i, "");
  return {
    image,
    islands,
    record: {
      ...UNKNOWN_CROP,
      survey: "EMU",
      id: name,
      field: name,
      ...limits,
      split: picture.split,
      label: picture.label,
      islandCount: islands.length,
    },
    field: { ...NO_BEAM, name, file, height: size, width: size, ...limits, sha256 },
  };
}

const NO_BEAM = { pixelScaleDeg: null, beamMajorDeg: null, beamMinorDeg: null, beamPositionAngleDeg: null } as const;

async function surveyAll(pictures: readonly Picture[], size: number, progress: () => Promise<void>): Promise<Surveyed[]> {
  const surveyed: Surveyed[] = [];
  for (const picture of pictures) {
    const { image } = readSquare(picture.path, size);
    surveyed.push({ picture, islands: findIslands(image, MIN_ISLAND_PIXELS), lit: litPixels(image) });
    await progress();
  }
  return surveyed;
}

/** Every pair of a validation and a training picture that show the same sky. */
async function findOverlaps(
  val: readonly Surveyed[],
  train: readonly Surveyed[],
  size: number,
  progress: () => Promise<void>,
): Promise<DroppedPicture[]> {
  const propose = shiftProposer(size, size);
  const overlaps: DroppedPicture[] = [];
  for (const { picture, islands, lit } of val) {
    const judge = overlapJudge(lit);
    for (const other of train) {
      const shift = propose(islands, other.islands);
      if (shift === undefined) continue;
      const overlap = judge(other.lit, shift);
      if (overlap.correlation < OVERLAP_CORRELATION) continue;
      overlaps.push({ picture: basename(picture.path), trainPicture: basename(other.picture.path), ...overlap });
    }
    await progress();
  }
  return overlaps;
}

function infoOf(out: string, size: number, fields: readonly FieldRecord[], limits: Limits): CropSetInfo {
  return {
    version: 1,
    name: basename(out),
    fluxUnit: "arbitrary",
    tiling: "images",
    cropSize: size,
    storedSize: size,
    lowPercentile: limits.lowPercentile,
    highPercentile: limits.highPercentile,
    resizeRule: "none",
    fields,
    catalogue: null,
  };
}
