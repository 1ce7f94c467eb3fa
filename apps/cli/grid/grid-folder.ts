// The folder of a grid: what it is over, and one folder a cell with its run and its record.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "#base/config";
import { readText, writeFileAtomically } from "#base/files/disk";
import type { DinoConfig } from "#learn/dino";
import type { TaskResult } from "#learn/tasks";
import { type Cell, cellName } from "./over.ts";

/** What all cells of a grid share: another value makes another grid. */
export interface GridHead {
  readonly format: "suricate-grid-1";
  readonly cropSetSha256: string;
  readonly standardise: boolean;
  readonly config: DinoConfig;
}

/** A cell that is done: trained and probed, or failed with one line. */
export type CellRecord =
  | {
      readonly settings: Readonly<Record<string, string>>;
      readonly outcome: "finished" | "converged";
      readonly epochs: number;
      readonly seconds: number;
      /** Mean loss of the last epoch, and ln K: losses of different numbers of prototypes do not compare. */
      readonly loss: number;
      readonly lnK: number;
      readonly embeddingSpread: number;
      /** Counts of the training crops that the probe keeps for judging; null where the set has no counts. */
      readonly probe: TaskResult | null;
    }
  | { readonly settings: Readonly<Record<string, string>>; readonly outcome: "failed"; readonly error: string };

/** Where a cell's things are. */
export interface CellPaths {
  readonly folder: string;
  readonly run: string;
  readonly record: string;
  readonly log: string;
}

export function cellPaths(out: string, cell: Cell): CellPaths {
  const folder = join(out, "cells", cellName(cell));
  return { folder, run: join(folder, "run"), record: join(folder, "cell.json"), log: join(folder, "log.txt") };
}

/** A cell's record; undefined where it is not done. */
export function readCell(out: string, cell: Cell): CellRecord | undefined {
  const { record } = cellPaths(out, cell);
  return existsSync(record) ? (JSON.parse(readText(record)) as CellRecord) : undefined; // written by writeCell alone
}

export function writeCell(out: string, cell: Cell, record: CellRecord): void {
  writeJson(cellPaths(out, cell).record, record);
}

/** Makes a grid's folder, or finds in it the same grid, perhaps over fewer values. Throws ConfigError where it holds another. */
export function openGridFolder(out: string, head: GridHead): void {
  const file = join(out, "settings.json");
  if (existsSync(file)) {
    const before = JSON.parse(readText(file)) as GridHead; // written below
    const changed = (Object.keys(head) as (keyof GridHead)[]).filter(
      (name) => JSON.stringify(before[name]) !== JSON.stringify(head[name]),
    );
    if (changed.length === 0) return;
    throw new ConfigError(
      `--out ${out}: expected a new folder or this grid's own, got a grid with another ${changed.join(", ")}. Choose another --out.`,
    );
  }
  writeJson(file, head);
}

export function writeJson(path: string, value: unknown): void {
  writeFileAtomically(path, new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`));
}
