// Catalogue text to sources: PyBDSF source and Gaussian lists, Aegean, FIRST, MGCLS, MIGHTEE and free CSV.
import type { ParsedCatalogue } from "./catalogue.ts";
import { CatalogueError } from "./catalogue-error.ts";
import type { ColumnChoice } from "./column-choice.ts";
import { namesPositions } from "./columns.ts";
import { type TableOptions, tableSources } from "./table-sources.ts";
import { parseTextTable } from "./text-table.ts";

/**
 * Parse a catalogue with named columns. `name` (the file) begins every message. Throws CatalogueError for a text without RA and
 * Dec columns, for a number that is none and for a position off the sky, with the line.
 */
export function parseCatalogue(text: string, options: TableOptions): ParsedCatalogue {
  const { name, columns = {} } = options;
  requireText(text, name);
  const { headings, rows } = parseTextTable(text, name, (names) => isHeader(names, columns));
  const table = {
    headings,
    numRows: rows.length,
    cell: (row: number, column: number) => rows[row]!.cells[column]!,
    placeOf: (row: number) => ({ text: `line ${rows[row]!.line}`, line: rows[row]!.line }),
  };
  return tableSources(table, options);
}

/** A line of names has RA and Dec, or what the user calls them. */
function isHeader(names: readonly string[], { ra, dec }: ColumnChoice): boolean {
  if (ra === undefined || dec === undefined) return namesPositions(names);
  return names.includes(ra.column) && names.includes(dec.column);
}

function requireText(text: string, name: string): void {
  if (/^\ufeff?\s*<(\?xml|VOTABLE)\b/i.test(text))
    throw new CatalogueError(
      `${name}: expected text or a FITS table, got XML. A VOTable is not read: save it as FITS or CSV, as TOPCAT can.`,
      {
        file: name,
      },
    );
  const zero = text.indexOf("\0");
  if (zero < 0) return;
  throw new CatalogueError(`${name}: is not text: expected named columns, got a zero byte after ${zero} characters.`, {
    file: name,
  });
}
