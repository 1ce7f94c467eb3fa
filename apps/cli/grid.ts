// suricate grid: trains and probes over lists of settings (paper sections 3.1.1 and 3.2); what is done is not done again.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { writeFileAtomically } from "#base/files/disk";
import type { DeviceName } from "#engine/runtime/native";
import type { DinoConfig } from "#learn/dino";
import type { CropSet } from "#sky/survey";
import { openCropSet } from "#sky/survey/disk";
import { collect } from "./collect.ts";
import { deviceOption } from "./device-option.ts";
import { openGridFolder, readCell, writeJson } from "./grid/grid-folder.ts";
import { gridCsv, gridMarkdown, gridRows, seedSummaries } from "./grid/grid-table.ts";
import { type Cell, cellName, GRID_WAYS, type GridWay, gridCells, parseAxis } from "./grid/over.ts";
import { spreadCells } from "./grid/spread.ts";
import { trainCell } from "./grid/train-cell.ts";
import { type Interruption, untilInterrupted } from "./interruption.ts";
import { answer, printJson, progressBar, say } from "./terminal.ts";
import { resolvedConfig, type SettingFlags } from "./train/settings.ts";
import { UsageError } from "./usage-error.ts";
import { countFrom0, positiveInteger } from "./whole-number.ts";

interface GridFlags extends SettingFlags {
  readonly over: readonly string[];
  readonly way: GridWay;
  readonly out: string;
  readonly jobs: number;
  readonly retry: boolean;
  readonly standardise: boolean;
  readonly device: DeviceName;
  readonly threads?: number;
  readonly viewThreads: number;
  readonly json: boolean;
  /** The one cell that this process is for. */
  readonly cell?: string;
}

const EXAMPLES = `
Examples:
  suricate grid crops --preset paper-resnet --set numEpochs=100 --over learningRatePer256=0.01,0.03,0.1 \\
    --over teacherMomentum=0.99,0.996 --out grids/resnet
  suricate grid crops --preset small --way one-at-a-time --over views.rotationProbability=0,1 \\
    --over views.powerLawProbability=0,0.5 --over 'views.localViewArea=[0.05,0.4],[0.2,0.5]' --out grids/views
  suricate grid crops --preset small --over seed=0,1,2 --over batchSize=16,32 --jobs 2 --out grids/seeds

Each cell is a run of its own under cells/, probed on the 30 % of the training crops that its probe keeps for judging (crops set
aside for testing are never looked at, so choose by this table freely). The same command again goes on where it stopped; more
values may be added to its lists. grid.csv, grid.md and grid.json hold the table, each cell's log.txt what it said.`;

/** `suricate grid`. */
export function gridCommand(): Command {
  return new Command("grid")
    .description("Train and probe over lists of settings, and put what came out into one table.")
    .argument("<cropset>", "crop set folder, as prepare or import made it")
    .requiredOption("--over <key=a,b,...>", "a setting and its values; may be repeated", collect)
    .requiredOption("--out <folder>", "folder of the grid: made new, or gone on with")
    .addOption(new Option("--way <name>", "how lists go together").choices([...GRID_WAYS]).default("combinations"))
    .option("--preset <name>", "settings by name, which the grid's are laid over")
    .option("--config <file>", "YAML file of settings, laid over the preset")
    .option("--set <key=value>", "one setting of all cells; may be repeated", collect, [])
    .option("--standardise", "let backbones subtract the training crops' mean and divide by their spread", false)
    .option("--jobs <n>", "cells at a time, each a process of its own", positiveInteger, 1)
    .option("--retry", "train failed cells again", false)
    .addOption(deviceOption())
    .option("--threads <n>", "threads of the device a cell (default: all cores, divided by --jobs)", positiveInteger)
    .option("--view-threads <n>", "worker threads that make views, a cell", countFrom0, 1)
    .option("--json", "print one JSON document on stdout", false)
    .addOption(new Option("--cell <name>", "train this one cell: what --jobs starts").hideHelp())
    .addHelpText("after", EXAMPLES)
    .action(runGrid);
}

interface Grid {
  readonly cropSet: CropSet;
  readonly config: DinoConfig;
  readonly keys: readonly string[];
  readonly cells: readonly Cell[];
  readonly flags: GridFlags;
  readonly interruption: Interruption;
}

async function runGrid(cropSetPath: string, flags: GridFlags): Promise<void> {
  const cropSet = await openCropSet(cropSetPath);
  try {
    const config = resolvedConfig(flags);
    const axes = flags.over.map((text) => parseAxis(text, config));
    const cells = gridCells(axes, flags.way);
    const interruption = untilInterrupted("stopping cells after their step; the same command goes on. Once more stops at once.");
    const grid = { cropSet, config, keys: axes.map(({ key }) => key), cells, flags, interruption };
    try {
      if (flags.cell === undefined) await wholeGrid(grid);
      else await oneCell(grid, flags.cell);
      if (interruption.signal.aborted) process.exitCode = interruption.exitCode();
    } finally {
      interruption.close();
    }
  } finally {
    cropSet.close();
  }
}

async function wholeGrid({ cropSet, config, keys, cells, flags, interruption }: Grid): Promise<void> {
  const { out, standardise, jobs } = flags;
  openGridFolder(out, { format: "suricate-grid-1", cropSetSha256: cropSet.sha256, standardise, config });
  const isDone = (cell: Cell) => {
    const outcome = readCell(out, cell)?.outcome;
    return outcome !== undefined && !(flags.retry && outcome === "failed");
  };
  const waiting = cells.filter((cell) => !isDone(cell));
  say(`${cells.length} cells, ${cells.length - waiting.length} of them done before; ${jobs} at a time.`);
  const bar = progressBar("grid", waiting.length, { unit: "cells" });
  const args = [...process.argv.slice(2), ...(flags.threads === undefined ? threadsOf(jobs) : [])];
  const onCell = (cell: Cell) => {
    bar.advance(1, cellName(cell));
    const record = readCell(out, cell);
    if (record?.outcome === "failed") say(`${cellName(cell)}: failed: ${record.error}`);
  };
  await spreadCells(waiting, { out, jobs, args, signal: interruption.signal, onCell });
  bar.finish();
  reportGrid(cells, keys, flags);
}

/** Every process would take all cores for itself. */
function threadsOf(jobs: number): string[] {
  return ["--threads", String(Math.max(1, Math.floor(availableParallelism() / jobs)))];
}

async function oneCell({ cropSet, config, cells, flags, interruption }: Grid, name: string): Promise<void> {
  const cell = cells.find((one) => cellName(one) === name);
  if (cell === undefined) throw new UsageError(`--cell ${name}: expected a cell of this grid, got none of that name.`);
  await trainCell(cell, { ...flags, cropSet, config, signal: interruption.signal });
}

/** Writes the table of all cells that are done, and shows it. */
function reportGrid(cells: readonly Cell[], keys: readonly string[], { out, json }: GridFlags): void {
  const records = cells.flatMap((cell) => readCell(out, cell) ?? []);
  const rows = gridRows(records);
  const table = gridMarkdown(rows, keys);
  const document = { cells: cells.length, done: records.length, rows, seeds: seedSummaries(rows) };
  writeText(join(out, "grid.csv"), gridCsv(rows, keys));
  writeText(join(out, "grid.md"), table);
  writeJson(join(out, "grid.json"), document);
  if (json) printJson(document);
  else answer([table.trimEnd()]);
  const numFailed = records.filter(({ outcome }) => outcome === "failed").length;
  const failures = numFailed === 0 ? "" : `, ${numFailed} of them failed`;
  say(`${records.length} of ${cells.length} cells are done${failures}: ${join(out, "grid.md")}, ${join(out, "grid.csv")}`);
}

function writeText(path: string, text: string): void {
  writeFileAtomically(path, new TextEncoder().encode(text));
}
