// Tables of a FITS file, and what units a file is made of.
import type { FileFacts, Reading } from "../byte-reading.ts";
import type { FitsHeader } from "../header.ts";
import { axesOf } from "../image-layout.ts";
import { findUnit, TABLE, type UnitChoice } from "../select-unit.ts";
import { asciiTable } from "../table/ascii-table.ts";
import { binaryTable, type IsWanted } from "../table/binary-table.ts";
import type { FitsTable } from "../table/fits-table.ts";
import { endOfUnit, type FitsUnit, requireLastByte, requireRoomForData, type UnitKind, unitAt } from "../unit.ts";
import { loadFits, readFits } from "./open-fits.ts";

/** How a table is read. */
export interface TableOptions {
  /** Which of the file's units; by default the first that holds a table. */
  readonly hdu?: UnitChoice;
  /** Only columns of these names, in whatever case; all by default. */
  readonly columns?: readonly string[];
}

/**
 * Read a binary or an ASCII table. Throws FitsError for a missing, empty, truncated, damaged or foreign file, and for one without a table.
 * Names that no column bears are left out.
 */
export function readFitsTable(path: string, options: TableOptions = {}): FitsTable {
  return readFits(path, (file) => fitsTable(file, options));
}

/** As `readFitsTable`, of a gzip-compressed file without holding it whole. */
export function loadFitsTable(path: string, options: TableOptions = {}): Promise<FitsTable> {
  return loadFits(path, (file) => fitsTable(file, options));
}

function* fitsTable(file: FileFacts, { hdu, columns }: TableOptions): Reading<FitsTable> {
  const unit = yield* findUnit(file, TABLE, hdu);
  const warnings = requireRoomForData(file, unit);
  const names = columns && new Set(columns.map((name) => name.toUpperCase()));
  const isWanted: IsWanted = (name) => names === undefined || names.has(name.toUpperCase());
  const read = unit.kind === "ascii table" ? asciiTable : binaryTable;
  const found = yield* read(file, unit, isWanted);
  yield* requireLastByte(file, unit);
  const { header } = unit;
  return {
    numRows: header.number("NAXIS2")!,
    columns: found,
    header,
    hdu: unit.index,
    warnings: [...header.warnings, ...warnings, ...duplicateNames(found.map(({ name }) => name))],
  };
}

function duplicateNames(names: readonly string[]): readonly string[] {
  const doubled = names.filter((name, index) => name !== "" && names.indexOf(name) < index);
  return [...new Set(doubled)].map((name) => `several columns are called ${name}: the first is used.`);
}

/** What a unit of a file is. */
export interface UnitSummary {
  readonly hdu: number;
  readonly kind: UnitKind;
  readonly name: string | undefined;
  readonly version: number;
  /** Of an image: slowest axis first. Of a table: rows, then columns. */
  readonly shape: readonly number[];
  /** The image's own header where it is compressed. */
  readonly header: FitsHeader;
}

/** All units of a file in order, from their headers alone. Throws FitsError for a file that is no FITS and for data cut short. */
export function readFitsUnits(path: string): readonly UnitSummary[] {
  return readFits(path, unitSummaries);
}

function* unitSummaries(file: FileFacts): Reading<readonly UnitSummary[]> {
  const summaries: UnitSummary[] = [];
  for (let startByte = 0; ; ) {
    const unit = yield* unitAt(file, startByte, summaries.length);
    if (unit === undefined) return summaries;
    requireRoomForData(file, unit);
    const { index: hdu, kind, name, version, imageHeader: header } = unit;
    summaries.push({ hdu, kind, name, version, shape: shapeOf(unit, file.path), header });
    startByte = endOfUnit(unit);
  }
}

function shapeOf({ kind, header, imageHeader }: FitsUnit, path: string): readonly number[] {
  if (kind === "image" || kind === "compressed image") return axesOf(imageHeader, path).toReversed();
  return kind.endsWith("table") ? [header.number("NAXIS2") ?? 0, header.number("TFIELDS") ?? 0] : [];
}
