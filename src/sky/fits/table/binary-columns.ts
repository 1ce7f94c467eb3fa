// The columns of a binary table: names, places in the row, scaling (FITS standard 4.0, section 7.3.2).
import { FitsError } from "../fits-error.ts";
import type { FitsHeader } from "../header.ts";
import { wholeNumber } from "../image-layout.ts";
import { type ColumnFormat, parseColumnFormat } from "./column-format.ts";

/** A column of a binary table. physical value = zero + scale * stored value. */
export interface BinaryColumn {
  /** TTYPEn, or "" where there is none. */
  readonly name: string;
  readonly unit: string | undefined;
  readonly format: ColumnFormat;
  /** First byte in the row. */
  readonly start: number;
  readonly scale: number;
  readonly zero: number;
  /** The stored integer that means "no value" (TNULLn). */
  readonly blank: bigint | undefined;
  /** TDIMn: the axes of a cell, fastest first. */
  readonly dimensions: readonly number[] | undefined;
}

const MOST_COLUMNS = 999;

/** Rows and columns of a binary table. */
export interface BinaryLayout {
  readonly columns: readonly BinaryColumn[];
  readonly numRows: number;
  readonly rowLength: number;
  /** Where the heap begins, in bytes from the data's start, and its length. */
  readonly heapStart: number;
  readonly heapLength: number;
}

/** What a layout is made of: a unit's header, and the bytes of its data by BITPIX, PCOUNT and GCOUNT. */
interface TableUnit {
  readonly header: FitsHeader;
  readonly dataLength: number;
}

/** The layout of a binary table. Throws FitsError, beginning with `where`, for columns that are not as the standard says or do not fit their row. */
export function binaryLayout({ header, dataLength }: TableUnit, where: string): BinaryLayout {
  const numColumns = wholeNumber(header, "TFIELDS", where);
  if (numColumns > MOST_COLUMNS) throw new FitsError(`${where}: TFIELDS: expected at most ${MOST_COLUMNS}, got ${numColumns}.`);
  const rowLength = wholeNumber(header, "NAXIS1", where);
  const numRows = wholeNumber(header, "NAXIS2", where);
  let start = 0;
  const columns = Array.from({ length: numColumns }, (_, index): BinaryColumn => {
    const column = columnAt(header, index + 1, start, where);
    start += column.format.byteLength;
    return column;
  });
  if (start > rowLength) {
    throw new FitsError(`${where}: NAXIS1: expected at least ${start} bytes for the columns of a row, got ${rowLength}.`);
  }
  requireTable(header, dataLength, where);
  const mainLength = rowLength * numRows;
  const heapStart = header.number("THEAP") ?? mainLength;
  const end = mainLength + (header.number("PCOUNT") ?? 0);
  if (!(Number.isSafeInteger(heapStart) && heapStart >= mainLength && (heapStart <= end || heapStart === mainLength))) {
    throw new FitsError(`${where}: THEAP: expected ${mainLength} to ${end}, got ${header.get("THEAP")}.`);
  }
  return { columns, numRows, rowLength, heapStart, heapLength: Math.max(0, Math.min(end, dataLength) - heapStart) };
}

/** Throws FitsError where the data are not rows of bytes and a heap. */
export function requireTable(header: FitsHeader, dataLength: number, where: string): void {
  const [bitpix, numAxes] = [header.number("BITPIX"), header.number("NAXIS")];
  if (bitpix !== 8 || numAxes !== 2) {
    throw new FitsError(`${where}: expected a table of BITPIX 8 and NAXIS 2, got BITPIX ${bitpix} and NAXIS ${numAxes}.`);
  }
  const wanted = wholeNumber(header, "NAXIS1", where) * wholeNumber(header, "NAXIS2", where);
  if (wanted > dataLength) {
    throw new FitsError(`${where}: expected ${wanted} bytes of rows, got ${dataLength} by PCOUNT and GCOUNT.`);
  }
}

function columnAt(header: FitsHeader, number: number, start: number, where: string): BinaryColumn {
  const text = header.string(`TFORM${number}`) ?? "";
  const format = parseColumnFormat(text);
  if (format === undefined) {
    throw new FitsError(
      `${where}: TFORM${number}: expected a repeat count and one of L X B I J K A E D C M P Q, got ${JSON.stringify(text)}.`,
    );
  }
  if (format.descriptor !== undefined && format.repeat > 1) {
    throw new FitsError(`${where}: TFORM${number}: expected at most one array descriptor a row, got ${format.repeat}.`);
  }
  const blank = header.get(`TNULL${number}`);
  const isWhole = typeof blank === "bigint" || Number.isInteger(blank);
  return {
    name: header.string(`TTYPE${number}`)?.trim() ?? "",
    unit: header.string(`TUNIT${number}`)?.trim() || undefined,
    format,
    start,
    scale: header.number(`TSCAL${number}`) ?? 1,
    zero: header.number(`TZERO${number}`) ?? 0,
    blank: isWhole ? BigInt(blank as number | bigint) : undefined, // as just asked
    dimensions: dimensionsOf(header.string(`TDIM${number}`)),
  };
}

function dimensionsOf(text: string | undefined): readonly number[] | undefined {
  const match = /^\s*\(\s*(\d+(?:\s*,\s*\d+)*)\s*\)\s*$/.exec(text ?? "");
  return match ? match[1]!.split(",").map(Number) : undefined;
}
