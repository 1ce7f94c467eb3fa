// One cell of a grid: trained, or gone on with, and probed; its failure becomes its record.
import { existsSync, rmSync } from "node:fs";
import type { DeviceName } from "#engine/runtime/native";
import { checkTraining, type DinoConfig } from "#learn/dino";
import { trainDino } from "#learn/dino/native";
import { isRunFolder, openRun, type Run, readRun } from "#learn/runs/disk";
import type { CropSet } from "#sky/survey";
import { newRun } from "../new-run.ts";
import { say } from "../terminal.ts";
import { countProbe } from "../train/count-probe.ts";
import { standardised, withSettings } from "../train/settings.ts";
import { type CellRecord, cellPaths, writeCell } from "./grid-folder.ts";
import { type Cell, cellSettings } from "./over.ts";

export interface CellTraining {
  readonly cropSet: CropSet;
  /** The settings of the grid, which the cell's are laid over. */
  readonly config: DinoConfig;
  readonly standardise: boolean;
  readonly out: string;
  readonly device: DeviceName;
  readonly threads?: number;
  readonly viewThreads: number;
  readonly signal: AbortSignal;
}

/** Trains and probes a cell and writes its record. "interrupted": it is not done, and goes on the next time. */
export async function trainCell(cell: Cell, training: CellTraining): Promise<"done" | "interrupted"> {
  const settings = Object.fromEntries(cell.values);
  try {
    const outcome = await trainedCell(cell, training);
    if (outcome === "interrupted") return "interrupted";
    writeCell(training.out, cell, { settings, ...outcome });
  } catch (error) {
    const line = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
    say(line);
    writeCell(training.out, cell, { settings, outcome: "failed", error: line });
  }
  return "done";
}

type TrainedCell = Omit<Exclude<CellRecord, { outcome: "failed" }>, "settings">;

async function trainedCell(cell: Cell, training: CellTraining): Promise<TrainedCell | "interrupted"> {
  const { cropSet, out, device, threads, viewThreads, signal } = training;
  const config = configOf(cell, training);
  const path = cellPaths(out, cell).run;
  const probe = countProbe(cropSet, config, training);
  const run = openedRun(path, cropSet, config);
  try {
    const { outcome, counters, seconds } = await trainDino({
      cropSet,
      run,
      config,
      device,
      numViewThreads: viewThreads,
      signal,
      onAdvice: say,
      ...(threads === undefined ? {} : { numThreads: threads }),
      ...(probe === undefined ? {} : { probe: probe.run }),
    });
    if (outcome === "interrupted") return outcome;
    const last = readRun(path).metrics.at(-1)!; // a training that is over has a step
    const { loss = Number.NaN, epochLoss = loss, lnK = Number.NaN, embeddingSpread = Number.NaN } = last;
    const result = (await probe?.evaluateRun(path)) ?? null;
    return { outcome, epochs: counters.epoch, seconds, loss: epochLoss, lnK, embeddingSpread, probe: result };
  } finally {
    run.close();
  }
}

function configOf(cell: Cell, { cropSet, config, standardise }: CellTraining): DinoConfig {
  const settings = withSettings(config, cellSettings(cell));
  const { rows } = checkTraining(cropSet, settings);
  return standardise ? standardised(settings, cropSet, rows) : settings;
}

/** The cell's run, new or begun before. A folder that a killed process left without a run is made anew. */
function openedRun(path: string, cropSet: CropSet, config: DinoConfig): Run {
  if (isRunFolder(path)) return openRun(path, { onWarning: say });
  if (existsSync(path)) rmSync(path, { recursive: true });
  return newRun(path, cropSet, config);
}
