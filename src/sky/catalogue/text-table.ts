// Text with named columns: CSV, tabs or spaces, with the names in the first line or in a "#" comment above the data.
import { CatalogueError } from "./catalogue-error.ts";

/** A row: its cells without surrounding spaces and quotes, and its line in the file, counted from 1. */
export interface TextRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Column names as written, and the rows, each with at least as many cells as there are columns. */
export interface TextTable {
  readonly columns: readonly string[];
  readonly rows: readonly TextRow[];
}

type SplitLine = (line: string) => readonly string[];

/**
 * Parse a table. `isHeader` tells a line of names from a comment or a row. Throws CatalogueError, beginning with `where`, for
 * an empty text and for a row with fewer cells than there are columns.
 */
export function parseTextTable(text: string, where: string, isHeader: (names: readonly string[]) => boolean): TextTable {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const first = lines.findIndex((line) => !isCommentOrBlank(line));
  const comments = lines.slice(0, first < 0 ? lines.length : first).filter((line) => line.trim() !== "");
  const commentNames = comments.map(namesInComment).findLast(isHeader);
  if (first < 0) {
    if (commentNames) return { columns: commentNames, rows: [] };
    throw new CatalogueError(
      `${where}: the catalogue is empty: expected a line of column names, got ${text.length} characters without one.`,
      {
        file: where,
      },
    );
  }
  const firstLine = lines[first]!;
  const split = splitterFor(firstLine);
  const firstCells = split(firstLine);
  // A comment may name RA and Dec in passing: names in the first line of data go before.
  const hasCommentNames = commentNames !== undefined && !isHeader(firstCells);
  const columns = hasCommentNames ? commentNames : firstCells;
  const rows = lines.flatMap((line, index) => {
    if (index < first || (index === first && !hasCommentNames) || isCommentOrBlank(line)) return [];
    const cells = split(line);
    if (cells.length < columns.length) throw shortRow(where, index + 1, columns.length, cells.length);
    return [{ line: index + 1, cells }];
  });
  return { columns, rows };
}

function isCommentOrBlank(line: string): boolean {
  return /^\s*(#|$)/.test(line);
}

function namesInComment(line: string): readonly string[] {
  const names = line.replace(/^\s*#+\s*/, "");
  return splitterFor(names)(names);
}

function shortRow(where: string, line: number, expected: number, got: number): CatalogueError {
  return new CatalogueError(
    `${where}: line ${line}: expected ${expected} values, as there are columns, got ${got}. The file may be cut short.`,
    {
      file: where,
      line,
    },
  );
}

function splitterFor(line: string): SplitLine {
  const unquoted = line.replaceAll(/"[^"]*"/g, "");
  const separator = ["\t", ",", ";", "|"].find((character) => unquoted.includes(character));
  return separator === undefined ? splitAtSpaces : (text) => splitAt(text, separator);
}

function splitAtSpaces(line: string): readonly string[] {
  return (line.match(/"[^"]*"|\S+/g) ?? []).map((cell) => cell.replace(/^"(.*)"$/, "$1"));
}

function splitAt(line: string, separator: string): readonly string[] {
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim());
  // Quoted cells may hold the separator; "" inside quotes is one quote (RFC 4180).
  const cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let index = 0; index < line.length; index++) {
    const character = line[index]!;
    if (character === '"' && isQuoted && line[index + 1] === '"') {
      cell += '"';
      index += 1;
    } else if (character === '"') {
      isQuoted = !isQuoted;
    } else if (character === separator && !isQuoted) {
      cells.push(cell.trim());
      cell = "";
    } else {
      cell += character;
    }
  }
  return [...cells, cell.trim()];
}
