// Reading catalogues from disk.
import { FileFormatError } from "#base/files";
import { FileError, readBytes, sha256Of } from "#base/files/disk";
import type { Catalogue } from "./catalogue.ts";
import { CatalogueError } from "./catalogue-error.ts";
import { parseCatalogue } from "./parse-catalogue.ts";

/** Read a catalogue in text form. Throws CatalogueError for a file that cannot be read and for all that `parseCatalogue` refuses. */
export function readCatalogue(path: string): Catalogue {
  const bytes = catalogueBytes(path);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new CatalogueError(
      `${path}: gzip-compressed catalogues are not read yet: expected text with named columns, got 1f 8b. Unpack it first with gunzip.`,
      { file: path },
    );
  }
  return { ...parseCatalogue(new TextDecoder().decode(bytes), { name: path }), sha256: sha256Of(bytes) };
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
