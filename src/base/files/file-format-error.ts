// The error of bytes that are not what their format says.

/** Bytes do not follow their format. The message names where (a file, a tensor, a column), what was expected and what was found. */
export class FileFormatError extends Error {
  override readonly name = "FileFormatError";
}
