// Folders that appear whole or not at all: filled under a temporary name beside the final one, then renamed.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Durability, syncFolder } from "./atomic-file.ts";
import { FileError, writeFailure } from "./file-error.ts";
import { isAlive, takeLock } from "./lock-file.ts";
import { makeFolder } from "./make-folder.ts";
import { holdTemporary, releaseTemporary } from "./temporaries.ts";

/**
 * Fills a new folder and gives it its name at the end; a folder of that name is replaced. `fill` gets the temporary path.
 * When `fill` throws, the temporary folder is removed and what was there stays. A temporary folder left by a process that
 * was killed is removed the next time that the same folder is written.
 */
export async function writeFolderAtomically<T>(
  path: string,
  fill: (temporary: string) => T | Promise<T>,
  durability: Durability = "fsync",
): Promise<T> {
  const { parent, name } = splitPath(path);
  makeFolder(parent);
  removeStale(parent, name);
  const temporary = join(parent, `.${name}.tmp-${process.pid}`);
  makeTemporary(path, temporary);
  holdTemporary(temporary);
  try {
    const result = await fill(temporary);
    replaceFolder(join(parent, name), temporary, durability);
    return result;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw namedAfter(path, temporary, error);
  } finally {
    releaseTemporary(temporary);
  }
}

/** How a folder is filled by one process after another, until one finishes it. */
export interface ContinuedFolder<T> {
  /** Gets the unfinished folder, with what an earlier process left in it. */
  readonly fill: (unfinished: string) => Promise<T>;
  /** Whether what was filled is worth keeping for the next process, after this error. */
  readonly isKept: (error: unknown) => boolean;
  readonly durability?: Durability;
}

const LOCK_FILE = "process";

/**
 * As `writeFolderAtomically`, but the unfinished folder, `.NAME.unfinished`, outlives a process that is killed: the next one goes on
 * with it. Throws FileError where another process is at it.
 */
export async function continueFolderAtomically<T>(
  path: string,
  { fill, isKept, durability = "fsync" }: ContinuedFolder<T>,
): Promise<T> {
  const { parent, name } = splitPath(path);
  makeFolder(parent);
  removeStale(parent, name);
  const unfinished = join(parent, `.${name}.unfinished`);
  if (!existsSync(unfinished)) makeTemporary(path, unfinished);
  const lock = takeLock(join(unfinished, LOCK_FILE), path);
  try {
    const result = await fill(unfinished);
    lock.release();
    replaceFolder(join(parent, name), unfinished, durability);
    return result;
  } catch (error) {
    lock.release();
    if (!isKept(error)) rmSync(unfinished, { recursive: true, force: true });
    throw namedAfter(path, unfinished, error);
  }
}

/** A file's error under the name that the user knows: the temporary folder is gone. */
function namedAfter(path: string, temporary: string, error: unknown): unknown {
  if (!(error instanceof FileError && error.path.startsWith(temporary))) return error;
  return new FileError(path + error.path.slice(temporary.length), error.reason, error.cause);
}

function splitPath(path: string): { readonly parent: string; readonly name: string } {
  const full = resolve(path);
  return { parent: dirname(full), name: basename(full) };
}

function makeTemporary(path: string, temporary: string): void {
  try {
    mkdirSync(temporary);
  } catch (cause) {
    throw writeFailure(path, 0, cause);
  }
}

/** No system call swaps two folders everywhere: the old one steps aside first, and comes back if the process dies in between. */
function replaceFolder(path: string, temporary: string, durability: Durability): void {
  const aside = join(dirname(path), `.${basename(path)}.old-${process.pid}`);
  try {
    if (existsSync(path)) renameSync(path, aside);
    renameSync(temporary, path);
    if (durability === "fsync") syncFolder(dirname(path));
  } catch (cause) {
    if (existsSync(aside) && !existsSync(path)) renameSync(aside, path);
    throw writeFailure(path, 0, cause);
  }
  rmSync(aside, { recursive: true, force: true });
}

/** Clears what dead processes left beside `name`, and brings back a folder that one of them had set aside. */
function removeStale(parent: string, name: string): void {
  for (const entry of readdirSync(parent)) {
    const [, kind, pid] = entry.startsWith(`.${name}.`) ? (/\.(tmp|old)-(\d+)$/.exec(entry) ?? []) : [];
    if (kind === undefined || entry !== `.${name}.${kind}-${pid}` || isOtherProcess(Number(pid))) continue;
    if (kind === "old" && !existsSync(join(parent, name))) renameSync(join(parent, entry), join(parent, name));
    else rmSync(join(parent, entry), { recursive: true, force: true });
  }
}

/** Whether another process of this number is alive. */
function isOtherProcess(pid: number): boolean {
  return pid !== process.pid && isAlive(pid);
}
