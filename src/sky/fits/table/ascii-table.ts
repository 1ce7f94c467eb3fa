// ASCII tables: rows of text in fixed columns (FITS standard 4.0, section 7.2).
import type { FileFacts, Reading } from "../byte-reading.ts";
import { FitsError } from "../fits-error.ts";
import type { FitsHeader } from "../header.ts";
import { wholeNumber } from "../image-layout.ts";
import { latin1 } from "../latin1.ts";
import type { FitsUnit } from "../unit.ts";
import { requireTable } from "./binary-columns.ts";
import type { IsWanted } from "./binary-table.ts";
import type { ColumnData, FitsColumn } from "./fits-table.ts";
import { wholeBytes } from "./heap-window.ts";

/** TFORMn: Aw, Iw, Fw.d, Ew.d, Dw.d. */
interface AsciiColumn {
  readonly name: string;
  readonly unit: string | undefined;
  readonly type: "A" | "I" | "F" | "E" | "D";
  /** First character in the row, from 0, and the number of them. */
  readonly start: number;
  readonly width: number;
  /** Digits behind a decimal point that is not written. */
  readonly numDecimals: number;
  readonly scale: number;
  readonly zero: number;
  /** The text that means "no value" (TNULLn). */
  readonly blank: string | undefined;
}

const MOST_COLUMNS = 999;
/** Columns may lie on each other, but a small file must not become a large table. */
const MOST_OVERLAP = 4;
const SHORT_ROW = 4096;

/** The wanted columns of an ASCII table. Throws FitsError for columns that are not as the standard says, and for a number that is none. */
export function* asciiTable({ path }: FileFacts, unit: FitsUnit, isWanted: IsWanted): Reading<readonly FitsColumn[]> {
  const { header } = unit;
  requireTable(header, unit.dataLength, path);
  const rowLength = wholeNumber(header, "NAXIS1", path);
  const numRows = wholeNumber(header, "NAXIS2", path);
  const numColumns = wholeNumber(header, "TFIELDS", path);
  if (numColumns > MOST_COLUMNS) throw new FitsError(`${path}: TFIELDS: expected at most ${MOST_COLUMNS}, got ${numColumns}.`);
  const all = Array.from({ length: numColumns }, (_, index) => columnAt(header, index + 1, rowLength, path));
  const widths = all.reduce((sum, { width }) => sum + width, 0);
  if (widths > MOST_OVERLAP * rowLength + SHORT_ROW) {
    throw new FitsError(
      `${path}: expected columns beside each other in rows of ${rowLength} characters, got ${numColumns} of ${widths} together. The file is damaged.`,
      { file: path },
    );
  }
  const bytes = yield* wholeBytes(path, unit.dataStart, rowLength * numRows);
  const text = (column: AsciiColumn, row: number) => latin1(bytes, row * rowLength + column.start, column.width);
  // Rows of no characters hold nothing.
  const numCells = rowLength === 0 ? 0 : numRows;
  return all
    .filter((column) => isWanted(column.name))
    .map((column) => ({
      name: column.name,
      unit: column.unit,
      numPerRow: numCells === numRows ? 1 : 0,
      starts: undefined,
      dimensions: undefined,
      data: dataOf(column, numCells, (row) => text(column, row), path),
    }));
}

function columnAt(header: FitsHeader, number: number, rowLength: number, where: string): AsciiColumn {
  const form = header.string(`TFORM${number}`) ?? "";
  const match = /^\s*([AIFED])(\d+)(?:\.(\d+))?(?:E\d+)?\s*$/i.exec(form);
  if (!match) {
    throw new FitsError(`${where}: TFORM${number}: expected Aw, Iw, Fw.d, Ew.d or Dw.d, got ${JSON.stringify(form)}.`);
  }
  const start = wholeNumber(header, `TBCOL${number}`, where) - 1;
  const width = Number(match[2]);
  if (start < 0 || start + width > rowLength) {
    throw new FitsError(
      `${where}: column ${number}: expected characters 1 to ${rowLength} of a row, got ${start + 1} to ${start + width}.`,
    );
  }
  const blank = header.get(`TNULL${number}`);
  return {
    name: header.string(`TTYPE${number}`)?.trim() ?? "",
    unit: header.string(`TUNIT${number}`)?.trim() || undefined,
    type: match[1]!.toUpperCase() as AsciiColumn["type"], // what the pattern allows
    start,
    width,
    numDecimals: Number(match[3] ?? 0),
    scale: header.number(`TSCAL${number}`) ?? 1,
    zero: header.number(`TZERO${number}`) ?? 0,
    blank: blank === undefined || blank === null ? undefined : String(blank).trim(),
  };
}

function dataOf(column: AsciiColumn, numCells: number, textAt: (row: number) => string, where: string): ColumnData {
  if (column.type === "A") return { kind: "text", values: Array.from({ length: numCells }, (_, row) => textAt(row).trimEnd()) };
  const values = Float64Array.from({ length: numCells }, (_, row) => {
    const number = parsedNumber(textAt(row), column);
    if (number !== undefined) return number;
    throw new FitsError(
      `${where}: column ${column.name}: row ${row + 1}: expected a number, got ${JSON.stringify(textAt(row))}.`,
      { file: where },
    );
  });
  return { kind: "number", values };
}

/** NaN for no value, undefined for what is no number. Spaces do not count, an empty cell is 0 unless TNULL is empty too (7.2.5). */
function parsedNumber(cell: string, { type, blank, numDecimals, scale, zero }: AsciiColumn): number | undefined {
  const text = cell.trim();
  if (text === blank) return Number.NaN;
  if (text === "") return zero;
  if (/^[-+]?nan$/i.test(text)) return Number.NaN;
  const match = /^([-+]?)(\d*)(\.\d*)?(?:[ED]?([-+]?\d+))?$/i.exec(text.replaceAll(" ", ""));
  if (!match || (match[2] === "" && (match[3] ?? ".") === ".")) return undefined;
  const [, sign, whole, fraction = "", exponent = "0"] = match;
  const shift = fraction === "" && type !== "I" ? numDecimals : 0; // a point that is not written
  return zero + scale * Number(`${sign}${whole || "0"}${fraction === "." ? "" : fraction}e${Number(exponent) - shift}`);
}
