// metrics.jsonl: one JSON object a line, appended while training runs.

/** Numbers after `step` optimiser steps. Not-a-number and infinite values are null in the file, NaN when read. */
export interface MetricRecord {
  readonly step: number;
  readonly [name: string]: number;
}

/** One line of metrics.jsonl, with its line end. */
export function formatMetricLine(record: MetricRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/**
 * Reads metrics.jsonl. A last line without its line end is what a killed process leaves: it is left out.
 * Throws SyntaxError, naming `where` and the line, for any other line that is no record.
 */
export function parseMetrics(text: string, where: string): MetricRecord[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .slice(0, -1)
    .map((line, index) => parseMetricLine(line, `${where}: line ${index + 1}`));
}

function parseMetricLine(line: string, where: string): MetricRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new SyntaxError(`${where}: expected a JSON object, got "${line.slice(0, 40)}".`, { cause });
  }
  if (typeof value !== "object" || value === null || typeof (value as { step?: unknown }).step !== "number") {
    throw new SyntaxError(`${where}: expected an object with a step, got "${line.slice(0, 40)}".`);
  }
  const entries = Object.entries(value).map(([name, found]) => [name, typeof found === "number" ? found : Number.NaN]);
  return Object.fromEntries(entries) as unknown as MetricRecord; // `step` was checked above, and all values are numbers
}
