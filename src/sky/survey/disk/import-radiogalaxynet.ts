// RadioGalaxyNET (Gupta et al. 2024): ASKAP-EMU pictures with COCO annotations to a crop set.
import { basename } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { checkConfig, parseYaml, z } from "#base/config";
import { FileFormatError, parsePng } from "#base/files";
import { FileError, sha256Of } from "#base/files/disk";
import { type Image, percentiles } from "#base/image";
import { type CropRecord, type CropSetInfo, type FieldRecord, UNKNOWN_CROP } from "../crop-set.ts";
import { findIslands, type Island } from "../islands.ts";
import { type LitPixels, litPixels, OVERLAP_CORRELATION, type Overlap, overlapJudge, shiftProposer } from "../sky-overlap.ts";
import { openPictureFiles, type PictureFiles } from "./picture-files.ts";
import { checkTarget, writeCropSet } from "./write-crop-set.ts";

/** What `importRadioGalaxyNet` is asked to do. */
export interface ImportOptions {
  /** Holds train.json, val.json and the folders train and val, in itself or in a folder within; or a zip or tar archive of them. */
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
  /** Its name without folders. */
  readonly file: string;
  /** Where it is, for messages. */
  readonly place: string;
  readonly read: () => Uint8Array;
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
  const { folder } = options;
  const settings = { lowPercentile: 2, highPercentile: 98, existing: "refuse", ...options } as const;
  checkTarget(settings);
  const files = openPictureFiles(folder, OF_THE_SET);
  try {
    return await importFrom(files, settings, onProgress);
  } finally {
    files.close();
  }
}

const OF_THE_SET = /(^|\/)(train|val)(\.json|\/[^/]+\.png)$/i;

async function importFrom(files: PictureFiles, settings: Settings, onProgress: ImportProgress): Promise<ImportSummary> {
  const { folder, out } = settings;
  const root = rootIn(files, folder);
  const train = readAnnotations(files, root, "train", "train");
  const val = readAnnotations(files, root, "val", "test");
  const size = readPicture(train[0]!).image.width;
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
      const kept = val.filter(({ file }) => !dropped.has(file));
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

/** The folder, in the one that was given or in the archive, that holds train.json: "" or a name with a slash behind it. */
function rootIn({ names }: PictureFiles, folder: string): string {
  const roots = names.filter((name) => /(^|\/)train\.json$/.test(name)).map((name) => name.slice(0, -"train.json".length));
  if (roots.length === 1) return roots[0]!;
  const got = roots.length === 0 ? "none" : roots.map((root) => `${root}train.json`).join(", ");
  throw new FileFormatError(`${folder}: expected train.json, val.json and the folders train and val in one place, got ${got}.`);
}

function readAnnotations(files: PictureFiles, root: string, set: string, split: Picture["split"]): Picture[] {
  const place = files.placeOf(`${root}${set}.json`);
  const text = new TextDecoder().decode(readNamed(files, `${root}${set}.json`));
  const { images, annotations, categories } = checkConfig(cocoFile, parseYaml(text, place), place);
  const nameOf = new Map(categories.map(({ id, name: category }) => [id, category]));
  return images.map(({ id, file_name }) => {
    const name = `${root}${set}/${file_name}`;
    const ofPicture = annotations.filter(({ image_id }) => image_id === id);
    return {
      file: basename(file_name),
      place: files.placeOf(name),
      read: () => readNamed(files, name),
      split,
      label: commonest(ofPicture.map(({ category_id }) => nameOf.get(category_id) ?? null)),
    };
  });
}

function readNamed(files: PictureFiles, name: string): Uint8Array {
  if (files.names.includes(name)) return files.read(name);
  throw new FileError(files.placeOf(name), "cannot be read: no such file or folder.", undefined);
}

/** The label that most annotations of a picture bear; null where two are equally frequent, or there is none. */
function commonest(labels: readonly (string | null)[]): string | null {
  const counts = new Map<string | null, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [first, second] = [...counts].toSorted(([, a], [, b]) => b - a);
  return first !== undefined && first[1] !== second?.[1] ? first[0] : null;
}

function readPicture({ place, read }: Picture): { readonly image: Image; readonly sha256: string } {
  const bytes = read();
  const { height, width, channels, data } = parsePng(bytes, place);
  if (channels !== 1 || height !== width) {
    throw new Error(`${place}: expected a square grey picture, got ${height} x ${width} with ${channels} channels.`);
  }
  return { image: { height, width, pixels: Float32Array.from(data) }, sha256: sha256Of(bytes) };
}

function readSquare(picture: Picture, size: number): { readonly image: Image; readonly sha256: string } {
  const found = readPicture(picture);
  if (found.image.width === size) return found;
  throw new Error(`${picture.place}: expected ${size} x ${size} pixels, as the first picture, got ${found.image.width}.`);
}

type Settings = Required<ImportOptions>;
type Limits = Required<Pick<ImportOptions, "lowPercentile" | "highPercentile">>;

function describe(picture: Picture, size: number, { lowPercentile, highPercentile }: Limits) {
  const { image, sha256 } = readSquare(picture, size);
  const islands = findIslands(image, MIN_ISLAND_PIXELS);
  const lit = image.pixels.filter((value) => value !== 0);
  if (lit.length === 0)
    throw new Error(`${picture.place}: all of its ${image.pixels.length} pixels are 0. Leave it out of the annotations.`);
  const limits = { lowFlux: percentiles(image.pixels, [lowPercentile])[0]!, highFlux: percentiles(lit, [highPercentile])[0]! };
  const { file } = picture;
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
    const { image } = readSquare(picture, size);
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
      overlaps.push({ picture: picture.file, trainPicture: other.picture.file, ...overlap });
    }
    await progress();
  }
  return overlaps;
}

function infoOf(out: string, size: number, fields: readonly FieldRecord[], limits: Limits): CropSetInfo {
  return {
    version: 1,
    name: basename(out),
    collection: "RadioGalaxyNET",
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
