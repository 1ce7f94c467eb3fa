// Columns as text that other programs read: CSV and VOTable (IVOA 1.4), a group of rows at a time.
import type { ParquetColumn, ParquetType } from "./parquet/columns.ts";

/** What programs of astronomy want to know of a column. */
export interface ColumnNote {
  readonly unit?: string;
  /** IVOA's word for what it is: "pos.eq.ra;meta.main". */
  readonly ucd?: string;
}

/** A form of text: `head`, the rows of any number of groups, `tail`. */
export interface TableText {
  head(columns: readonly ParquetColumn[], notes?: Readonly<Record<string, ColumnNote>>): string;
  rows(columns: readonly ParquetColumn[]): string;
  readonly tail: string;
}

export const COLUMN_TEXTS = {
  /** Null is an empty cell; a list is one cell, its numbers with spaces between. */
  csv: {
    head: (columns) => `${columns.map(({ name }) => csvCell(name)).join(",")}\n`,
    rows: (columns) => rowsOf(columns, (cells) => cells.map(csvCell).join(",")),
    tail: "",
  },
  /** Null is an empty cell, which for numbers is NaN (VOTable 1.4, section 6). */
  votable: {
    head: (columns, notes = {}) =>
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">',
        '<RESOURCE type="results"><TABLE>',
        ...columns.map((column) => fieldOf(column, notes[column.name] ?? {})),
        "<DATA><TABLEDATA>",
        "",
      ].join("\n"),
    rows: (columns) =>
      rowsOf(columns, (cells) => `<TR>${cells.map((cell) => `<TD>${escapeXml(cellText(cell))}</TD>`).join("")}</TR>`),
    tail: "</TABLEDATA></DATA>\n</TABLE></RESOURCE>\n</VOTABLE>\n",
  },
} as const satisfies Readonly<Record<string, TableText>>;

/** A list column whose cells have `length` numbers as that many columns: name_0, name_1, and so on. */
export function spreadColumn({ name, values }: ParquetColumn<"list<float>">, length: number): ParquetColumn<"float">[] {
  return Array.from({ length }, (_, index) => ({
    name: `${name}_${index}`,
    type: "float",
    values: values.map((cell) => cell?.[index] ?? null),
  }));
}

function rowsOf(columns: readonly ParquetColumn[], format: (cells: readonly unknown[]) => string): string {
  const numRows = columns[0]?.values.length ?? 0;
  const lines = Array.from({ length: numRows }, (_, row) => format(columns.map(({ values }) => values[row])));
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  return ArrayBuffer.isView(cell) ? Array.from(cell as Float64Array).join(" ") : String(cell); // lists are typed arrays
}

function csvCell(cell: unknown): string {
  const text = cellText(cell);
  return typeof cell === "string" && /[",\r\n]|^\s|\s$|^#/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const VOTABLE_TYPES: Readonly<Record<ParquetType, string>> = {
  string: 'datatype="unicodeChar" arraysize="*"',
  boolean: 'datatype="boolean"',
  int32: 'datatype="int"',
  int64: 'datatype="long"',
  float: 'datatype="float"',
  double: 'datatype="double"',
  "list<float>": 'datatype="float" arraysize="*"',
  "list<double>": 'datatype="double" arraysize="*"',
};

function fieldOf({ name, type }: ParquetColumn, { unit, ucd }: ColumnNote): string {
  const words = [`name="${escapeXml(name).replaceAll('"', "&quot;")}"`, VOTABLE_TYPES[type]];
  if (unit !== undefined) words.push(`unit="${unit}"`);
  if (ucd !== undefined) words.push(`ucd="${ucd}"`);
  return `<FIELD ${words.join(" ")}/>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Characters that XML 1.0 cannot hold are left out. */
function escapeXml(text: string): string {
  const kept = [...text].filter((character) => character >= " " || "\t\n\r".includes(character)).join("");
  return kept.replace(/[&<>]/g, (sign) => ENTITIES[sign]!);
}
