// suricate evaluate source-count: how well embeddings predict the number of sources in a crop (paper section 4.1).
import { type Command, Option } from "commander";
import { floorBackbone } from "#learn/embeddings";
import { COUNT_LABELS, type CountLabel, evaluateSourceCount, SPLIT_NAMES, type SplitName } from "#learn/tasks";
import { resultLines } from "../result-lines.ts";
import { positiveInteger } from "../whole-number.ts";
import { seenTestRows, type TaskFlags, taskCommand, tellRecord } from "./task-command.ts";
import { type TaskFloors, taskTables } from "./task-tables.ts";

interface Flags extends TaskFlags {
  readonly label: CountLabel;
  readonly split: SplitName;
  readonly seeds: number;
}

const EXAMPLES = `  suricate evaluate source-count crops --backbone runs/first --split field
  suricate evaluate source-count crops --backbone runs/first --against runs/second --out result.json
  suricate evaluate source-count crops --embeddings other-tool.parquet --split own
  suricate evaluate source-count first.parquet --label islandCount

Splits: crop (a random fifth), field (whole fields left out in turn), blocks (blocks of neighbouring crops left out in turn),
own (as the set's makers fixed it). Floors stand beside every backbone: the training mean, a few image statistics, the pixels,
and an untrained backbone of the same shape; a Parquet file alone has no pixels, so only the mean stands beside it.`;

const FLOORS: TaskFloors = {
  constant: "mean",
  ofPictures: (cropSize) => [floorBackbone("statistics", cropSize), floorBackbone("pixels", cropSize)],
  numUntrained: 1,
};

export function sourceCountCommand(): Command {
  return taskCommand("source-count", "How well embeddings predict the number of sources in a crop.", EXAMPLES)
    .addOption(new Option("--label <name>", "the count to predict").choices([...COUNT_LABELS]).default("sourceCount"))
    .addOption(new Option("--split <name>", "which crops are test crops").choices([...SPLIT_NAMES]).default("crop"))
    .option("--seeds <n>", "how many seeds the sgd probe is run with", positiveInteger, 3)
    .action(evaluate);
}

async function evaluate(data: string | undefined, flags: Flags): Promise<void> {
  const { table, floors } = await taskTables(data, flags, FLOORS);
  const record = evaluateSourceCount({
    table,
    floors,
    label: flags.label,
    split: flags.split,
    splitSeed: flags.seed,
    probeSeeds: Array.from({ length: flags.seeds }, (_, seed) => seed),
    seenTestRows: seenTestRows(flags),
  });
  tellRecord(record, flags, () => resultLines(record));
}
