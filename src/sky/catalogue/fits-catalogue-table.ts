// Tables of FITS files as catalogues and as plain rows of text: PyBDSF's .FITS lists, Aegean, VizieR, MGCLS.
import { type CellValue, cellAt, type FitsColumn, type FitsTable } from "#sky/fits";
import type { CatalogueTable } from "./table-sources.ts";
import type { TextTable } from "./text-table.ts";

/** True for the bytes of a FITS file. */
export function isFits(bytes: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(0, 9)) === "SIMPLE  =";
}

/** A FITS table as a catalogue. Columns of arrays are left out: no quantity of a source is one. */
export function fitsCatalogueTable(table: FitsTable): CatalogueTable {
  const columns = table.columns.filter(({ numPerRow }) => numPerRow === 1);
  return {
    headings: columns.map(({ name, unit }) => ({ name, unit })),
    numRows: table.numRows,
    cell: (row, column) => cellOf(columns[column]!, row),
    placeOf: (row) => ({ text: `row ${row + 1}` }),
  };
}

/** A FITS table as rows of text, as if it had been written as CSV; what has no value is empty. */
export function fitsTextTable(table: FitsTable): TextTable {
  const { headings, numRows, cell, placeOf } = fitsCatalogueTable(table);
  return {
    headings,
    // Rows without cells say nothing, and a small file may ask for any number of them.
    rows: Array.from({ length: headings.length === 0 ? 0 : numRows }, (_, row) => ({
      line: placeOf(row).line ?? row + 1,
      cells: headings.map((_, column) => String(cell(row, column) ?? "")),
    })),
  };
}

function cellOf(column: FitsColumn, row: number): string | number | null {
  const value = cellAt(column, row) as CellValue; // columns of one value a row alone are asked
  if (typeof value === "boolean") return value ? "T" : "F";
  if (typeof value === "bigint") return String(value);
  return typeof value === "number" && Number.isNaN(value) ? null : value;
}
