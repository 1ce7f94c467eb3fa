// A grid as the report shows it, from the grid.json that `suricate grid` left.
import { basename, join } from "node:path";
import { ConfigError } from "#base/config";
import { readText } from "#base/files/disk";
import type { ReportGrid } from "#report";
import type { GridRow } from "../grid/grid-table.ts";

/** A row as JSON holds it: numbers that are none are null. */
type StoredRow = { readonly [Name in keyof GridRow]: GridRow[Name] extends number ? number | null : GridRow[Name] };

/** Reads a grid's table. Throws ConfigError where grid.json is cut short. */
export function gridInput(folder: string): ReportGrid {
  const rows = storedRows(join(folder, "grid.json"));
  const keys = [...new Set(rows.flatMap(({ settings }) => Object.keys(settings)))];
  const number = (value: number | null) => value ?? Number.NaN;
  return {
    name: basename(folder),
    keys,
    rows: rows.map(({ settings, epochs, loss, lnK, error, errorInterval: [low, high], untrainedError, failure }) => ({
      values: keys.map((key) => settings[key] ?? "as is"),
      epochs: number(epochs),
      loss: number(loss),
      lnK: number(lnK),
      error: number(error),
      interval: [number(low), number(high)],
      untrainedError: number(untrainedError),
      failure,
    })),
  };
}

function storedRows(file: string): readonly StoredRow[] {
  try {
    const { rows } = JSON.parse(readText(file)) as { readonly rows?: readonly StoredRow[] };
    if (Array.isArray(rows)) return rows;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ConfigError(
    `${file}: expected the table of a grid, got something else. Run the same grid again: what is done stays.`,
  );
}
