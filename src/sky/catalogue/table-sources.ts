// A table with named columns, of text or of FITS, to sources.
import type { ParsedCatalogue, Source } from "./catalogue.ts";
import { CatalogueError } from "./catalogue-error.ts";
import type { ColumnChoice } from "./column-choice.ts";
import { type ColumnHeading, type FoundColumn, findColumns } from "./columns.ts";
import { QUANTITIES } from "./quantities.ts";
import { shown, shownNames } from "./shown.ts";
import { parseDeclination, parseRightAscension } from "./sky-angle.ts";

/** What a catalogue is read from. `cell` gives what stands in a row and a column: text, a number, or null for nothing. */
export interface CatalogueTable {
  readonly headings: readonly ColumnHeading[];
  readonly numRows: number;
  cell(row: number, column: number): string | number | null;
  /** A row's place in its file, as messages name it: "line 12", "row 3"; `line` is counted from 1. */
  placeOf(row: number): { readonly text: string; readonly line?: number };
}

/** What is asked of a table. `name` (the file) begins every message. */
export interface TableOptions {
  readonly name: string;
  readonly columns?: ColumnChoice;
}

/**
 * The sources of a table. Throws CatalogueError for one without RA and Dec columns, for a number that is none and for a position off
 * the sky, with its line.
 */
export function tableSources(table: CatalogueTable, { name, columns: chosen = {} }: TableOptions): ParsedCatalogue {
  const { columns, warnings } = findColumns(table.headings, chosen, name);
  const { ra, dec } = columns;
  if (!ra || !dec) throw missingPositions(name, table.headings, [...(ra ? [] : ["RA"]), ...(dec ? [] : ["Dec"])]);
  const { id, field, flux, peakFlux, major, minor, positionAngle, sourceCode } = columns;
  const cells = { table, name };
  const sources = Array.from(
    { length: table.numRows },
    (_, row): Source => ({
      id: textIn(cells, row, id),
      ...positionIn(cells, row, ra, dec),
      fluxJy: numberIn(cells, row, flux),
      peakFluxJyPerBeam: numberIn(cells, row, peakFlux),
      majorDeg: numberIn(cells, row, major),
      minorDeg: numberIn(cells, row, minor),
      positionAngleDeg: numberIn(cells, row, positionAngle),
      field: textIn(cells, row, field),
      ...(sourceCode ? { sourceCode: textIn(cells, row, sourceCode) } : {}),
    }),
  );
  const columnNames = QUANTITIES.flatMap((quantity) => columns[quantity]?.name ?? []);
  const doubts = fluxDoubt(flux, sources);
  return { name, sources, columnNames, warnings: [...warnings, ...doubts].map((warning) => `${name}: ${warning}`) };
}

/** Medians of survey catalogues, from the deepest to those of the brightest sources, lie between these. */
const MEDIAN_FLUX_JY = { least: 2e-6, most: 0.1 } as const;

/** A flux whose unit only its column's name tells, and whose median no survey has: LoTSS and VLASS write mJy under PyBDSF's names. */
function fluxDoubt(flux: FoundColumn | undefined, sources: readonly Source[]): readonly string[] {
  if (!flux?.isUnitAssumed) return [];
  const fluxes = Float64Array.from(sources.flatMap(({ fluxJy }) => fluxJy ?? [])).sort();
  const median = fluxes[fluxes.length >> 1];
  if (median === undefined || (median >= MEDIAN_FLUX_JY.least && median <= MEDIAN_FLUX_JY.most)) return [];
  const [unit, other] = flux.unitsPerStandard === 1 ? ["Jy", "mJy"] : ["mJy", "Jy"];
  return [
    `column "${shown(flux.name)}" names no unit and is taken for ${unit}, which makes its median ${Number(median.toPrecision(3))} Jy. If it is ${other}, say --columns flux=${shown(flux.name)}:${other}.`,
  ];
}

function missingPositions(name: string, headings: readonly ColumnHeading[], missing: readonly string[]): CatalogueError {
  const names = shownNames(headings.map((heading) => heading.name));
  return new CatalogueError(
    `${name}: no ${missing.join(" and no ")} column: expected names such as RA, RAJ2000, RA_deg and DEC, DEJ2000, Dec_deg, got ${names}. Name others with --columns ra=...,dec=...`,
    { file: name },
  );
}

interface Cells {
  readonly table: CatalogueTable;
  readonly name: string;
}

function positionIn(cells: Cells, row: number, ra: FoundColumn, dec: FoundColumn): Pick<Source, "raDeg" | "decDeg"> {
  const raDeg = angleIn(cells, row, ra, parseRightAscension);
  const decDeg = angleIn(cells, row, dec, parseDeclination);
  if (Number.isNaN(raDeg)) throw badCell(cells, row, ra, "a right ascension in degrees, or hours as 12:34:56.7");
  if (Number.isNaN(decDeg)) throw badCell(cells, row, dec, "a declination in degrees, or as -12:34:56.7");
  if (!(raDeg >= -180 && raDeg <= 360)) throw badCell(cells, row, ra, "a right ascension of -180 to 360 degrees");
  if (!(Math.abs(decDeg) <= 90)) throw badCell(cells, row, dec, "a declination of -90 to 90 degrees");
  return { raDeg: wrapDegrees(raDeg), decDeg };
}

function angleIn({ table }: Cells, row: number, column: FoundColumn, parse: (text: string) => number): number {
  const cell = table.cell(row, column.index);
  return typeof cell === "number" ? cell : parse(cell ?? "");
}

function wrapDegrees(degrees: number): number {
  const wrapped = degrees < 0 ? degrees + 360 : degrees;
  return wrapped === 360 ? 0 : wrapped;
}

/** Cells that say that there is no value, in small letters. */
const NO_VALUE = new Set(["", "nan", "null", "none", "--", "-", "indef", "n/a"]);

function textIn({ table }: Cells, row: number, column: FoundColumn | undefined): string | null {
  const cell = column === undefined ? null : table.cell(row, column.index);
  if (cell === null || (typeof cell === "number" && Number.isNaN(cell))) return null;
  const text = String(cell).trim();
  return NO_VALUE.has(text.toLowerCase()) ? null : text;
}

function numberIn(cells: Cells, row: number, column: FoundColumn | undefined): number | null {
  const text = textIn(cells, row, column);
  if (text === null || column === undefined) return null;
  const value = Number(text);
  if (!Number.isFinite(value)) throw badCell(cells, row, column, "a number");
  return value / column.unitsPerStandard;
}

function badCell({ table, name }: Cells, row: number, column: FoundColumn, expected: string): CatalogueError {
  const { text, line } = table.placeOf(row);
  const cell = table.cell(row, column.index);
  const got = JSON.stringify(typeof cell === "string" ? shown(cell) : cell);
  return new CatalogueError(`${name}: ${text}: column "${shown(column.name)}": expected ${expected}, got ${got}.`, {
    file: name,
    ...(line === undefined ? {} : { line }),
  });
}
