// RadioGalaxyNET's files: the annotations of its two sets, their pictures, and which of the pictures show the same sky.
import { basename } from "node:path";
import { FileFormatError, parsePng } from "#base/files";
import { FileError, sha256Of } from "#base/files/disk";
import type { Image } from "#base/image";
import { type CocoBox, parseCoco } from "#sky/catalogue";
import type { PictureFiles } from "./picture-files.ts";
import { commonest } from "./picture-labels.ts";

/** What of a folder or archive belongs to the set. */
export const OF_THE_SET = /(^|\/)(train|val)(\.json|\/[^/]+\.png)$/i;

/** A picture named by an annotation file. */
export interface Picture {
  /** Its name without folders. */
  readonly file: string;
  /** Where it is, for messages. */
  readonly place: string;
  readonly read: () => Uint8Array;
  readonly split: "train" | "test";
  readonly label: string | null;
  readonly boxes: readonly CocoBox[];
}

/** The folder, in the one that was given or in the archive, that holds train.json: "" or a name with a slash behind it. */
export function rootIn({ names }: PictureFiles, folder: string): string {
  const roots = names.filter((name) => /(^|\/)train\.json$/.test(name)).map((name) => name.slice(0, -"train.json".length));
  if (roots.length === 1) return roots[0]!;
  const got = roots.length === 0 ? "none" : roots.map((root) => `${root}train.json`).join(", ");
  throw new FileFormatError(`${folder}: expected train.json, val.json and the folders train and val in one place, got ${got}.`);
}

/** The pictures that an annotation file names, in its order. Throws FileError, and all that `parseCoco` throws. */
export function readAnnotations(files: PictureFiles, root: string, set: string, split: Picture["split"]): Picture[] {
  const place = files.placeOf(`${root}${set}.json`);
  const images = parseCoco(new TextDecoder().decode(readNamed(files, `${root}${set}.json`)), place);
  if (images.length === 0) throw new FileFormatError(`${place}: expected images, got none.`);
  return images.map(({ file, boxes }) => {
    const name = `${root}${set}/${file}`;
    return {
      file: basename(file),
      place: files.placeOf(name),
      read: () => readNamed(files, name),
      split,
      label: commonest(boxes.map(({ category }) => category)),
      boxes,
    };
  });
}

function readNamed(files: PictureFiles, name: string): Uint8Array {
  if (files.names.includes(name)) return files.read(name);
  throw new FileError(files.placeOf(name), "cannot be read: no such file or folder.", undefined);
}

/** A grey square [side, side] of its own values. Throws Error, naming the file, for another picture. */
export function readPicture({ place, read }: Picture): { readonly image: Image; readonly sha256: string } {
  const bytes = read();
  const { height, width, channels, data } = parsePng(bytes, place);
  if (channels !== 1 || height !== width) {
    throw new Error(`${place}: expected a square grey picture, got ${height} x ${width} with ${channels} channels.`);
  }
  return { image: { height, width, pixels: Float32Array.from(data) }, sha256: sha256Of(bytes) };
}

/** As `readPicture`, of this side. */
export function readSquare(picture: Picture, size: number): { readonly image: Image; readonly sha256: string } {
  const found = readPicture(picture);
  if (found.image.width === size) return found;
  throw new Error(`${picture.place}: expected ${size} x ${size} pixels, as the first picture, got ${found.image.width}.`);
}
