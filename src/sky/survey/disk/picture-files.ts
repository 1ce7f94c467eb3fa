// Pictures by name, in a folder and the folders in it, or in a zip or tar archive.
import { readdirSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { gunzipSync } from "node:zlib";
import { FileFormatError, isGzip, parseTar } from "#base/files";
import { FileError, firstBytes, openZip, readBytes } from "#base/files/disk";

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

/** What an archive may be called; what it is its first bytes tell. */
const ARCHIVE = /\.(zip|tar|tgz|tar\.gz)$/i;

/** Archives of labelled sets are below 100 MB; what is unpacked is held in memory. */
const MOST_UNPACKED_BYTES = 2 ** 30;

/**
 * Opens a folder, a zip archive or a tar archive, gzip-compressed or not. Of a folder without such files the archives in it are looked
 * into. Throws FileError for a path that is not there, FileFormatError for a file that is no archive, and where several archives of a
 * folder hold such files.
 */
export function openPictureFiles(path: string, ending: RegExp): PictureFiles {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new FileError(path, "cannot be read: no such file or folder.", undefined);
  if (!found.isDirectory()) return openArchive(path, ending);
  const files = openFolder(path, ending);
  return files.names.length > 0 ? files : (openOnlyArchive(path, ending) ?? files);
}

/** The archive in a folder that holds such files; undefined where none does. */
function openOnlyArchive(folder: string, ending: RegExp): PictureFiles | undefined {
  const archives = readdirSync(folder).filter((name) => ARCHIVE.test(name));
  const holding: { readonly name: string; readonly files: PictureFiles }[] = [];
  for (const name of archives.toSorted()) {
    const files = openArchive(join(folder, name), ending);
    if (files.names.length > 0) holding.push({ name, files });
    else files.close();
  }
  if (holding.length <= 1) return holding[0]?.files;
  for (const { files } of holding) files.close();
  const names = holding.map(({ name }) => name).join(", ");
  throw new FileFormatError(`${folder}: expected one archive of the set, got ${holding.length}: ${names}. Give the path of one.`);
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
  const start = firstBytes(path, 512);
  const isPacked = isGzip(start);
  if (isPacked || new TextDecoder("latin1").decode(start.subarray(257, 262)) === "ustar") return openTar(path, isPacked, ending);
  const { entries, read, close } = openZip(path);
  return archived(path, entries, ending, read, close);
}

function openTar(path: string, isPacked: boolean, ending: RegExp): PictureFiles {
  const stored = readBytes(path);
  const entries = parseTar(isPacked ? unpacked(stored, path) : stored, path);
  const bytesOf = new Map(entries.map(({ name, bytes }) => [name, bytes]));
  return archived(
    path,
    entries,
    ending,
    (name) => bytesOf.get(name)!, // one of the entries
    () => {},
  );
}

function unpacked(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED_BYTES });
  } catch (cause) {
    throw new FileFormatError(`${path}: cannot be unpacked: ${cause instanceof Error ? cause.message : cause}.`, { cause });
  }
}

function archived(
  path: string,
  entries: readonly { readonly name: string }[],
  ending: RegExp,
  read: PictureFiles["read"],
  close: () => void,
): PictureFiles {
  const names = entries.map(({ name }) => name).filter((name) => ending.test(name));
  const placeOf = (name: string) => `${path}: ${name}`;
  const pathOf = (name: string) => {
    throw new FileFormatError(`${placeOf(name)}: is read from a folder alone, not from an archive. Unpack the archive.`);
  };
  return { names: names.toSorted(), placeOf, pathOf, read, close };
}
