// Tables and numbers as text for a person.
import type { Estimate } from "#learn/tasks";

/** Three digits; scientific where the number is huge or next to nothing, "-" where there is none. */
export function short(value: number | null): string {
  if (value === null) return "-";
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-3)) return value.toExponential(1);
  return size >= 1000 ? String(Math.round(value)) : value.toPrecision(3);
}

/** "0.212 [0.144, 0.300]". */
export function withInterval({ value, interval }: Estimate): string {
  return interval === null ? short(value) : `${short(value)} [${short(interval[0])}, ${short(interval[1])}]`;
}

/** The first column starts, the others end, at the same place in every row. */
export function alignedRows(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => rows.reduce((most, row) => Math.max(most, row[column]!.length), 0));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
}

/** Without the columns that no row has anything in, as of data quality flags where none was asked for. */
export function withoutEmptyColumns(rows: readonly (readonly string[])[]): string[][] {
  const [, ...body] = rows;
  return rows.map((row) => row.filter((_, column) => body.some((one) => one[column] !== "")));
}
