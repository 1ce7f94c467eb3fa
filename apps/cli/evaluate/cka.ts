// suricate evaluate cka: how alike two backbones see the same crops.
import { Command } from "commander";
import { alignedTo } from "#learn/embeddings";
import { isEmbeddingFile, readEmbeddingTable } from "#learn/embeddings/disk";
import { type CkaRecord, evaluateCka } from "#learn/tasks";
import { DATA_HELP, foreignChoice, withForeignOptions } from "../foreign-options.ts";
import { short, withInterval } from "../text-table.ts";
import { UsageError } from "../usage-error.ts";
import { positiveInteger, seedNumber } from "../whole-number.ts";
import { noteLines } from "./note-lines.ts";
import { type TaskFlags, tellRecord, withNotes, withRunOptions } from "./task-command.ts";
import { type SetTables, tablesOfSet } from "./two-sets.ts";

interface Flags extends TaskFlags {
  readonly crops: number;
}

const EXAMPLES = `
Examples:
  suricate evaluate cka crops --backbone runs/first --against runs/second
  suricate evaluate cka crops --backbone runs/first@25 --against runs/first@400 --json
  suricate evaluate cka first.parquet second.parquet --out cka.json
  suricate evaluate cka crops --backbone runs/first --against byol.npy --by-row

1 where the two see the crops alike but for rotation and scale, and what shuffled crops give where they have nothing in common.`;

/** `suricate evaluate cka`. */
export function ckaCommand(): Command {
  const command = new Command("cka")
    .description("Linear centred kernel alignment of two backbones over the same crops.")
    .argument("<data>", DATA_HELP)
    .argument("[other]", "a file of embeddings of the same crops through another backbone")
    .option("--backbone <name>", "the first backbone, for a crop set")
    .option("--embeddings <file>", "a file of embeddings of the crop set, in place of --backbone")
    .option("--against <name>", "the second backbone, or a file of embeddings, for a crop set")
    .option("--crops <n>", "crops at most; of more, as many are drawn", positiveInteger, 2000)
    .option("--seed <n>", "seed of the draws and shuffles", seedNumber, 0);
  return withRunOptions(withForeignOptions(command)).addHelpText("after", EXAMPLES).action(cka);
}

type CkaFlags = Omit<Flags, "against"> & { readonly against?: string };

async function cka(data: string, other: string | undefined, flags: CkaFlags): Promise<void> {
  const { tables, notes } = await twoTables(data, other, flags);
  const [table, second] = tables;
  const record = withNotes(evaluateCka({ table: table!, other: second!, maxCrops: flags.crops, seed: flags.seed }), notes); // two
  tellRecord(record, flags, () => ckaLines(record));
}

async function twoTables(data: string, other: string | undefined, flags: CkaFlags): Promise<SetTables> {
  const { backbone, embeddings, against } = flags;
  if (isEmbeddingFile(data)) {
    if (other === undefined || backbone !== undefined || embeddings !== undefined || against !== undefined)
      throw new UsageError(
        "evaluate cka: expected two files of embeddings and no backbones, or a crop set with --backbone and --against.",
      );
    const choice = foreignChoice("evaluate cka", flags);
    const [first, second] = [await readEmbeddingTable(data, choice), await readEmbeddingTable(other, choice)];
    return {
      tables: [first.table, alignedTo(first.table, second.table, choice.joinBy)],
      notes: [...first.notes, ...second.notes],
    };
  }
  if (other !== undefined || against === undefined)
    throw new UsageError(
      "evaluate cka: expected a crop set with --backbone or --embeddings, and --against, or two files of embeddings.",
    );
  return tablesOfSet("evaluate cka", data, { ...flags, against: [against] }, () => []);
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
