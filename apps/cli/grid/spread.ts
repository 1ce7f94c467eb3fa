// The cells of a grid as processes of their own, so many at a time: one that dies takes no other with it.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { makeFolder } from "#base/files/disk";
import { cellPaths, readCell, writeCell } from "./grid-folder.ts";
import { type Cell, cellName } from "./over.ts";

export interface Spreading {
  readonly out: string;
  readonly jobs: number;
  /** The arguments of the grid's own command, to which each process gets its cell's name. */
  readonly args: readonly string[];
  /** Aborted: cells under way are asked to stop, and no other is begun. */
  readonly signal: AbortSignal;
  readonly onCell: (cell: Cell) => void;
}

/** Runs every cell. A process that ends without a record leaves one that says how it ended, unless it was asked to stop. */
export async function spreadCells(cells: readonly Cell[], spreading: Spreading): Promise<void> {
  const waiting = [...cells];
  const worker = async () => {
    for (let cell = waiting.shift(); cell !== undefined && !spreading.signal.aborted; cell = waiting.shift()) {
      await runCell(cell, spreading);
    }
  };
  await Promise.all(Array.from({ length: Math.min(spreading.jobs, cells.length) }, worker));
}

async function runCell(cell: Cell, { out, args, signal, onCell }: Spreading): Promise<void> {
  const { folder, log, record } = cellPaths(out, cell);
  makeFolder(folder);
  // Of a failure that is tried again.
  rmSync(record, { force: true });
  const file = openSync(log, "a");
  try {
    const program = process.argv[1]!; // this very program
    // Detached: Ctrl-C reaches this process alone, which asks each cell once. A second signal would cut it off in its step.
    const child = spawn(process.execPath, [program, ...args, "--cell", cellName(cell)], {
      stdio: ["ignore", file, file],
      detached: true,
    });
    const end = await endOf(child, signal);
    if (readCell(out, cell) === undefined && !signal.aborted) {
      const settings = Object.fromEntries(cell.values);
      writeCell(out, cell, {
        settings,
        outcome: "failed",
        error: `its process ended with ${end}. Its last words are in ${log}.`,
      });
    }
    if (readCell(out, cell) !== undefined) onCell(cell);
  } finally {
    closeSync(file);
  }
}

/** "exit code 1", "signal SIGKILL". */
function endOf(child: ChildProcess, signal: AbortSignal): Promise<string> {
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop);
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(`the error "${error.message}"`));
    child.on("close", (code, name) => {
      signal.removeEventListener("abort", stop);
      resolve(name === null ? `exit code ${code}` : `signal ${name}`);
    });
  });
}
