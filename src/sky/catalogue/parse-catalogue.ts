// Catalogue text to sources: PyBDSF source and Gaussian lists, Aegean, FIRST, MGCLS, MIGHTEE and free CSV.
import type { ParsedCatalogue } from "./catalogue.ts";
import { CatalogueError } from "./catalogue-error.ts";
import type { ColumnChoice } from "./column-choice.ts";
import { namesPositions } from "./columns.ts";
import { type TableOptions, tableSources } from "./table-sources.ts";
import { decodedLines, textLines } from "./text-lines.ts";
import { textRows } from "./text-table.ts";

/**
 * Parse a catalogue with named columns. `name` (the file) begins every message. Throws CatalogueError for a text without RA and
 * Dec columns, for a number that is none and for a position off the sky, with the line.
 */
export function parseCatalogue(text: string, options: TableOptions): ParsedCatalogue {
  requireText(text.slice(0, LONGEST_START), text.indexOf("\0"), options.name);
  return lineSources(textLines(text), options);
}

/** The same of a text in UTF-8, which may be longer than a string can be. */
export function decodeCatalogue(bytes: Uint8Array, options: TableOptions): ParsedCatalogue {
  requireText(new TextDecoder().decode(bytes.subarray(0, LONGEST_START)), bytes.indexOf(0), options.name);
  return lineSources(decodedLines(bytes), options);
}

function lineSources(lines: readonly string[], options: TableOptions): ParsedCatalogue {
  const { name, columns = {} } = options;
  const { headings, numRows, lineOf, cellsOf } = textRows(lines, name, (names) => isHeader(names, columns));
  const table = {
    headings,
    numRows,
    cell: (row: number, column: number) => cellsOf(row)[column]!,
    placeOf: (row: number) => ({ text: `line ${lineOf(row)}`, line: lineOf(row) }),
  };
  return tableSources(table, options);
}

/** A line of names has RA and Dec, or what the user calls them. */
function isHeader(names: readonly string[], { ra, dec }: ColumnChoice): boolean {
  if (ra === undefined || dec === undefined) return namesPositions(names);
  return names.includes(ra.column) && names.includes(dec.column);
}

/** What a file is, its first characters tell. */
const LONGEST_START = 4096;

function requireText(start: string, zero: number, name: string): void {
  if (/^\ufeff?\s*<(\?xml|VOTABLE)\b/i.test(start))
    throw new CatalogueError(
      `${name}: expected text or a FITS table, got XML. A VOTable is not read: save it as FITS or CSV, as TOPCAT can.`,
      {
        file: name,
      },
    );
  if (zero < 0) return;
  throw new CatalogueError(`${name}: is not text: expected named columns, got a zero byte after ${zero} characters.`, {
    file: name,
  });
}
