// A benchmark's result as a small table for the terminal.
import type { BenchResult } from "./harness.ts";

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

/** Lines of text: one row a contestant with its median, its ratio to Suricate and its greatest memory; notes below. */
export function formatResult(result: BenchResult): string {
  const row = (name: string, median: number, ratio: number, memory: number) => [
    name,
    `${median.toPrecision(4)} ${result.unit}`,
    `${ratio.toFixed(2)}x`,
    gigabytes(memory),
  ];
  const rows = [
    [result.name, "median", "/ Suricate", "peak memory"],
    row("Suricate", result.suricate, 1, result.memory.suricate),
    row(result.peerName, result.peer, result.ratio, result.memory.peer),
    ...(result.others ?? []).map((other) => row(other.name, other.median, other.ratio, other.memory)),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const lines = rows.map((cells) => cells.map((cell, column) => pad(cell, widths[column]!, column)).join("  "));
  const peak =
    result.peak === undefined
      ? []
      : [`Suricate reaches ${(100 * result.peak).toFixed(0)} % of this machine's matrix-product rate.`];
  return [...lines, ...peak, ...(result.notes ?? [])].join("\n");
}

const pad = (cell: string, width: number, column: number): string => (column === 0 ? cell.padEnd(width) : cell.padStart(width));
