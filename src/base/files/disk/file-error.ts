// What the operating system says about a file, in words.

/** A file could not be read or written. `path` names it, `cause` is the operating system's error. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly path: string;
  /** The message without the path. */
  readonly reason: string;

  constructor(path: string, reason: string, cause: unknown) {
    super(`${path}: ${reason}`, { cause });
    this.path = path;
    this.reason = reason;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  EEXIST: "a file is in the way",
  EISDIR: "it is a folder",
  ENOTDIR: "part of the path is not a folder",
  EMFILE: "too many open files",
  EIO: "the disk reports an error",
};

/** The operating system's code of an error ("ENOENT"), if it has one. */
export function errorCode(cause: unknown): string | undefined {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : undefined;
}

function reasonOf(cause: unknown): string {
  return REASONS[errorCode(cause) ?? ""] ?? (cause instanceof Error ? cause.message : String(cause));
}

/** The error of a read that failed. */
export function readFailure(path: string, cause: unknown): FileError {
  return new FileError(path, `cannot be read: ${reasonOf(cause)}.`, cause);
}

/** The error of a write that failed after `numBytes` bytes; the unfinished file is gone by then. */
export function writeFailure(path: string, numBytes: number, cause: unknown): FileError {
  const code = errorCode(cause);
  if (code === "ENOSPC" || code === "EDQUOT") {
    const full = code === "ENOSPC" ? "the disk is full" : "the disk quota is used up";
    return new FileError(
      path,
      `${full} after ${numBytes} bytes. Free space or choose another --out. Nothing was written.`,
      cause,
    );
  }
  return new FileError(path, `cannot be written: ${reasonOf(cause)}.`, cause);
}
