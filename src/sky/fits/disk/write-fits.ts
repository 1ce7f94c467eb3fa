// Writing FITS files, atomically: images and binary tables, one unit after the other.
import { writeFileAtomically } from "#base/files/disk";
import { type Card, formatCard } from "../card.ts";
import { FitsError } from "../fits-error.ts";
import { formatHeader } from "../header.ts";
import { paddedLength } from "../unit.ts";
import {
  type ImageUnit,
  imageCards,
  type PixelsToWrite,
  storedType,
  type TableUnit,
  tableParts,
  type UnitToWrite,
} from "../unit-to-write.ts";
import { swap } from "./plain-pixels.ts";

/** A multiple of every element size; stays in the processor's cache between turning round and writing. */
const CHUNK_LENGTH = 1 << 18;

/**
 * Write units in order, atomically; before a table that comes first goes an empty primary header. Throws FitsError for sizes that do not
 * fit, for what FITS cannot hold, and for cards that are written from the data; FileError where the disk refuses. Then nothing new is there.
 */
export function writeFits(path: string, units: readonly UnitToWrite[]): void {
  if (units.length === 0) throw new FitsError(`${path}: expected at least one image or table, got none.`, { file: path });
  writeFileAtomically(path, fileParts(path, units));
}

function* fileParts(path: string, units: readonly UnitToWrite[]): Generator<Uint8Array> {
  const isTableFirst = units[0]!.kind === "table";
  const extend: Card = { keyword: "EXTEND", value: true };
  if (isTableFirst) yield formatHeader([...EMPTY_PRIMARY, extend]);
  for (const [index, unit] of units.entries()) {
    if (unit.kind === "table") yield* tableBytes(unit, path);
    else {
      const place = index === 0 ? "primary" : "extension";
      yield* imageBytes(unit, imageCards(unit, place, path), index === 0 && units.length > 1 ? [extend] : []);
    }
  }
}

const EMPTY_PRIMARY: readonly Card[] = [
  { keyword: "SIMPLE", value: true, comment: "conforms to the FITS standard" },
  { keyword: "BITPIX", value: 8 },
  { keyword: "NAXIS", value: 0 },
];

function* imageBytes({ pixels, shape }: ImageUnit, cards: readonly Card[], more: readonly Card[]): Generator<Uint8Array> {
  const numStructural = 3 + shape.length;
  yield formatHeader(withLongStrings([...cards.slice(0, numStructural), ...more, ...cards.slice(numStructural)]));
  yield* bigEndianChunks(pixels);
  yield padding(pixels.byteLength);
}

/** Readers older than the standard's version 4 are told that strings may go on over several cards (OGIP's convention). */
function withLongStrings(cards: readonly Card[]): readonly Card[] {
  const isLong = (card: Card) => formatCard(card).some((line) => line.startsWith("CONTINUE"));
  const isTold = cards.some(({ keyword }) => keyword === "LONGSTRN");
  return isTold || !cards.some(isLong) ? cards : [...cards, { keyword: "LONGSTRN", value: "OGIP 1.0" }];
}

/** The numbers in FITS's order, in chunks that are written over: each must be used before the next is asked for. */
function* bigEndianChunks(pixels: PixelsToWrite): Generator<Uint8Array> {
  const { zero } = storedType(pixels);
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT: size } = pixels;
  const chunk = Buffer.alloc(Math.min(CHUNK_LENGTH, byteLength));
  for (let done = 0; done < byteLength; done += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, byteLength - done));
    part.set(new Uint8Array(buffer, byteOffset + done, part.length));
    swap(part, size);
    // Taking BZERO off an integer of full width is turning its highest bit.
    if (zero !== 0) for (let byte = 0; byte < part.length; byte += size) part[byte]! ^= 0x80;
    yield part;
  }
}

const padding = (numBytes: number) => new Uint8Array(paddedLength(numBytes) - numBytes);

function* tableBytes(unit: TableUnit, path: string): Generator<Uint8Array> {
  const { cards, columns, numRows } = tableParts(unit, path);
  yield formatHeader(withLongStrings(cards));
  const rowLength = columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const rowsAtOnce = Math.max(1, Math.floor(CHUNK_LENGTH / Math.max(1, rowLength)));
  for (let first = 0; first < numRows; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, numRows - first);
    const bytes = new Uint8Array(count * rowLength);
    const view = new DataView(bytes.buffer);
    let start = 0;
    for (const column of columns) {
      for (let row = 0; row < count; row++) column.put(first + row, view, row * rowLength + start);
      start += column.byteLength;
    }
    yield bytes;
  }
  yield padding(numRows * rowLength);
}

/** An image to write: pixels [height, width] row-major with FITS's first row first, and the header's other cards. */
export interface ImageToWrite {
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
  /** All but the cards that describe the data: SIMPLE, BITPIX, NAXIS, NAXIS1 and NAXIS2 are written from the sizes. */
  readonly cards: readonly Card[];
}

/** Write a 2-D float32 FITS image, atomically. Throws as `writeFits`. */
export function writeFieldImage(path: string, { pixels, height, width, cards }: ImageToWrite): void {
  writeFits(path, [{ kind: "image", shape: [height, width], pixels, cards }]);
}
