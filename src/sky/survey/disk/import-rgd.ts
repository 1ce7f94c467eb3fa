// RadioGalaxyDataset (Griese et al. 2023; paper section 4.3): 2,158 pictures of four classes with official splits.
import { FileFormatError } from "#base/files";
import { squareOnSky } from "../crop-sky.ts";
import { FIRST_PIXEL_DEG } from "../mirabest.ts";
import { openPictureFiles, type PictureFiles } from "./picture-files.ts";
import { pngPicture } from "./picture-readers.ts";
import { type PictureProgress, type PictureSetSummary, writePictureSet } from "./picture-set.ts";
import type { LabelledPicture } from "./take-picture.ts";

/** What `importRadioGalaxyDataset` is asked to do. */
export interface RadioGalaxyDatasetOptions {
  /** galaxy_data.zip, the folder that it unpacks to, or one that holds either. */
  readonly path: string;
  readonly out: string;
  readonly existing?: "refuse" | "replace";
}

/** Pictures are 300 pixels wide, FIRST's. */
const SIDE_DEG = 300 * FIRST_PIXEL_DEG;

/** "galaxy_data/train/FRI/135.654_52.064_0_MiraBest.png": split, class, position, number of the class, origin of the label. */
const NAME = /(?:^|\/)(train|valid|test)\/([^/]+)\/((-?\d+\.?\d*)_(-?\d+\.?\d*)_(\d)_([^/]+))\.png$/i;

/** Numbers of the classes in the pictures' names. */
const CLASSES = ["FRI", "FRII", "Compact", "Bent"] as const;

/**
 * Writes the pictures as crops, in their own 8-bit values, with the makers' train, valid and test. The folder `all`, which repeats
 * them, is left out. Throws an Error of one line for files of another form.
 */
export async function importRadioGalaxyDataset(
  options: RadioGalaxyDatasetOptions,
  onProgress?: PictureProgress,
): Promise<PictureSetSummary> {
  const { path, out, existing = "refuse" } = options;
  const files = openPictureFiles(path, NAME);
  try {
    const pictures = files.names.map((name) => pictureOf(files, name));
    if (pictures.length === 0)
      throw new FileFormatError(`${path}: expected pictures such as train/FRI/135.654_52.064_0_MiraBest.png, got none.`);
    return await writePictureSet(
      pictures,
      { out, collection: "RadioGalaxyDataset", existing, lowPercentile: 0, highPercentile: 100 },
      onProgress,
    );
  } finally {
    files.close();
  }
}

function pictureOf(files: PictureFiles, name: string): LabelledPicture {
  const [, split, label, stem, ra, dec, number, labelOrigin] = NAME.exec(name)! as unknown as string[]; // names are of its form
  const file = files.placeOf(name);
  if (CLASSES[Number(number)] !== label)
    throw new FileFormatError(
      `${file}: expected class ${number} to be ${CLASSES[Number(number)] ?? "0 to 3"}, got the folder ${label}.`,
    );
  const sky = squareOnSky(Number(ra), Number(dec), SIDE_DEG);
  return {
    id: stem!,
    file,
    known: { survey: "FIRST", split: split!.toLowerCase(), label: label!, labelOrigin: labelOrigin!, ...sky },
    read: () => ({ ...pngPicture(files.read(name), file), field: { pixelScaleDeg: FIRST_PIXEL_DEG } }),
  };
}
