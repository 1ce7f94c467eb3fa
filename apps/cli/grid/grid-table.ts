// What a grid found, as a table: one row a cell, best first, and means over seeds of training where there are several.
import type { TaskResult } from "#learn/tasks";
import type { CellRecord } from "./grid-folder.ts";

/** A cell in numbers. NaN: no such value. */
export interface GridRow {
  readonly settings: Readonly<Record<string, string>>;
  readonly outcome: CellRecord["outcome"];
  readonly epochs: number;
  readonly loss: number;
  readonly lnK: number;
  readonly error: number;
  readonly errorInterval: readonly [number, number];
  /** The same probe on an untrained network of the cell's shape; less it, paired over the same crops. */
  readonly untrainedError: number;
  readonly gain: number;
  readonly gainInterval: readonly [number, number];
  /** Of a failed cell. */
  readonly failure: string;
}

const NOTHING = [Number.NaN, Number.NaN] as const;

/** Rows in the order of the probe's error; cells without one behind, failed ones last. */
export function gridRows(records: readonly CellRecord[]): readonly GridRow[] {
  const rank = ({ outcome, error }: GridRow) => (outcome === "failed" ? 2 : Number.isNaN(error) ? 1 : 0);
  return records.map(rowOf).toSorted((a, b) => rank(a) - rank(b) || (rank(a) === 0 ? a.error - b.error : a.loss - b.loss || 0));
}

function rowOf(record: CellRecord): GridRow {
  const { settings, outcome } = record;
  if (record.outcome === "failed") {
    const none = { epochs: Number.NaN, loss: Number.NaN, lnK: Number.NaN, failure: record.error };
    return { settings, outcome, ...none, ...probeNumbers(null) };
  }
  const { epochs, loss, lnK, probe } = record;
  return { settings, outcome, epochs, loss, lnK, ...probeNumbers(probe), failure: "" };
}

function probeNumbers(probe: TaskResult | null) {
  const [untrained] = probe?.floors ?? [];
  const [comparison] = probe?.comparisons ?? [];
  return {
    error: probe?.value ?? Number.NaN,
    errorInterval: probe?.interval ?? NOTHING,
    untrainedError: untrained?.value ?? Number.NaN,
    gain: comparison?.difference ?? Number.NaN,
    gainInterval: comparison?.interval ?? NOTHING,
  };
}

/** Cells that differ in their seed alone, together. */
export interface SeedSummary {
  readonly settings: Readonly<Record<string, string>>;
  readonly numSeeds: number;
  readonly meanError: number;
  /** Standard deviation over seeds of training. */
  readonly deviation: number;
}

/** Means over seeds, best first; none where no settings were trained with several seeds. */
export function seedSummaries(rows: readonly GridRow[]): readonly SeedSummary[] {
  const groups = new Map<string, GridRow[]>();
  for (const row of rows) {
    if (!Number.isFinite(row.error) || row.settings["seed"] === undefined) continue;
    const { seed: _, ...others } = row.settings;
    const key = JSON.stringify(others);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups]
    .filter(([, members]) => members.length > 1)
    .map(([key, members]) => {
      const errors = members.map(({ error }) => error);
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      const variance = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / (errors.length - 1);
      const settings = JSON.parse(key) as Record<string, string>; // made above
      return { settings, numSeeds: errors.length, meanError: mean, deviation: Math.sqrt(variance) };
    })
    .toSorted((a, b) => a.meanError - b.meanError);
}

/** RFC 4180: settings, then numbers in full. */
export function gridCsv(rows: readonly GridRow[], keys: readonly string[]): string {
  const names = [
    "outcome",
    "epochs",
    "loss",
    "lnK",
    "meanSquaredError",
    "low",
    "high",
    "untrained",
    "gain",
    "gainLow",
    "gainHigh",
  ];
  const number = (value: number) => (Number.isFinite(value) ? String(value) : "");
  const lines = rows.map((row) => [
    ...keys.map((key) => row.settings[key] ?? ""),
    row.outcome,
    ...[row.epochs, row.loss, row.lnK, row.error, ...row.errorInterval, row.untrainedError, row.gain, ...row.gainInterval].map(
      number,
    ),
    row.failure,
  ]);
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [[...keys, ...names, "failure"], ...lines].map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

/** The table for a person. */
export function gridMarkdown(rows: readonly GridRow[], keys: readonly string[]): string {
  const head = [...keys, "epochs", "loss", "ln K", "MSE [95 %]", "untrained", "trained less untrained [95 %]", ""];
  const lines = rows.map((row) => [
    ...keys.map((key) => row.settings[key] ?? "as is"),
    row.outcome === "failed" ? "" : String(row.epochs),
    short(row.loss),
    short(row.lnK),
    withInterval(row.error, row.errorInterval),
    short(row.untrainedError),
    withInterval(row.gain, row.gainInterval),
    row.outcome === "failed" ? `failed: ${row.failure}` : row.outcome === "converged" ? "converged" : "",
  ]);
  return [...markdownRows([head, ...lines], keys.length), ...seedLines(rows)].join("\n").concat("\n");
}

function seedLines(rows: readonly GridRow[]): string[] {
  const summaries = seedSummaries(rows);
  if (summaries.length === 0) return [];
  const keys = Object.keys(summaries[0]!.settings);
  const lines = summaries.map(({ settings, numSeeds, meanError, deviation }) => [
    ...keys.map((key) => settings[key]!),
    String(numSeeds),
    `${short(meanError)} ± ${short(deviation)}`,
  ]);
  const head = [...keys, "seeds of training", "MSE, mean ± standard deviation over seeds"];
  return ["", ...markdownRows([head, ...lines], keys.length)];
}

function markdownRows([head, ...lines]: readonly (readonly string[])[], numKeys: number): string[] {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = head!.map((_, column) => (column < numKeys ? "---" : "---:")); // the rows' first is their head
  return [row(head!), row(rule), ...lines.map(row)];
}

function withInterval(value: number, [low, high]: readonly [number, number]): string {
  return Number.isFinite(value) ? `${short(value)} [${short(low)}, ${short(high)}]` : "";
}

function short(value: number): string {
  if (!Number.isFinite(value)) return "";
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
