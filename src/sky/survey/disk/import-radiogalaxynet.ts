// RadioGalaxyNET (Gupta et al. 2024): ASKAP-EMU pictures with COCO annotations to a crop set.
import { setImmediate as breathe } from "node:timers/promises";
import { percentiles } from "#base/image";
import { type CropRecord, type FieldRecord, NO_BEAM, UNKNOWN_CROP } from "../crop-set.ts";
import { type CropSource, cropSourceOfBox } from "../crop-source.ts";
import { findIslands } from "../islands.ts";
import { litPixels } from "../overlap-shift.ts";
import { openPictureFiles, type PictureFiles } from "./picture-files.ts";
import { pictureSetInfo } from "./picture-set.ts";
import { OF_THE_SET, type Picture, readAnnotations, readPicture, readSquare, rootIn } from "./radiogalaxynet-files.ts";
import { type DroppedPicture, findOverlaps, type Surveyed } from "./radiogalaxynet-overlaps.ts";
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
      const sources: CropSource[] = [];
      const fields: FieldRecord[] = [];
      const trained: Surveyed[] = [];
      const add = async (picture: Picture): Promise<void> => {
        const described = describe(picture, size, settings);
        append(described.image.pixels);
        records.push(described.record);
        sources.push(...boxesOf(picture, described.record.id, size));
        fields.push(described.field);
        if (picture.split === "train") trained.push({ picture, islands: described.islands, lit: litPixels(described.image) });
        await progress();
      };
      for (const picture of train) await add(picture);
      const overlaps = await findOverlaps(await surveyAll(val, size, progress), trained, size, progress);
      const dropped = new Set(overlaps.map(({ picture }) => picture));
      const kept = val.filter(({ file }) => !dropped.has(file));
      for (const picture of kept) await add(picture);
      return {
        overlaps,
        kept,
        records,
        sources,
        info: pictureSetInfo({ ...settings, collection: "RadioGalaxyNET" }, size, "arbitrary", fields),
      };
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

/** What the makers drew: the crop is the whole picture. */
function boxesOf({ boxes }: Picture, crop: string, cropSize: number): readonly CropSource[] {
  return boxes.flatMap((box) => cropSourceOfBox(crop, box, { y0: 0, x0: 0, cropSize }) ?? []);
}

async function surveyAll(pictures: readonly Picture[], size: number, progress: () => Promise<void>): Promise<Surveyed[]> {
  const surveyed: Surveyed[] = [];
  for (const picture of pictures) {
    const { image } = readSquare(picture, size);
    surveyed.push({ picture, islands: findIslands(image, MIN_ISLAND_PIXELS), lit: litPixels(image) });
    await progress();
  }
  return surveyed;
}
