// suricate evaluate: what embeddings are worth for a task, beside floors that know nothing of learning.
import { Argument, Command, Option } from "commander";
import { ConfigError } from "#base/config";
import { writeFileAtomically } from "#base/files/disk";
import { type EmbeddingTable, embedCropSet, floorBackbone } from "#learn/embeddings";
import { readEmbeddings } from "#learn/embeddings/disk";
import { FLOORS } from "#learn/runs";
import { isRunFolder } from "#learn/runs/disk";
import { COUNT_LABELS, type CountLabel, evaluateSourceCount, SPLIT_NAMES, type SplitName, type TaskResult } from "#learn/tasks";
import type { CropSet } from "#sky/survey";
import { openCropSet } from "#sky/survey/disk";
import { deviceOption } from "./device-option.ts";
import { type EmbedFlags, embedWith } from "./embeddings.ts";
import { resultLines } from "./result-lines.ts";
import { printJson, say } from "./terminal.ts";
import { positiveInteger, seedNumber } from "./whole-number.ts";

interface Flags extends EmbedFlags {
  readonly backbone?: string;
  readonly embeddings?: string;
  readonly against: readonly string[];
  readonly label: CountLabel;
  readonly split: SplitName;
  readonly seed: number;
  readonly seeds: number;
  readonly allowSeen: boolean;
  readonly out?: string;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  suricate evaluate source-count crops --backbone runs/first --split field
  suricate evaluate source-count crops --backbone runs/first --against runs/second --out result.json
  suricate evaluate source-count crops --embeddings other-tool.parquet --split own
  suricate evaluate source-count first.parquet --label islandCount

Splits: crop (a random fifth), field (whole fields left out in turn), blocks (blocks of neighbouring crops left out in turn),
own (as the set's makers fixed it). Floors stand beside every backbone: the training mean, a few image statistics, the pixels,
and an untrained backbone of the same shape; a Parquet file alone has no pixels, so only the mean stands beside it.`;

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("Judge embeddings by a task, with intervals and floors.")
    .addArgument(new Argument("<task>", "the task").choices(["source-count"]))
    .argument("<data>", "crop set folder, or a Parquet file that embed wrote")
    .option("--backbone <name>", "RUN, RUN@EPOCH, FILE.safetensors, random:SHAPE[:SEED], pixels, statistics or mean")
    .option("--embeddings <file>", "a Parquet file of embeddings of the crop set, in place of --backbone")
    .option("--against <names...>", "further backbones to stand beside the first", [])
    .addOption(new Option("--label <name>", "the count to predict").choices([...COUNT_LABELS]).default("sourceCount"))
    .addOption(new Option("--split <name>", "which crops are test crops").choices([...SPLIT_NAMES]).default("crop"))
    .option("--seed <n>", "seed of the split and of the bootstrap", seedNumber, 0)
    .option("--seeds <n>", "how many seeds the sgd probe is run with", positiveInteger, 3)
    .option("--allow-seen", "accept test crops that pre-training has seen, and note it in the result", false)
    .option("--batch <crops>", "crops in one pass", positiveInteger, 32)
    .addOption(deviceOption())
    .option("--threads <n>", "threads of the device (default: all cores)", positiveInteger)
    .option("--out <file>", "JSON file to write the result to")
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(evaluate);
}

async function evaluate(_task: string, data: string, flags: Flags): Promise<void> {
  const [table, ...floors] = data.endsWith(".parquet") ? await tablesOfFile(data, flags) : await tablesOfCropSet(data, flags);
  const result = evaluateSourceCount({
    table: table!,
    floors,
    label: flags.label,
    split: flags.split,
    splitSeed: flags.seed,
    probeSeeds: Array.from({ length: flags.seeds }, (_, seed) => seed),
    seenTestRows: flags.allowSeen ? "report" : "refuse",
  });
  if (flags.out !== undefined) writeResult(flags.out, result);
  if (flags.json) printJson(result);
  else for (const line of resultLines(result)) say(line);
}

/** The file's table and, since it has no pixels, the mean alone beside it. */
async function tablesOfFile(file: string, flags: Flags): Promise<EmbeddingTable[]> {
  if (flags.backbone !== undefined || flags.embeddings !== undefined || flags.against.length > 0) {
    throw new ConfigError(
      `evaluate ${file}: its embeddings are made already. To compare backbones give the crop set's folder instead.`,
    );
  }
  const table = await readEmbeddings(file);
  const mean = { ...table, backbone: "mean", dim: 1, seenIds: [], embeddings: new Float32Array(table.records.length).fill(1) };
  return [table, mean];
}

/** The table in question, then the floors, then the backbones of --against. */
async function tablesOfCropSet(folder: string, flags: Flags): Promise<EmbeddingTable[]> {
  if ((flags.backbone === undefined) === (flags.embeddings === undefined)) {
    throw new ConfigError("evaluate: expected one of --backbone and --embeddings.");
  }
  const cropSet = await openCropSet(folder);
  try {
    const table =
      flags.embeddings !== undefined ? await readEmbeddings(flags.embeddings) : await embedWith(cropSet, flags.backbone!, flags);
    const floors = FLOORS.filter((floor) => floor !== table.backbone);
    const tables = [table];
    for (const floor of floors) tables.push(await embedFloor(cropSet, floor, flags));
    for (const name of [...untrainedLike(table.backbone), ...flags.against]) tables.push(await embedWith(cropSet, name, flags));
    return tables;
  } finally {
    cropSet.close();
  }
}

async function embedFloor(cropSet: CropSet, floor: (typeof FLOORS)[number], { batch }: Flags): Promise<EmbeddingTable> {
  return embedCropSet(cropSet, floorBackbone(floor, cropSet.info.cropSize), { batchSize: batch });
}

/** The untrained backbone of the same shape, for a backbone that is a run's. Of others --against random:SHAPE tells the shape. */
function untrainedLike(backbone: string): string[] {
  const path = backbone.replace(/@\d+$/, "");
  return isRunFolder(path) ? [`random:${path}:0`] : [];
}

function writeResult(path: string, result: TaskResult): void {
  writeFileAtomically(path, new TextEncoder().encode(`${JSON.stringify(result, null, 2)}\n`));
}
