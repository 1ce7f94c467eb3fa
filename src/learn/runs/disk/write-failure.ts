// What a run under way says when the disk refuses it.
import { FileError } from "#base/files/disk";

/** The error of a file of a run that could not be written; what was whole before stays so. */
export function runWriteFailure(path: string, error: unknown): FileError {
  const cause = error instanceof FileError ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    const full = code === "ENOSPC" ? "the disk is full" : "the disk quota is used up";
    return new FileError(path, `${full}. Free space, then --resume: the run goes on from its last checkpoint.`, cause);
  }
  if (error instanceof FileError) return error;
  return new FileError(path, `cannot be written: ${cause instanceof Error ? cause.message : cause}.`, cause);
}
