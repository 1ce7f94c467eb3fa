// suricate evaluate cka: how alike two backbones see the same crops.
import { Command } from "commander";
import type { EmbeddingTable } from "#learn/embeddings";
import { readEmbeddings } from "#learn/embeddings/disk";
import { type CkaRecord, evaluateCka } from "#learn/tasks";
import { short, withInterval } from "../text-table.ts";
import { UsageError } from "../usage-error.ts";
import { positiveInteger, seedNumber } from "../whole-number.ts";
import { noteLines } from "./note-lines.ts";
import { type TaskFlags, tellRecord, withRunOptions } from "./task-command.ts";
import { tablesOfSet } from "./two-sets.ts";

interface Flags extends TaskFlags {
  readonly crops: number;
}

const EXAMPLES = `
Examples:
  suricate evaluate cka crops --backbone runs/first --against runs/second
  suricate evaluate cka crops --backbone runs/first@25 --against runs/first@400 --json
  suricate evaluate cka first.parquet second.parquet --out cka.json

1 where the two see the crops alike but for rotation and scale, and what shuffled crops give where they have nothing in common.`;

/** `suricate evaluate cka`. */
export function ckaCommand(): Command {
  const command = new Command("cka")
    .description("Linear centred kernel alignment of two backbones over the same crops.")
    .argument("<data>", "crop set folder, or a Parquet file that embed wrote")
    .argument("[other]", "a Parquet file of the same crops through another backbone")
    .option("--backbone <name>", "the first backbone, for a crop set")
    .option("--against <name>", "the second backbone, for a crop set")
    .option("--crops <n>", "crops at most; of more, as many are drawn", positiveInteger, 2000)
    .option("--seed <n>", "seed of the draws and shuffles", seedNumber, 0);
  return withRunOptions(command).addHelpText("after", EXAMPLES).action(cka);
}

type CkaFlags = Omit<Flags, "against"> & { readonly against?: string };

async function cka(data: string, other: string | undefined, flags: CkaFlags): Promise<void> {
  const [table, second] = await twoTables(data, other, flags);
  const record = evaluateCka({ table, other: second, maxCrops: flags.crops, seed: flags.seed });
  tellRecord(record, { ...flags, against: [] }, () => ckaLines(record));
}

async function twoTables(data: string, other: string | undefined, flags: CkaFlags): Promise<[EmbeddingTable, EmbeddingTable]> {
  if (data.endsWith(".parquet")) {
    if (other === undefined || flags.backbone !== undefined || flags.against !== undefined)
      throw new UsageError(
        "evaluate cka: expected two Parquet files and no backbones, or a crop set with --backbone and --against.",
      );
    return [await readEmbeddings(data), await readEmbeddings(other)];
  }
  if (other !== undefined || flags.backbone === undefined || flags.against === undefined)
    throw new UsageError("evaluate cka: expected a crop set with --backbone and --against, or two Parquet files.");
  const [table, second] = await tablesOfSet(data, { ...flags, against: [flags.against] }, () => []);
  return [table!, second!]; // one a backbone
}

function ckaLines(record: CkaRecord): string[] {
  const { cropSetName, n, backbone, otherBackbone, debiased, floors, intervalUnit } = record;
  const [floor] = floors;
  return [
    `cka of ${backbone} and ${otherBackbone} over ${n} crops of ${cropSetName}:`,
    `linear CKA ${withInterval(record)} by jackknife over groups of ${intervalUnit}s; without bias ${short(debiased)}.`,
    `Shuffled crops: ${withInterval(floor!)}.`,
    ...noteLines(record),
  ];
}
