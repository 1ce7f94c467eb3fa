// Text with named columns: CSV, tabs or spaces, with the names in the first line or in a comment above the data.
import { CatalogueError } from "./catalogue-error.ts";
import { type ColumnSpan, columnSpans } from "./column-spans.ts";
import type { ColumnHeading } from "./columns.ts";
import { ecsvUnits } from "./ecsv-units.ts";
import { textLines } from "./text-lines.ts";
import { isUnitLine } from "./units.ts";

/** A row: its cells without surrounding spaces and quotes, and its line in the file, counted from 1. */
export interface TextRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Columns as written, and the rows, each with at least as many cells as there are columns. */
export interface TextTable {
  readonly headings: readonly ColumnHeading[];
  readonly rows: readonly TextRow[];
}

/** The same with its rows split as they are asked for: their cells, all at once, take many times the room of the text. */
export interface TextRows {
  readonly headings: readonly ColumnHeading[];
  readonly numRows: number;
  /** The line of a row in the file, counted from 1. */
  lineOf(row: number): number;
  /** Asked again for the same row, it gives the same cells. */
  cellsOf(row: number): readonly string[];
}

/** Names may stand below a preamble without "#" (MIGHTEE: 8 lines). */
const LONGEST_PREAMBLE = 40;

/**
 * Parse a table. `isHeader` tells a line of names from a comment or a row. A line of units below the names, and one of dashes below that, are taken for what they are.
 * Throws CatalogueError, beginning with `where`, for an empty text and for a row with fewer cells than there are columns.
 */
export function parseTextTable(text: string, where: string, isHeader: (names: readonly string[]) => boolean): TextTable {
  const { headings, numRows, lineOf, cellsOf } = textRows(textLines(text), where, isHeader);
  return { headings, rows: Array.from({ length: numRows }, (_, row) => ({ line: lineOf(row), cells: cellsOf(row) })) };
}

/** The same of lines. Throws as `parseTextTable`: all rows have been looked at. */
export function textRows(lines: readonly string[], where: string, isHeader: (names: readonly string[]) => boolean): TextRows {
  const header = findHeader(lines, isHeader);
  if (header === undefined) throw emptyText(where, lines);
  const { names, firstRow, split } = header;
  const unitIndex = firstRow < lines.length && isUnitLine(split(lines[firstRow]!)) ? firstRow : undefined;
  const belowUnits = unitIndex === undefined ? firstRow : unitIndex + 1;
  const start = isRule(split(lines[belowUnits] ?? "")) ? belowUnits + 1 : belowUnits;
  const cellsOf = rowSplitter(lines, header);
  const indices: number[] = [];
  for (let index = start; index < lines.length; index++) {
    const line = lines[index]!;
    if (isCommentOrBlank(line)) continue;
    const { length } = cellsOf(line);
    if (length < names.length) throw shortRow(where, index + 1, names.length, length);
    indices.push(index);
  }
  const units = unitIndex === undefined ? undefined : unitsOf(lines[unitIndex]!, names, cellsOf);
  const ofEcsv = ecsvUnits(lines);
  let last: { readonly row: number; readonly cells: readonly string[] } | undefined;
  return {
    headings: names.map((name, index) => ({ name, unit: units?.[index] ?? ofEcsv.get(name) })),
    numRows: indices.length,
    lineOf: (row) => indices[row]! + 1,
    cellsOf: (row) => {
      if (last?.row !== row) last = { row, cells: cellsOf(lines[indices[row]!]!) };
      return last.cells;
    },
  };
}

/** A line of dashes between names and rows, as VizieR's tab-separated tables have. */
function isRule(cells: readonly string[]): boolean {
  return cells.length > 0 && cells.every((cell) => /^-{2,}$/.test(cell));
}

type SplitLine = (line: string) => readonly string[];

interface Header {
  readonly names: readonly string[];
  readonly nameLine: string;
  /** Index of the first line after the names that is no comment. */
  readonly firstRow: number;
  readonly split: SplitLine;
}

function findHeader(lines: readonly string[], isHeader: (names: readonly string[]) => boolean): Header | undefined {
  const next = (from: number) => {
    const found = lines.findIndex((line, index) => index >= from && !isCommentOrBlank(line));
    return found < 0 ? lines.length : found;
  };
  const first = next(0);
  // A comment may name RA and Dec in passing: names in the first line of data go before.
  const inFirst = headerAt(lines, first);
  const isNamed = inFirst !== undefined && isHeader(inFirst.names);
  if (!isNamed) {
    const commentLine = lines.slice(0, first).findLast((line) => line.trim() !== "" && isHeader(namesInComment(line)));
    if (commentLine !== undefined) {
      const split = splitterFor(lines[first] ?? withoutSign(commentLine));
      return { names: namesInComment(commentLine), nameLine: commentLine.replace("#", " "), firstRow: first, split };
    }
    for (let index = first + 1; index < Math.min(first + LONGEST_PREAMBLE, lines.length); index++) {
      const found = isCommentOrBlank(lines[index]!) ? undefined : headerAt(lines, index);
      if (found !== undefined && isHeader(found.names)) return { ...found, firstRow: next(index + 1) };
    }
  }
  return inFirst === undefined ? undefined : { ...inFirst, firstRow: next(first + 1) };
}

function headerAt(lines: readonly string[], index: number): Omit<Header, "firstRow"> | undefined {
  const nameLine = lines[index];
  if (nameLine === undefined) return undefined;
  const split = splitterFor(nameLine);
  return { names: split(nameLine), nameLine, split };
}

function isCommentOrBlank(line: string): boolean {
  return /^\s*(#|$)/.test(line);
}

const withoutSign = (line: string) => line.replace(/^\s*#+\s*/, "");

function namesInComment(line: string): readonly string[] {
  const names = withoutSign(line);
  return splitterFor(names)(names);
}

/** Splits rows at the separator, or, where that gives another number of cells, by the places where the columns stand below their names. */
function rowSplitter(lines: readonly string[], { names, nameLine, firstRow, split }: Header): SplitLine {
  if (split !== splitAtSpaces) return split;
  let spans: readonly ColumnSpan[] | undefined;
  return (line) => {
    const cells = split(line);
    if (cells.length === names.length) return cells;
    spans ??= columnSpans(
      nameLine,
      lines.slice(firstRow).filter((row) => !isCommentOrBlank(row)),
    );
    return spans.length === names.length ? spans.map(({ from, to }) => line.slice(from, to).trim()) : cells;
  };
}

function unitsOf(line: string, { length }: readonly string[], cellsOf: SplitLine): readonly string[] | undefined {
  const cells = cellsOf(line);
  return cells.length === length ? cells : undefined;
}

function emptyText(where: string, lines: readonly string[]): CatalogueError {
  const numCharacters = lines.reduce((sum, { length }) => sum + length, 0) + lines.length - 1;
  return new CatalogueError(
    `${where}: the catalogue is empty: expected a line of column names, got ${numCharacters} characters without one.`,
    { file: where },
  );
}

function shortRow(where: string, line: number, expected: number, got: number): CatalogueError {
  return new CatalogueError(
    `${where}: line ${line}: expected ${expected} values, as there are columns, got ${got}. The file may be cut short.`,
    { file: where, line },
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
