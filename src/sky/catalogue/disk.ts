// Reading catalogues from disk.
import { gunzipSync } from "node:zlib";
import { FileFormatError, isGzip } from "#base/files";
import { FileError, firstBytes, readBytes, sha256Of, sha256OfFile, textOf } from "#base/files/disk";
import { FitsError, type FitsTable } from "#sky/fits";
import { readFitsTable } from "#sky/fits/disk";
import type { Catalogue } from "./catalogue.ts";
import { CatalogueError } from "./catalogue-error.ts";
import type { ColumnChoice } from "./column-choice.ts";
import { fitsCatalogueTable, fitsTextTable, isFits } from "./fits-catalogue-table.ts";
import { decodeCatalogue } from "./parse-catalogue.ts";
import { tableSources } from "./table-sources.ts";
import { parseTextTable, type TextTable } from "./text-table.ts";

/** Larger catalogues than any survey has: what a small file unpacks to stays within memory. */
const MOST_UNPACKED_BYTES = 2 ** 30;

/**
 * Read a catalogue in text form or in a table of a FITS file (its first one), gzip-compressed or not. `columns` are the user's words for columns of a free table. Throws
 * CatalogueError for a file that cannot be read and for all that `parseCatalogue` refuses.
 */
export function readCatalogue(path: string, options: { readonly columns?: ColumnChoice } = {}): Catalogue {
  const { isOfFits, bytes, sha256 } = catalogueContent(path);
  if (isOfFits) {
    const table = fitsTable(path);
    const { warnings, ...parsed } = tableSources(fitsCatalogueTable(table), { ...options, name: path });
    return { ...parsed, warnings: [...table.warnings.map((warning) => `${path}: ${warning}`), ...warnings], sha256 };
  }
  return { ...decodeCatalogue(bytes, { ...options, name: path }), sha256 };
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
  const { isOfFits, bytes, sha256 } = catalogueContent(path);
  if (isOfFits) return { table: fitsTextTable(fitsTable(path)), sha256 };
  return {
    table: parseTextTable(
      naming(path, () => textOf(bytes, path)),
      path,
      isHeader,
    ),
    sha256,
  };
}

interface CatalogueContent {
  readonly isOfFits: boolean;
  /** Unpacked; empty for FITS, which is read by its parts. */
  readonly bytes: Uint8Array;
  /** Of the file as it is stored. */
  readonly sha256: string;
}

const FITS_START_LENGTH = 9;

function catalogueContent(path: string): CatalogueContent {
  return naming(path, () => {
    if (isFits(firstBytes(path, FITS_START_LENGTH))) return { isOfFits: true, bytes: NOTHING, sha256: sha256OfFile(path) };
    const stored = readBytes(path);
    const sha256 = sha256Of(stored);
    if (!isGzip(stored)) return { isOfFits: false, bytes: stored, sha256 };
    const bytes = unpacked(stored, path);
    return isFits(bytes) ? { isOfFits: true, bytes: NOTHING, sha256 } : { isOfFits: false, bytes, sha256 };
  });
}

const NOTHING = new Uint8Array(0);

function unpacked(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED_BYTES });
  } catch (cause) {
    const isTooLarge = (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    const what = isTooLarge
      ? `expected at most ${MOST_UNPACKED_BYTES} bytes in a catalogue that is unpacked here, got more. Unpack it first.`
      : `cannot be unpacked: ${cause instanceof Error ? cause.message : String(cause)}. The download may be cut short.`;
    throw new CatalogueError(`${path}: ${what}`, { file: path, cause });
  }
}

/** Whatever is wrong with the file, callers catch one class. */
function naming<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof FileError || error instanceof FileFormatError)
      throw new CatalogueError(error.message, { file: path, cause: error });
    throw error;
  }
}
