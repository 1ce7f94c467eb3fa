// MiraBest (Porter & Scaife 2023; paper section 4.2): 1,256 pictures of FRI, FRII and hybrid sources in pickled batches.
import { FileFormatError, isArray, isDictionary, type PickleValue, unpickle } from "#base/files";
import { sha256Of } from "#base/files/disk";
import { squareOnSky } from "../crop-sky.ts";
import {
  FIRST_PIXEL_DEG,
  isInMiraBestSubset,
  MIRABEST_CODES,
  MIRABEST_SIZE,
  type MiraBestSubset,
  miraBestClass,
  parseMiraBestName,
} from "../mirabest.ts";
import { openPictureFiles } from "./picture-files.ts";
import { type PictureProgress, type PictureSetSummary, writePictureSet } from "./picture-set.ts";
import type { LabelledPicture } from "./take-picture.ts";

/** What `importMiraBest` is asked to do. */
export interface MiraBestOptions {
  /** MiraBest_F_batches.tar.gz, the folder that it unpacks to, or one that holds either. */
  readonly path: string;
  readonly out: string;
  /** Default "confident": the 833 sources that papers report on. */
  readonly subset?: MiraBestSubset;
  readonly existing?: "refuse" | "replace";
}

/**
 * Writes the pictures of a part of MiraBest as crops, in their own 8-bit values, with the makers' split: seven batches to train, one
 * to test. Throws an Error of one line for files of another form.
 */
export async function importMiraBest(options: MiraBestOptions, onProgress?: PictureProgress): Promise<PictureSetSummary> {
  const { path, out, subset = "confident", existing = "refuse" } = options;
  const batches = batchFiles(path);
  const pictures = batches.flatMap(({ name, bytes }) => picturesOf(bytes, name, `${path}: ${name}`, subset));
  if (pictures.length === 0)
    throw new FileFormatError(`${path}: expected the batches data_batch_1 to data_batch_7 and test_batch, got none.`);
  // The name alone is the confident part's, as in papers.
  const collection = subset === "confident" ? "MiraBest" : `MiraBest (${subset})`;
  return writePictureSet(pictures, { out, collection, existing, lowPercentile: 0, highPercentile: 100 }, onProgress);
}

const BATCH = /(^|\/)(data_batch_(\d+)|test_batch)$/;

interface BatchFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Training batches by their number, the test batch last. */
function batchFiles(path: string): BatchFile[] {
  const numberOf = ({ name }: BatchFile) => Number(BATCH.exec(name)?.[3] ?? Number.POSITIVE_INFINITY);
  return allBatchFiles(path).toSorted((a, b) => (numberOf(a) < numberOf(b) ? -1 : 1));
}

function allBatchFiles(path: string): BatchFile[] {
  const files = openPictureFiles(path, BATCH);
  const read = files.names.map((name) => ({ name, bytes: files.read(name) }));
  files.close();
  return read;
}

function picturesOf(bytes: Uint8Array, name: string, where: string, subset: MiraBestSubset): LabelledPicture[] {
  const batch = unpickle(bytes, where);
  const column = (key: string): readonly PickleValue[] => {
    const values = isDictionary(batch) ? batch.get(key) : undefined;
    if (Array.isArray(values)) return values;
    throw new FileFormatError(`${where}: expected a dictionary with a list "${key}", got none.`);
  };
  const [labels, data, names] = [column("labels"), column("data"), column("filenames")];
  if (labels.length !== data.length || names.length !== data.length)
    throw new FileFormatError(
      `${where}: expected as many labels and names as pictures (${data.length}), got ${labels.length} and ${names.length}.`,
    );
  const split = name.endsWith("test_batch") ? "test" : "train";
  return data.flatMap((picture, index) => {
    const entry = `${where}: picture ${index}`;
    const known = knownOf(labels[index], names[index], entry);
    if (!isInMiraBestSubset(known, subset)) return [];
    const { id, ...record } = known;
    return [{ id, file: `${id}.png`, known: { ...record, survey: "FIRST", split }, read: () => pictureOf(picture, entry) }];
  });
}

function knownOf(label: PickleValue | undefined, name: PickleValue | undefined, where: string) {
  const code = typeof label === "number" ? MIRABEST_CODES[label] : undefined;
  if (code === undefined) throw new FileFormatError(`${where}: expected a label from 0 to 9, got ${String(label)}.`);
  const parsed = typeof name === "string" ? parseMiraBestName(name) : undefined;
  if (parsed === undefined || parsed.code !== code) {
    throw new FileFormatError(
      `${where}: expected a name such as ${code}_123.251+043.797_0.1281_0034.09.png, got ${String(name)}.`,
    );
  }
  const { id, raDeg, decDeg, redshift } = parsed;
  const sky = squareOnSky(raDeg, decDeg, MIRABEST_SIZE * FIRST_PIXEL_DEG);
  return { id, ...miraBestClass(code)!, ...sky, redshift }; // the codes are all of its form
}

function pictureOf(picture: PickleValue, where: string) {
  const isPicture = isArray(picture) && picture.dtype === "uint8" && picture.shape.join() === `${MIRABEST_SIZE},${MIRABEST_SIZE}`;
  if (!isPicture) throw new FileFormatError(`${where}: expected an array of uint8 [${MIRABEST_SIZE}, ${MIRABEST_SIZE}].`);
  const bytes = picture.data as Uint8Array; // dtype compared above
  const pixels = Float32Array.from(bytes);
  const field = { pixelScaleDeg: FIRST_PIXEL_DEG };
  return { image: { height: MIRABEST_SIZE, width: MIRABEST_SIZE, pixels }, sha256: sha256Of(bytes), field };
}
