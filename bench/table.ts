// A benchmark's result as a small table for the terminal.
import type { BenchResult } from "./harness.ts";

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

/** Lines of text: one row a contestant with its median, its ratio to Suricate and its greatest memory; notes below. */
export function formatResult(result: BenchResult): string {
  const row = ({ name, median, ratio, memory, cpuSeconds }: NonNullable<BenchResult["others"]>[number]) => [
    name,
    `${median.toPrecision(4)} ${result.unit}`,
    `${ratio.toFixed(2)}x`,
    gigabytes(memory),
    `${cpuSeconds.toPrecision(4)} s`,
  ];
  const { memory, cpuSeconds, others = [] } = result;
  const rows = [
    [result.name, "median", "/ Suricate", "peak memory", "processor time"],
    row({
      name: result.suricateName,
      median: result.suricate,
      ratio: 1,
      memory: memory.suricate,
      cpuSeconds: cpuSeconds.suricate,
    }),
    row({ name: result.peerName, median: result.peer, ratio: result.ratio, memory: memory.peer, cpuSeconds: cpuSeconds.peer }),
    ...others.map(row),
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
