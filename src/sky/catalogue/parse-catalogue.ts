// Catalogue text to sources: PyBDSF source and Gaussian lists, Aegean, FIRST, MGCLS and free CSV.
import type { ParsedCatalogue, Source } from "./catalogue.ts";
import { CatalogueError } from "./catalogue-error.ts";
import { type FoundColumn, findColumns, namesPositions } from "./columns.ts";
import { parseDeclination, parseRightAscension } from "./sky-angle.ts";
import { parseTextTable, type TextRow } from "./text-table.ts";

/**
 * Parse a catalogue with named columns. `name` (the file) begins every message. Throws CatalogueError for a text without RA and
 * Dec columns, for a number that is none and for a position off the sky, with the line.
 */
export function parseCatalogue(text: string, options: { readonly name: string }): ParsedCatalogue {
  const { name } = options;
  requireText(text, name);
  const table = parseTextTable(text, name, namesPositions);
  const { columns, warnings } = findColumns(table.columns);
  const { ra, dec, id, field, flux, peakFlux, major, minor, positionAngle } = columns;
  if (!ra || !dec) throw missingPositions(name, table.columns, [...(ra ? [] : ["RA"]), ...(dec ? [] : ["Dec"])]);
  const sources = table.rows.map(
    (row): Source => ({
      id: textIn(row, id),
      ...positionIn(row, ra, dec, name),
      fluxJy: numberIn(row, flux, name),
      peakFluxJyPerBeam: numberIn(row, peakFlux, name),
      majorDeg: numberIn(row, major, name),
      minorDeg: numberIn(row, minor, name),
      positionAngleDeg: numberIn(row, positionAngle, name),
      field: textIn(row, field),
    }),
  );
  return { name, sources, warnings: warnings.map((warning) => `${name}: ${warning}`) };
}

function requireText(text: string, name: string): void {
  if (/^(SIMPLE {2}=|XTENSION=)/.test(text)) {
    throw new CatalogueError(
      `${name}: is a FITS file: expected text with named columns. FITS tables are not read yet: write it as CSV first.`,
      {
        file: name,
      },
    );
  }
  const zero = text.indexOf("\0");
  if (zero >= 0)
    throw new CatalogueError(`${name}: is not text: expected named columns, got a zero byte after ${zero} characters.`, {
      file: name,
    });
}

const MOST_NAMES_SHOWN = 12;

function missingPositions(name: string, columns: readonly string[], missing: readonly string[]): CatalogueError {
  const shown = columns.slice(0, MOST_NAMES_SHOWN).join(", ") + (columns.length > MOST_NAMES_SHOWN ? ", ..." : "");
  return new CatalogueError(
    `${name}: no ${missing.join(" and no ")} column: expected names such as RA, RAJ2000, RA_deg and DEC, DEJ2000, Dec_deg, got ${shown}.`,
    { file: name },
  );
}

function positionIn(row: TextRow, ra: FoundColumn, dec: FoundColumn, name: string): Pick<Source, "raDeg" | "decDeg"> {
  const raDeg = parseRightAscension(row.cells[ra.index]!);
  const decDeg = parseDeclination(row.cells[dec.index]!);
  if (Number.isNaN(raDeg)) throw badCell(row, ra, name, "a right ascension in degrees, or hours as 12:34:56.7");
  if (Number.isNaN(decDeg)) throw badCell(row, dec, name, "a declination in degrees, or as -12:34:56.7");
  if (!(raDeg >= -180 && raDeg <= 360)) throw badCell(row, ra, name, "a right ascension of -180 to 360 degrees");
  if (!(Math.abs(decDeg) <= 90)) throw badCell(row, dec, name, "a declination of -90 to 90 degrees");
  return { raDeg: wrapDegrees(raDeg), decDeg };
}

function wrapDegrees(degrees: number): number {
  const wrapped = degrees < 0 ? degrees + 360 : degrees;
  return wrapped === 360 ? 0 : wrapped;
}

/** Cells that say that there is no value, in small letters. */
const NO_VALUE = new Set(["", "nan", "null", "none", "--", "-", "indef", "n/a"]);

function textIn(row: TextRow, column: FoundColumn | undefined): string | null {
  const cell = column === undefined ? "" : row.cells[column.index]!;
  return NO_VALUE.has(cell.toLowerCase()) ? null : cell;
}

function numberIn(row: TextRow, column: FoundColumn | undefined, name: string): number | null {
  const cell = textIn(row, column);
  if (cell === null || column === undefined) return null;
  const value = Number(cell);
  if (!Number.isFinite(value)) throw badCell(row, column, name, "a number");
  return value / column.unitsPerStandard;
}

function badCell(row: TextRow, column: FoundColumn, name: string, expected: string): CatalogueError {
  return new CatalogueError(
    `${name}: line ${row.line}: column "${column.name}": expected ${expected}, got ${JSON.stringify(row.cells[column.index])}.`,
    {
      file: name,
      line: row.line,
    },
  );
}
