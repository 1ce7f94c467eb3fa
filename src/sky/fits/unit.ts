// Header-and-data units: what a FITS file is made of, one after the other (FITS standard 4.0, sections 3.1 and 3.4).
import { bytesAt, type FileFacts, type Reading } from "./byte-reading.ts";
import { CARD_LENGTH } from "./card.ts";
import { FitsError } from "./fits-error.ts";
import { BLOCK_LENGTH, type FitsHeader, headerLength, parseHeader } from "./header.ts";
import { axesOf, dataByteLength } from "./image-layout.ts";
import { imageHeaderOf } from "./tiles/image-header.ts";

/** What a unit holds. "none": a header without data. "other": an extension of a kind that is not known. */
export type UnitKind = "image" | "compressed image" | "binary table" | "ascii table" | "random groups" | "none" | "other";

/** One header-and-data unit and its place in the file. */
export interface FitsUnit {
  /** Counted from 0, the primary unit, as astropy and cfitsio do. */
  readonly index: number;
  readonly kind: UnitKind;
  /** EXTNAME, and EXTVER (1 where there is none). */
  readonly name: string | undefined;
  readonly version: number;
  /** As it stands in the file. */
  readonly header: FitsHeader;
  /** The header of the image as it was before it was tile-compressed; else `header`. */
  readonly imageHeader: FitsHeader;
  /** The header's bytes as they stand, with their padding. */
  readonly headerBytes: Uint8Array;
  readonly startByte: number;
  readonly dataStart: number;
  /** Without padding. */
  readonly dataLength: number;
}

const FIRST_HEADER_READ = 10 * BLOCK_LENGTH;
const LONGEST_HEADER = 64 * 1024 * 1024;

/** Where the unit after this one begins. */
export function endOfUnit({ dataStart, dataLength }: FitsUnit): number {
  return dataStart + paddedLength(dataLength);
}

/** Length in whole blocks. */
export function paddedLength(numBytes: number): number {
  return Math.ceil(numBytes / BLOCK_LENGTH) * BLOCK_LENGTH;
}

/** The unit that begins at `startByte`, or undefined where the file ends there. Throws FitsError for what is no FITS header. */
export function* unitAt(file: FileFacts, startByte: number, index: number): Reading<FitsUnit | undefined> {
  for (let length = FIRST_HEADER_READ; ; length *= 2) {
    const bytes = yield* bytesAt(startByte, withinFile(file, startByte, length));
    if (startByte > 0 && isFill(bytes)) return undefined;
    const isWhole = bytes.length < length || length >= LONGEST_HEADER;
    const isForeign = bytes[0] !== 0x53 && bytes[0] !== 0x58; // neither S(IMPLE) nor X(TENSION): no use in reading on
    if (headerLength(bytes) === undefined && !isWhole && !isForeign) continue;
    const header = parseHeader(bytes, file.path, startByte);
    return unitOf(file, header, bytes.slice(0, header.byteLength), startByte, index);
  }
}

/** Zeros or spaces, as some writers leave behind the last unit; or nothing at all. */
function isFill(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, CARD_LENGTH);
  return start.every((byte) => byte === 0) || start.every((byte) => byte === 0x20);
}

function withinFile({ numBytes }: FileFacts, startByte: number, length: number): number {
  return numBytes === undefined ? length : Math.max(0, Math.min(length, numBytes - startByte));
}

function unitOf({ path }: FileFacts, header: FitsHeader, headerBytes: Uint8Array, startByte: number, index: number): FitsUnit {
  const kind = kindOf(header, path);
  const imageHeader = kind === "compressed image" ? imageHeaderOf(header) : header;
  return {
    index,
    kind,
    name: (imageHeader.string("EXTNAME") ?? header.string("EXTNAME"))?.trim() || undefined,
    version: header.number("EXTVER") ?? 1,
    header,
    imageHeader,
    headerBytes,
    startByte,
    dataStart: startByte + header.byteLength,
    dataLength: dataByteLength(header, path),
  };
}

function kindOf(header: FitsHeader, path: string): UnitKind {
  const kind = header.string("XTENSION")?.trim();
  if (header.get("ZIMAGE") === true) return "compressed image";
  if (kind === "BINTABLE" || kind === "A3DTABLE") return "binary table";
  if (kind === "TABLE") return "ascii table";
  if (kind !== undefined && kind !== "IMAGE" && kind !== "IUEIMAGE") return "other";
  const axes = axesOf(header, path);
  if (axes[0] === 0 && header.get("GROUPS") === true) return "random groups";
  return axes.length === 0 || axes.includes(0) ? "none" : "image";
}

/** A unit in words: `an image "SCI" [10,20]`, `a binary table "sources" of 12 rows`. */
export function describedUnit({ kind, header, imageHeader, name }: FitsUnit, path: string): string {
  const named = name === undefined ? "" : ` "${name}"`;
  const rows = `${named} of ${header.number("NAXIS2") ?? 0} rows`;
  const axes = () => axesOf(imageHeader, path);
  const words: Readonly<Record<UnitKind, () => string>> = {
    image: () => `an image${named} [${axes()}]`,
    "compressed image": () => `a tile-compressed image${named} [${axes()}]`,
    "binary table": () => `a binary table${rows}`,
    "ascii table": () => `an ASCII table${rows}`,
    "random groups": () => "random groups (visibilities)",
    none: () =>
      header.number("NAXIS") === 0 ? `${unitWord(header)} without data` : `${unitWord(header)} of no pixels [${axes()}]`,
    other: () => `an extension${named} of kind ${JSON.stringify(header.string("XTENSION")?.trim())}`,
  };
  return words[kind]();
}

const unitWord = (header: FitsHeader) => (header.get("XTENSION") === undefined ? "a primary header" : "an extension");

/** Throws where the file cannot hold a unit's data; a file that ends without the last block's padding is only warned of. */
export function requireRoomForData({ path, numBytes, mostBytes = numBytes }: FileFacts, unit: FitsUnit): readonly string[] {
  const wanted = unit.dataStart + unit.dataLength;
  if (mostBytes !== undefined && mostBytes < wanted) throw cutShort(path, unit, numBytes);
  const padded = endOfUnit(unit);
  return numBytes !== undefined && numBytes < padded
    ? [`the file ends at byte ${numBytes} without the padding to byte ${padded}.`]
    : [];
}

/** Where the file's length is not known, and it does not itself say that it is long enough: reads the last byte of a unit's data. */
export function* requireLastByte({ path, numBytes, toldBytes = 0 }: FileFacts, unit: FitsUnit): Reading<void> {
  const wanted = unit.dataStart + unit.dataLength;
  if (numBytes !== undefined || toldBytes >= wanted || unit.dataLength === 0) return;
  const last = yield* bytesAt(wanted - 1, 1);
  if (last.length === 0) throw cutShort(path, unit, numBytes);
}

function cutShort(path: string, unit: FitsUnit, numBytes: number | undefined): FitsError {
  const sizes = axesOf(unit.header, path).map((_, index) => `NAXIS${index + 1}`);
  const end = numBytes === undefined ? "too early" : `at byte ${numBytes}`;
  const wanted = unit.dataStart + unit.dataLength;
  return new FitsError(
    `${path}: data ends ${end}, but ${sizes.join(" x ")} x BITPIX ask for ${wanted}. The download may be cut short.`,
    { file: path, ...(numBytes === undefined ? {} : { byte: numBytes }) },
  );
}
