// Images of a FITS file: one plane for cutting, or all numbers of any image.
import type { FileFacts, Reading } from "../byte-reading.ts";
import { describedBy, type FieldImage, fieldNameOf } from "../field-image.ts";
import { FitsError } from "../fits-error.ts";
import type { FitsHeader } from "../header.ts";
import { axesOf, imageLayout } from "../image-layout.ts";
import { findUnit, IMAGE, type UnitChoice } from "../select-unit.ts";
import { endOfUnit, type FitsUnit, requireLastByte, requireRoomForData, unitAt } from "../unit.ts";
import { type ImageContent, imageContent } from "./image-content.ts";
import { loadFits, readFits } from "./open-fits.ts";

// Small enough to stay in the processor's cache between reading, hashing and swapping; a multiple of every element size.
const CHUNK_LENGTH = 1 << 18;
// Reading ahead changes threads once a chunk, which takes as long as reading some 100 kB: so larger chunks.
const LOAD_LENGTH = 1 << 20;

/** Units behind an image that are looked at for another. */
const MOST_LOOKED_AT = 8;

/** Told while a plane is read. */
export interface FieldArrival {
  /** Before the first pixel: all but the hash. The pixels are those of no image yet. */
  begins(field: Omit<FieldImage, "sha256">): void;
  /** So many pixels have their values, from the first on; called again and again, with the number of all at the end. */
  filled(numPixels: number): void;
}

/** How a field image is read. */
export interface ReadOptions {
  /** Counted from 0 over all axes above the image's two; 0 by default. */
  readonly plane?: number;
  /** Which of the file's units; by default the first that holds an image. */
  readonly hdu?: UnitChoice;
  /** Where the pixels go, which are written over: at least so many bytes, shared ones too. By default new memory. */
  readonly memory?: (numBytes: number) => ArrayBuffer | SharedArrayBuffer;
  /** For work on the pixels that have come while others are read. */
  readonly arrival?: FieldArrival;
}

/**
 * Read one plane (0 by default) of an image in a FITS file, by default the first one; the other planes stay on disk. Tile-compressed
 * images are decoded, of a gzip-compressed file everything is unpacked. Floats keep their NaN, BLANK integers become NaN, doubles and long
 * integers are rounded to float32. Throws FitsError for a missing, empty, truncated, damaged or foreign file, for one without an image, and
 * for an image that is not 2-D to 5-D.
 */
export function readFieldImage(path: string, options: ReadOptions = {}): FieldImage {
  return readFits(path, (file) => fieldImage(file, options, CHUNK_LENGTH));
}

/**
 * As `readFieldImage`, a third faster: while one part of the plane is hashed and decoded the next is read. A gzip-compressed file is
 * unpacked no further than to the plane's end where it says of itself that it is whole, and never held in memory.
 */
export function loadFieldImage(path: string, options: ReadOptions = {}): Promise<FieldImage> {
  return loadFits(path, (file) => fieldImage(file, options, LOAD_LENGTH));
}

function* fieldImage(file: FileFacts, options: ReadOptions, chunkLength: number): Reading<FieldImage> {
  const { plane = 0, hdu } = options;
  const { path } = file;
  const unit = yield* findUnit(file, IMAGE, hdu);
  const header = unit.imageHeader;
  const layout = imageLayout(header, path);
  const { height, width, numPlanes } = layout;
  requirePlane(plane, numPlanes, header, path);
  const warnings = requireRoomForData(file, unit);
  const content = imageContent(file, unit, plane * height * width, chunkLength);
  const pixels = pixelMemory(content, height * width, options);
  const field = {
    name: fieldNameOf(path),
    file: path,
    pixels,
    height,
    width,
    plane,
    numPlanes,
    hdu: unit.index,
    ...describedBy(header),
    warnings: [...header.warnings, ...warnings, ...(hdu === undefined ? yield* furtherImage(file, unit) : [])],
  };
  options.arrival?.begins(field);
  yield* content.fill(pixels, options.arrival?.filled);
  yield* requireLastByte(file, unit);
  return { ...field, sha256: content.hash.digest("hex") };
}

/** Where nothing was chosen, an image behind the first one is told of: it may be the one that is meant. */
function* furtherImage(file: FileFacts, first: FitsUnit): Reading<readonly string[]> {
  // Only unpacking would tell what lies behind.
  if (file.numBytes === undefined) return [];
  try {
    for (let startByte = endOfUnit(first), place = first.index + 1; place <= first.index + MOST_LOOKED_AT; place++) {
      const unit = yield* unitAt(file, startByte, place);
      if (unit === undefined) return [];
      if (IMAGE.kinds.includes(unit.kind)) {
        const named = (of: string | undefined) => (of === undefined ? "" : ` "${of}"`);
        return [
          `HDU ${first.index}${named(first.name)} is read; HDU ${place}${named(unit.name)} holds an image, too: --hdu chooses.`,
        ];
      }
      startByte = endOfUnit(unit);
    }
  } catch (error) {
    // What is wrong behind the image is not asked.
    if (!(error instanceof FitsError)) throw error;
  }
  return [];
}

function requirePlane(plane: number, numPlanes: number, header: FitsHeader, path: string): void {
  if (Number.isInteger(plane) && plane >= 0 && plane < numPlanes) return;
  throw new FitsError(`${path}: plane: expected 0 to ${numPlanes - 1} of [${axesOf(header, path)}], got ${plane}.`, {
    file: path,
  });
}

function pixelMemory({ requireRoom }: ImageContent, numPixels: number, { memory }: ReadOptions): Float32Array {
  requireRoom(numPixels);
  const numBytes = 4 * numPixels;
  return new Float32Array(memory ? memory(numBytes) : new ArrayBuffer(numBytes), 0, numPixels);
}

/** All numbers of an image of any number of axes, in physical values, NaN where there is none. */
export interface FitsArray {
  /** Slowest axis first: NAXISn to NAXIS1. */
  readonly shape: readonly number[];
  /** Row-major. Integers beyond 2^53 are rounded. */
  readonly values: Float64Array;
  readonly header: FitsHeader;
  readonly hdu: number;
  readonly warnings: readonly string[];
}

/** Read a whole image, by default the file's first one, in double precision. Throws FitsError as `readFieldImage`, but for any number of axes from 1. */
export function readFitsArray(path: string, options: { readonly hdu?: UnitChoice } = {}): FitsArray {
  return readFits(path, (file) => fitsArray(file, options.hdu));
}

function* fitsArray(file: FileFacts, hdu: UnitChoice | undefined): Reading<FitsArray> {
  const unit = yield* findUnit(file, IMAGE, hdu);
  const header = unit.imageHeader;
  const warnings = requireRoomForData(file, unit);
  const shape = axesOf(header, file.path).toReversed();
  const numValues = shape.reduce((product, size) => product * size, 1);
  const content = imageContent(file, unit, 0, CHUNK_LENGTH);
  content.requireRoom(numValues);
  const values = new Float64Array(numValues);
  yield* content.fill(values);
  return { shape, values, header, hdu: unit.index, warnings: [...header.warnings, ...warnings] };
}
