// Reading and writing FITS images on disk: one plane at a time, each byte read once.
import { createHash, type Hash } from "node:crypto";
import { FileFormatError } from "#base/files";
import { FileError, type OpenFile, openFile, writeFileAtomically } from "#base/files/disk";
import type { Card } from "./card.ts";
import { describedBy, type FieldImage, fieldNameOf } from "./field-image.ts";
import { FitsError } from "./fits-error.ts";
import { BLOCK_LENGTH, type FitsHeader, formatHeader, headerLength, parseHeader } from "./header.ts";
import { axesOf, dataByteLength, type ImageLayout, imageLayout } from "./image-layout.ts";
import { decodePixels, scaleInPlace } from "./pixels.ts";

// Small enough to stay in the processor's cache between reading, hashing and swapping; a multiple of every element size.
const CHUNK_LENGTH = 1 << 18;
// Reading ahead changes threads once a chunk, which takes as long as reading some 100 kB: so larger chunks.
const LOAD_LENGTH = 1 << 20;
const FIRST_HEADER_READ = 10 * BLOCK_LENGTH;
const LONGEST_HEADER = 64 * 1024 * 1024;

/** An open file and the path its messages name. */
interface FitsFile extends OpenFile {
  readonly path: string;
}

/** A header-and-data unit: its header, the header's place, and the header's bytes as they stand. */
interface HeaderUnit {
  readonly header: FitsHeader;
  readonly startByte: number;
  readonly headerBytes: Uint8Array;
}

/** How a field image is read. */
export interface ReadOptions {
  /** Counted from 0 over all axes above the image's two; 0 by default. */
  readonly plane?: number;
  /** "shared": the pixels lie in memory that another thread can look at without a copy. */
  readonly memory?: "own" | "shared";
}

/**
 * Read one plane (0 by default) of the first image in a FITS file; the other planes stay on disk. Floats keep their NaN, BLANK
 * integers become NaN, doubles and long integers are rounded to float32. Throws FitsError for a missing, empty, truncated or
 * foreign file, for an image that is not 2-D to 4-D, for tables and for compressed files.
 */
export function readFieldImage(path: string, options: ReadOptions = {}): FieldImage {
  try {
    const file = openFile(path);
    try {
      const place = planePlace({ ...file, path }, options);
      return fieldImageOf(place, readPixels(place, pixelMemory(place, options)));
    } finally {
      file.close();
    }
  } catch (error) {
    throw asFitsError(path, error);
  }
}

/** As `readFieldImage`, a third faster: while one part of the plane is hashed and decoded the next is read. */
export async function loadFieldImage(path: string, options: ReadOptions = {}): Promise<FieldImage> {
  try {
    const file = openFile(path);
    try {
      const place = planePlace({ ...file, path }, options);
      return fieldImageOf(place, await loadPixels(place, pixelMemory(place, options)));
    } finally {
      file.close();
    }
  } catch (error) {
    throw asFitsError(path, error);
  }
}

/** Whatever is wrong with the file, callers catch one class. */
function asFitsError(path: string, error: unknown): unknown {
  if (!(error instanceof FileError || error instanceof FileFormatError)) return error;
  return new FitsError(error.message, { file: path, cause: error });
}

/** Where a plane lies in its file. The hash has taken in the header. */
interface PlanePlace {
  readonly file: FitsFile;
  readonly header: FitsHeader;
  readonly layout: ImageLayout;
  readonly plane: number;
  readonly firstByte: number;
  readonly hash: Hash;
  readonly warnings: readonly string[];
}

function planePlace(file: FitsFile, { plane = 0 }: ReadOptions): PlanePlace {
  const { path } = file;
  if (file.numBytes === 0) {
    throw new FitsError(`${path}: the file is empty: expected a FITS file, got 0 bytes. The download may have failed.`, {
      file: path,
      byte: 0,
    });
  }
  const unit = firstImageUnit(file);
  const layout = imageLayout(unit.header, path);
  if (!(Number.isInteger(plane) && plane >= 0 && plane < layout.numPlanes)) {
    throw new FitsError(
      `${path}: plane: expected 0 to ${layout.numPlanes - 1} of [${axesOf(unit.header, path)}], got ${plane}.`,
      { file: path },
    );
  }
  return {
    file,
    header: unit.header,
    layout,
    plane,
    firstByte: unit.startByte + unit.header.byteLength + plane * layout.planeByteLength,
    hash: createHash("sha256").update(unit.headerBytes),
    warnings: [...unit.header.warnings, ...requireWholeData(file, unit)],
  };
}

function pixelMemory({ layout }: PlanePlace, { memory = "own" }: ReadOptions): Float32Array {
  const numBytes = layout.height * layout.width * 4;
  return new Float32Array(memory === "shared" ? new SharedArrayBuffer(numBytes) : new ArrayBuffer(numBytes));
}

function fieldImageOf({ file, header, layout, plane, hash, warnings }: PlanePlace, pixels: Float32Array): FieldImage {
  return {
    name: fieldNameOf(file.path),
    file: file.path,
    pixels,
    height: layout.height,
    width: layout.width,
    plane,
    numPlanes: layout.numPlanes,
    ...describedBy(header),
    sha256: hash.digest("hex"),
    warnings,
  };
}

/** Walk the file to its first image, past empty primary headers. */
function firstImageUnit(file: FitsFile): HeaderUnit {
  const seen: string[] = [];
  for (let startByte = 0; startByte < file.numBytes; ) {
    const unit = readHeaderUnit(file, startByte);
    const description = notAnImage(unit.header, file.path);
    if (description === undefined) return unit;
    seen.push(description);
    if (unit.header.get("ZIMAGE") === true) break;
    const dataLength = dataByteLength(unit.header, file.path);
    startByte += unit.header.byteLength + Math.ceil(dataLength / BLOCK_LENGTH) * BLOCK_LENGTH;
  }
  const found = seen.slice(0, MOST_UNITS_SHOWN).join(", ") + (seen.length > MOST_UNITS_SHOWN ? ", ..." : "");
  throw new FitsError(
    `${file.path}: holds no image that can be read: expected an uncompressed image, got ${found}.${adviceFor(seen)}`,
    {
      file: file.path,
    },
  );
}

/** What a unit is when it is not an image with pixels, or undefined when it is one. */
function notAnImage(header: FitsHeader, path: string): string | undefined {
  const name = header.string("EXTNAME");
  const named = name ? ` "${name}"` : "";
  const kind = header.string("XTENSION")?.trim();
  if (header.get("ZIMAGE") === true) return `${COMPRESSED}${named} (${header.string("ZCMPTYPE") ?? "unknown method"})`;
  if (kind === "BINTABLE" || kind === "A3DTABLE") return `a binary table${named} of ${header.number("NAXIS2") ?? 0} rows`;
  if (kind === "TABLE") return `an ASCII table${named} of ${header.number("NAXIS2") ?? 0} rows`;
  if (kind !== undefined && kind !== "IMAGE" && kind !== "IUEIMAGE") return `an extension of kind ${JSON.stringify(kind)}`;
  const axes = axesOf(header, path);
  if (axes[0] === 0 && header.get("GROUPS") === true) return "random groups (visibilities)";
  return axes.length === 0 ? `${kind === undefined ? "a primary header" : "an extension"} without data` : undefined;
}

const MOST_UNITS_SHOWN = 8;
const COMPRESSED = "a tile-compressed image";

function adviceFor(seen: readonly string[]): string {
  if (seen.at(-1)?.startsWith(COMPRESSED)) return " Compressed images are not read yet: unpack them first with funpack.";
  return seen.some((kind) => kind.includes("table")) ? " Tables are not read yet." : "";
}

function readHeaderUnit(file: FitsFile, startByte: number): HeaderUnit {
  const { path } = file;
  for (let length = FIRST_HEADER_READ; ; length *= 2) {
    const bytes = new Uint8Array(Math.min(length, file.numBytes - startByte));
    file.readInto(bytes, startByte);
    if (startByte === 0 && bytes[0] === 0x1f && bytes[1] === 0x8b) {
      throw new FitsError(
        `${path}: gzip-compressed files are not read yet: expected byte 0 to begin with "SIMPLE  =", got 1f 8b. Unpack them first with gunzip.`,
        {
          file: path,
          byte: 0,
        },
      );
    }
    const isWhole = startByte + bytes.length >= file.numBytes || length >= LONGEST_HEADER;
    const isForeign = bytes[0] !== 0x53 && bytes[0] !== 0x58; // neither S(IMPLE) nor X(TENSION): no use in reading on
    if (headerLength(bytes) === undefined && !isWhole && !isForeign) continue;
    const header = parseHeader(bytes, path, startByte);
    return { header, startByte, headerBytes: bytes.subarray(0, header.byteLength) };
  }
}

/** Throws where the data unit is cut short; a file that ends without the last block's padding is only warned of. */
function requireWholeData(file: FitsFile, { header, startByte }: HeaderUnit): readonly string[] {
  const dataStart = startByte + header.byteLength;
  const wanted = dataStart + dataByteLength(header, file.path);
  if (file.numBytes < wanted) {
    throw new FitsError(
      `${file.path}: data ends at byte ${file.numBytes}, but ${axisNames(header, file.path)} x BITPIX ask for ${wanted}. The download may be cut short.`,
      { file: file.path, byte: file.numBytes },
    );
  }
  const padded = Math.ceil(wanted / BLOCK_LENGTH) * BLOCK_LENGTH;
  return file.numBytes < padded ? [`the file ends at byte ${file.numBytes} without the padding to byte ${padded}.`] : [];
}

function axisNames(header: FitsHeader, path: string): string {
  return axesOf(header, path)
    .map((_, index) => `NAXIS${index + 1}`)
    .join(" x ");
}

/** Read, hash and decode one plane, chunk by chunk. */
function readPixels(place: PlanePlace, pixels: Float32Array): Float32Array {
  const { file, firstByte, layout } = place;
  const scratch = isInPlace(layout) ? undefined : Buffer.allocUnsafe(Math.min(CHUNK_LENGTH, layout.planeByteLength));
  for (let done = 0; done < layout.planeByteLength; done += CHUNK_LENGTH) {
    const length = Math.min(CHUNK_LENGTH, layout.planeByteLength - done);
    const chunk = scratch?.subarray(0, length) ?? Buffer.from(pixels.buffer, done, length);
    file.readInto(chunk, firstByte + done);
    takeIn(place, chunk, pixels, done);
  }
  if (isInPlace(layout)) scaleInPlace(pixels, layout);
  return pixels;
}

/** As `readPixels`, one chunk ahead; numbers that are not stored as float32 are read as they are needed. */
async function loadPixels(place: PlanePlace, pixels: Float32Array): Promise<Float32Array> {
  const { file, firstByte, layout } = place;
  if (!isInPlace(layout)) return readPixels(place, pixels);
  const chunkAt = (done: number) => Buffer.from(pixels.buffer, done, Math.min(LOAD_LENGTH, layout.planeByteLength - done));
  let loading = file.load(chunkAt(0), firstByte);
  for (let done = 0; done < layout.planeByteLength; done += LOAD_LENGTH) {
    await loading;
    const next = done + LOAD_LENGTH;
    if (next < layout.planeByteLength) loading = file.load(chunkAt(next), firstByte + next);
    takeIn(place, chunkAt(done), pixels, done);
  }
  scaleInPlace(pixels, layout);
  return pixels;
}

/** Float32 is read straight into the pixels and turned round there. */
const isInPlace = (layout: ImageLayout) => layout.bitpix === -32;

/** Hash a chunk, and turn it into the pixels that it holds: those from byte `done` of the plane on. */
function takeIn({ layout, hash }: PlanePlace, chunk: Buffer, pixels: Float32Array, done: number): void {
  hash.update(chunk);
  if (isInPlace(layout)) chunk.swap32();
  else decodePixels(chunk, layout, pixels, (done * 8) / Math.abs(layout.bitpix));
}

/** An image to write: pixels [height, width] row-major with FITS's first row first, and the header's other cards. */
export interface ImageToWrite {
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
  /** All but the cards that describe the data: SIMPLE, BITPIX, NAXIS, NAXIS1 and NAXIS2 are written from the sizes. */
  readonly cards: readonly Card[];
}

const WRITTEN_FROM_SIZES = /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|EXTEND|BSCALE|BZERO|BLANK|END)$/;

/**
 * Write a 2-D float32 FITS image, atomically. Throws FitsError where the number of pixels is not height x width, or a card says
 * how the data are stored.
 */
export function writeFieldImage(path: string, image: ImageToWrite): void {
  const { pixels, height, width } = image;
  if (pixels.length !== height * width) {
    throw new FitsError(`${path}: expected ${height * width} pixels for ${height} x ${width}, got ${pixels.length}.`, {
      file: path,
    });
  }
  const own = image.cards.find((card) => WRITTEN_FROM_SIZES.test(card.keyword));
  if (own)
    throw new FitsError(`${path}: the card ${own.keyword} is written from the image's size. Leave it out.`, { file: path });
  const structure: readonly Card[] = [
    { keyword: "SIMPLE", value: true, comment: "conforms to the FITS standard" },
    { keyword: "BITPIX", value: -32, comment: "32-bit floating point" },
    { keyword: "NAXIS", value: 2 },
    { keyword: "NAXIS1", value: width },
    { keyword: "NAXIS2", value: height },
  ];
  writeFileAtomically(path, [formatHeader([...structure, ...image.cards]), ...dataBlocks(pixels)]);
}

/** Big-endian pixels and the padding to a whole block. */
function dataBlocks(pixels: Float32Array): readonly Uint8Array[] {
  const data = Buffer.from(pixels.slice().buffer).swap32();
  const padding = new Uint8Array((BLOCK_LENGTH - (data.length % BLOCK_LENGTH)) % BLOCK_LENGTH);
  return [data, padding];
}
