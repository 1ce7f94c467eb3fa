// The sources of a crop set, as a catalogue or as COCO boxes with the pictures that they are drawn in.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { formatPng } from "#base/files";
import { FileError, writeFileAtomically, writeFolderAtomically } from "#base/files/disk";
import { contrastStretch } from "#base/image";
import { cocoPieces } from "#sky/catalogue";
import { type CropBoxes, type CropSet, type CropSource, cropBoxes, cropImage, type SourceSelection } from "#sky/survey";
import { openCropSet, readCropSources } from "#sky/survey/disk";
import { counted, progressBar, say } from "../terminal.ts";

/** Opens a crop set that has sources; the caller closes it. Throws as `openCropSet`, and Error for a set without. */
export async function openSources(folder: string): Promise<{ readonly set: CropSet; readonly sources: readonly CropSource[] }> {
  const sources = await readCropSources(folder);
  if (sources !== undefined) return { set: await openCropSet(folder), sources };
  throw new Error(
    `${folder}: expected a crop set with sources, got one without sources.parquet. Prepare it with --catalogue, or import it with boxes.`,
  );
}

/** The selection's crops and boxes as a COCO file. */
export function writeBoxes(path: string, set: CropSet, sources: readonly CropSource[], selection: SourceSelection): CropBoxes {
  const boxes = cropBoxes(set, sources, selection);
  const { images, numBoxes, numUncovered } = boxes;
  const { name, cropSize, fluxUnit } = set.info;
  const description = `Sources of the crop set ${name}: crops of ${cropSize} x ${cropSize} pixels (${fluxUnit}); rows as in crops.npy, the first on top`;
  writeFileAtomically(path, encoded(cocoPieces(images, { description })));
  const left = numUncovered === 0 ? "" : `; ${counted(numUncovered, "crop")} left out, which no catalogue covers`;
  say(`${path}: ${counted(numBoxes, "source")} in ${counted(images.length, "crop")}${left}.`);
  return boxes;
}

function* encoded(pieces: Iterable<string>): Generator<Uint8Array, void> {
  const encoder = new TextEncoder();
  for (const piece of pieces) yield encoder.encode(piece);
}

/** Throws FileError for a folder that holds something: pictures of another selection would lie among these. */
export function checkPictureFolder(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new FileError(folder, "is not empty: choose another folder for --pictures, or remove it.", undefined);
}

/** Writes the crops as 8-bit grey PNG, each stretched between its flux limits, the first row on top. The folder appears whole. */
export async function writePictures(folder: string, set: CropSet, { images, rows }: CropBoxes): Promise<void> {
  const bar = progressBar("pictures", rows.length, { unit: "crops" });
  await writeFolderAtomically(folder, async (temporary) => {
    for (const [index, row] of rows.entries()) {
      writeFileAtomically(join(temporary, images[index]!.file), cropPng(set, row), "rename"); // one image a row
      bar.advance(1);
      // Signals get their turn.
      await breathe();
    }
  });
  bar.finish();
  say(`${folder}: ${counted(rows.length, "picture")}.`);
}

function cropPng(set: CropSet, row: number): Uint8Array {
  const { height, width, pixels } = contrastStretch(cropImage(set, row), set.records[row]!); // a row of this set
  return formatPng({ height, width, channels: 1, data: Uint8Array.from(pixels, (value) => Math.round(255 * value)) });
}
