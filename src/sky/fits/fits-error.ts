// The error of everything that reads or writes FITS.

/** A FITS file that cannot be read or written. `file` and `byte` (offset of the trouble in the file) are there where known. */
export class FitsError extends Error {
  override readonly name = "FitsError";
  readonly file: string | undefined;
  readonly byte: number | undefined;

  constructor(message: string, options: { readonly file?: string; readonly byte?: number; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.file = options.file;
    this.byte = options.byte;
  }
}
