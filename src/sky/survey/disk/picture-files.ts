// Pictures by name, in a folder and the folders in it, or in a zip archive.
import { readdirSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { FileFormatError } from "#base/files";
import { FileError, openZip, readBytes } from "#base/files/disk";

/** Files of one kind. Names have slashes, and begin at the folder or at the archive's root; they are in order. */
export interface PictureFiles {
  readonly names: readonly string[];
  /** For messages: where a file of this name is. */
  placeOf(name: string): string;
  read(name: string): Uint8Array;
  /** For files that are read in parts. Throws FileFormatError for one that lies in an archive. */
  pathOf(name: string): string;
  close(): void;
}

/** Opens a folder or a zip archive. Throws FileError for a path that is not there, FileFormatError for a file that is no archive. */
export function openPictureFiles(path: string, ending: RegExp): PictureFiles {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new FileError(path, "cannot be read: no such file or folder.", undefined);
  return found.isDirectory() ? openFolder(path, ending) : openArchive(path, ending);
}

function openFolder(path: string, ending: RegExp): PictureFiles {
  const names = readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => name.split(sep).join("/"))
    .filter((name) => ending.test(name))
    .toSorted();
  const placeOf = (name: string) => join(path, name);
  return { names, placeOf, pathOf: placeOf, read: (name) => readBytes(placeOf(name)), close: () => {} };
}

function openArchive(path: string, ending: RegExp): PictureFiles {
  const zip = openZip(path);
  const names = zip.entries.map(({ name }) => name).filter((name) => ending.test(name));
  const placeOf = (name: string) => `${path}: ${name}`;
  const pathOf = (name: string) => {
    throw new FileFormatError(`${placeOf(name)}: is read from a folder alone, not from an archive. Unpack the archive.`);
  };
  return { names: names.toSorted(), placeOf, pathOf, read: zip.read, close: zip.close };
}
