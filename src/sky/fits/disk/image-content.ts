// The numbers of an image from some place on, however they are stored.
import { createHash, type Hash } from "node:crypto";
import type { FileFacts, Reading } from "../byte-reading.ts";
import { storageOf } from "../image-layout.ts";
import type { PixelArray } from "../pixels.ts";
import type { FitsUnit } from "../unit.ts";
import { type OnFilled, plainPixels } from "./plain-pixels.ts";
import { tiledImage } from "./tiled-image.ts";

/** What an image's numbers are read by. */
export interface ImageContent {
  /** Has taken in the header; takes in what is read as it stands in the file. */
  readonly hash: Hash;
  /** Throws FitsError where the file cannot hold so many numbers: before memory is asked for. */
  readonly requireRoom: (numPixels: number) => void;
  /** Fills `pixels` with physical values. */
  readonly fill: (pixels: PixelArray, onFilled?: OnFilled) => Reading<void>;
}

/** The content of an image unit from its number `firstPixel` on; `chunkLength` bytes are read at a time. */
export function imageContent(file: FileFacts, unit: FitsUnit, firstPixel: number, chunkLength: number): ImageContent {
  const { path } = file;
  const hash = createHash("sha256").update(unit.headerBytes);
  if (unit.kind === "compressed image") return { hash, ...tiledImage(file, unit, firstPixel, hash) };
  const storage = storageOf(unit.header, path);
  const startByte = unit.dataStart + firstPixel * (Math.abs(storage.bitpix) / 8);
  // The file was asked for its length: it holds what its header says.
  const run = { path, storage, hash, startByte };
  return { hash, requireRoom: () => {}, fill: (pixels, onFilled = () => {}) => plainPixels(run, pixels, chunkLength, onFilled) };
}
