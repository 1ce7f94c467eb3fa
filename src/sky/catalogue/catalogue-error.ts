// The error of everything that reads a catalogue.

/** A catalogue that cannot be read. `file` names it, `line` is the offending line, counted from 1, where there is one. */
export class CatalogueError extends Error {
  override readonly name = "CatalogueError";
  readonly file: string;
  readonly line: number | undefined;

  constructor(message: string, options: { readonly file: string; readonly line?: number; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.file = options.file;
    this.line = options.line;
  }
}
