// Lock files: one process at a time writes into a folder, on this computer or on others that share the disk.
import { closeSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { errorCode, FileError, readFailure, writeFailure } from "./file-error.ts";

/** A lock that this process holds until `release`. */
export interface HeldLock {
  /** Throws FileError where another process has taken the lock since, as it may after this one was stopped for long. */
  check(): void;
  release(): void;
}

/** How often a holder shows that it lives: it brings the file's time up to now. */
const BEAT_MS = 15_000;

/** After so long without a beat a holder on another computer, of which nothing else is known, counts as dead. */
const DEAD_ELSEWHERE_MS = 120_000;

/** A holder on this computer is looked up by its number; after so long without a beat, the number is another program's. */
const DEAD_HERE_MS = 1_800_000;

const heldHere = new Set<string>();

/**
 * Takes the lock `file`, on behalf of `path`, which messages name. A holder that is no more loses it. Throws FileError where
 * another process, or this one, holds it.
 */
export function takeLock(file: string, path: string): HeldLock {
  if (heldHere.has(file)) throw heldFailure(path, file, { pid: process.pid, host: hostname() });
  // Twice: the first finds a dead holder and removes its file.
  for (const isLast of [false, true]) {
    if (wroteLock(file, path)) break;
    const owner = liveOwner(file);
    if (owner !== undefined || isLast) throw heldFailure(path, file, owner ?? readOwner(file));
    rmSync(file, { force: true });
  }
  heldHere.add(file);
  return heldLock(file, path);
}

function heldLock(file: string, path: string): HeldLock {
  const beat = setInterval(() => touch(file), BEAT_MS);
  // Alone it keeps no process alive.
  beat.unref();
  return {
    check() {
      const owner = readOwner(file);
      // A file that somebody removed by hand is not held by anybody else.
      if (owner === undefined ? wroteLock(file, path) : isSelf(owner)) return;
      throw new FileError(
        path,
        `was taken over by another process${named(readOwner(file))}. This one writes no more.`,
        undefined,
      );
    },
    release() {
      clearInterval(beat);
      heldHere.delete(file);
      const owner = readOwner(file);
      if (owner !== undefined && isSelf(owner)) rmSync(file, { force: true });
    },
  };
}

interface Owner {
  readonly pid: number;
  readonly host: string;
}

/** Writes the lock unless there is one. */
function wroteLock(file: string, path: string): boolean {
  try {
    const descriptor = openSync(file, "wx");
    try {
      writeSync(descriptor, `${process.pid} ${hostname()}\n`);
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    } finally {
      closeSync(descriptor);
    }
    return true;
  } catch (cause) {
    if (errorCode(cause) === "EEXIST") return false;
    throw writeFailure(path, 0, cause);
  }
}

/** Who is in the file; undefined where there is none. A file without a host was written on this one. */
function readOwner(file: string): Owner | undefined {
  try {
    const [pid = "", host = ""] = readFileSync(file, "utf8").trim().split(" ");
    return { pid: Number(pid), host: host || hostname() };
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw readFailure(file, cause);
  }
}

/** Who holds the lock and, as far as can be known, lives. */
function liveOwner(file: string): Owner | undefined {
  const owner = readOwner(file);
  if (owner === undefined || isSelf(owner)) return undefined;
  const silentMs = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  // Without a number it is a file that is being written just now, or that a power cut emptied.
  if (owner.host !== hostname() || owner.pid === 0) return silentMs < DEAD_ELSEWHERE_MS ? owner : undefined;
  return silentMs < DEAD_HERE_MS && isAlive(owner.pid) ? owner : undefined;
}

function isSelf({ pid, host }: Owner): boolean {
  return pid === process.pid && host === hostname();
}

/** Whether a process of this number is alive on this computer. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/** A disk that is away for a while is met where something is written. */
function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    return;
  }
}

function heldFailure(path: string, file: string, owner: Owner | undefined): FileError {
  const advice = `Wait for it, or remove ${file} if it is something else.`;
  return new FileError(path, `is being written by another process${named(owner)}. ${advice}`, undefined);
}

function named(owner: Owner | undefined): string {
  if (owner === undefined || owner.pid === 0) return "";
  return `, number ${owner.pid}${owner.host === hostname() ? "" : ` on ${owner.host}`}`;
}
