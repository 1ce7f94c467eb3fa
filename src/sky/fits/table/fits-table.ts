// A table as it is used: columns of values, whether they stood in a binary or an ASCII table.
import type { FitsHeader } from "../header.ts";

/**
 * The values of a column, row after row, physical (TSCALn and TZEROn applied). Numbers without a value are NaN, others null. Complex
 * numbers are pairs of a real and an imaginary part. 64-bit integers are exact.
 */
export type ColumnData =
  | { readonly kind: "number"; readonly values: Float64Array }
  | { readonly kind: "integer"; readonly values: readonly (bigint | null)[] }
  | { readonly kind: "complex"; readonly values: Float64Array }
  | { readonly kind: "bit"; readonly values: Uint8Array }
  | { readonly kind: "boolean"; readonly values: readonly (boolean | null)[] }
  | { readonly kind: "text"; readonly values: readonly string[] };

/** A column of a table. */
export interface FitsColumn {
  readonly name: string;
  /** TUNITn. */
  readonly unit: string | undefined;
  /** Values of each row (a complex number is two); undefined for arrays of varying length. */
  readonly numPerRow: number | undefined;
  /** For arrays of varying length: where each row's values begin in `data`, and where the last one's end. */
  readonly starts: Float64Array | undefined;
  /** TDIMn: the axes of a cell, fastest first; of text without the length of a string. */
  readonly dimensions: readonly number[] | undefined;
  readonly data: ColumnData;
}

/** A table, or those of its columns that were asked for. */
export interface FitsTable {
  readonly numRows: number;
  readonly columns: readonly FitsColumn[];
  readonly header: FitsHeader;
  /** The unit of the file that it is in, counted from 0. */
  readonly hdu: number;
  readonly warnings: readonly string[];
}

/** One value of a cell. */
export type CellValue = number | bigint | boolean | string | null;

/** What stands in a cell: a value, or an array of them where the column holds any other number than one. */
export function cellAt(column: FitsColumn, row: number): CellValue | readonly CellValue[] {
  const { numPerRow, starts, data } = column;
  const start = starts ? starts[row]! : row * numPerRow!;
  const end = starts ? starts[row + 1]! : start + numPerRow!;
  if (numPerRow === 1) return data.values[start]!;
  return Array.from({ length: end - start }, (_, index) => data.values[start + index]!);
}
