// Reading catalogues from disk.
import { gunzipSync } from "node:zlib";
import { FileFormatError } from "#base/files";
import { FileError, readBytes, sha256Of } from "#base/files/disk";
import { FitsError, type FitsTable } from "#sky/fits";
import { readFitsTable } from "#sky/fits/disk";
import type { Catalogue } from "./catalogue.ts";
import { CatalogueError } from "./catalogue-error.ts";
import type { ColumnChoice } from "./column-choice.ts";
import { fitsCatalogueTable, fitsTextTable, isFits } from "./fits-catalogue-table.ts";
import { parseCatalogue } from "./parse-catalogue.ts";
import { tableSources } from "./table-sources.ts";
import { parseTextTable, type TextTable } from "./text-table.ts";

/** Larger catalogues than any survey has: what a small file unpacks to stays within memory. */
const MOST_UNPACKED_BYTES = 2 ** 30;

/**
 * Read a catalogue in text form or in a table of a FITS file (its first one), gzip-compressed or not. `columns` are the user's words for columns of a free table. Throws
 * CatalogueError for a file that cannot be read and for all that `parseCatalogue` refuses.
 */
export function readCatalogue(path: string, options: { readonly columns?: ColumnChoice } = {}): Catalogue {
  const stored = catalogueBytes(path);
  const bytes = isGzip(stored) ? unpacked(stored, path) : stored;
  const sha256 = sha256Of(stored);
  if (isFits(bytes)) {
    const table = fitsTable(path);
    const { warnings, ...parsed } = tableSources(fitsCatalogueTable(table), { ...options, name: path });
    return { ...parsed, warnings: [...table.warnings.map((warning) => `${path}: ${warning}`), ...warnings], sha256 };
  }
  return { ...parseCatalogue(new TextDecoder().decode(bytes), { ...options, name: path }), sha256 };
}

/** The file's first table. Throws CatalogueError for all that `readFitsTable` refuses. */
function fitsTable(path: string): FitsTable {
  try {
    return readFitsTable(path);
  } catch (error) {
    if (error instanceof FitsError) throw new CatalogueError(error.message, { file: path, cause: error });
    throw error;
  }
}

/** A table of text, or of a FITS file, that need not be a catalogue; `isHeader` tells a text's line of names. Throws CatalogueError. */
export function readTextTable(
  path: string,
  isHeader: (names: readonly string[]) => boolean,
): { readonly table: TextTable; readonly sha256: string } {
  const stored = catalogueBytes(path);
  const bytes = isGzip(stored) ? unpacked(stored, path) : stored;
  if (isFits(bytes)) return { table: fitsTextTable(fitsTable(path)), sha256: sha256Of(stored) };
  return { table: parseTextTable(new TextDecoder().decode(bytes), path, isHeader), sha256: sha256Of(stored) };
}

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;

function unpacked(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED_BYTES });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CatalogueError(`${path}: cannot be unpacked: ${reason}. The download may be cut short.`, { file: path, cause });
  }
}

function catalogueBytes(path: string): Uint8Array {
  try {
    return readBytes(path);
  } catch (error) {
    // Whatever is wrong with the file, callers catch one class.
    if (error instanceof FileError || error instanceof FileFormatError)
      throw new CatalogueError(error.message, { file: path, cause: error });
    throw error;
  }
}
