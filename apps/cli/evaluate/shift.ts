// suricate evaluate shift: how far apart a backbone puts two crop sets.
import { Command } from "commander";
import { floorBackbone } from "#learn/embeddings";
import { isEmbeddingFile } from "#learn/embeddings/disk";
import { evaluateShift, type ShiftEstimate, type ShiftRecord, type ShiftScore, type TablePair } from "#learn/tasks";
import { BACKBONE_HELP } from "../embeddings.ts";
import { DATA_HELP, withForeignOptions } from "../foreign-options.ts";
import { alignedRows, short, withInterval } from "../text-table.ts";
import { UsageError } from "../usage-error.ts";
import { positiveInteger, seedNumber } from "../whole-number.ts";
import { noteLines } from "./note-lines.ts";
import { type TaskFlags, tellRecord, withNotes, withRunOptions } from "./task-command.ts";
import { tablesOfSet } from "./two-sets.ts";

interface Flags extends Omit<TaskFlags, "embeddings"> {
  /** One file for each set. */
  readonly embeddings?: readonly string[];
  readonly components: number;
  readonly crops: number;
  readonly permutations: number;
}

const EXAMPLES = `
Examples:
  suricate evaluate shift mgcls-crops mightee-crops --backbone runs/first
  suricate evaluate shift good-fields poor-fields --backbone runs/first --against random:resnet50 --out shift.json
  suricate evaluate shift a.parquet b.parquet --json
  suricate evaluate shift mgcls-crops mightee-crops --embeddings mgcls.npy mightee.npy --by-row

Frechet distance and squared mean discrepancy (unbiased, Gaussian kernel) along the principal components of both sets together,
beside what they are where crops (whole fields, where there are enough) are dealt to the two sets by chance: p says how often that
reaches the distance found. Image statistics and pixels stand beside the backbone: a shift that they see too is one of pixels.`;

/** `suricate evaluate shift`. */
export function shiftCommand(): Command {
  const command = new Command("shift")
    .description("How far apart a backbone puts two crop sets, beside no shift at all.")
    .argument("<first>", DATA_HELP)
    .argument("<second>", "the other, through the same backbone")
    .option("--backbone <name>", BACKBONE_HELP)
    .option("--embeddings <files...>", "two files in place of --backbone: embeddings of the first set, and of the second")
    .option("--against <names...>", "further backbones to stand beside the first", [])
    .option("--components <n>", "principal components, at most a tenth of the smaller set", positiveInteger, 50)
    .option("--crops <n>", "crops of each set at most; of more, as many are drawn", positiveInteger, 1000)
    .option("--permutations <n>", "how often crops are dealt by chance", positiveInteger, 200)
    .option("--seed <n>", "seed of the draws and permutations", seedNumber, 0);
  return withRunOptions(withForeignOptions(command)).addHelpText("after", EXAMPLES).action(shift);
}

async function shift(first: string, second: string, flags: Flags): Promise<void> {
  const { embeddings = [] } = flags;
  checkData(first, second, embeddings);
  const floors = (cropSize: number) => [floorBackbone("statistics", cropSize), floorBackbone("pixels", cropSize)];
  const [ours, theirs] = [
    await tablesOfSet("evaluate shift", first, flagsOf(flags, embeddings[0]), floors),
    await tablesOfSet("evaluate shift", second, flagsOf(flags, embeddings[1]), floors),
  ];
  const pairs = ours.tables.map((table, index): TablePair => [table, theirs.tables[index]!]); // the same names for both
  const tables = underOneName(pairs[0]!, [embeddings[0] ?? first, embeddings[1] ?? second]);
  const record = evaluateShift({
    tables,
    floors: pairs.slice(1).filter(([{ backbone }]) => backbone !== tables[0].backbone),
    maxComponents: flags.components,
    maxCrops: flags.crops,
    numPermutations: flags.permutations,
    seed: flags.seed,
  });
  const told = withNotes(record, [...ours.notes, ...theirs.notes]);
  tellRecord(told, flags, () => shiftLines(told));
}

/** Throws UsageError for a set beside a file, and for one file of two. */
function checkData(first: string, second: string, embeddings: readonly string[]): void {
  if (isEmbeddingFile(first) !== isEmbeddingFile(second))
    throw new UsageError("evaluate shift: expected two crop sets or two files of embeddings, got one of each.");
  if (embeddings.length !== 0 && embeddings.length !== 2)
    throw new UsageError(
      `evaluate shift: --embeddings: expected two files, of the first set and of the second, got ${embeddings.length}.`,
    );
}

function flagsOf({ embeddings: _, ...flags }: Flags, file: string | undefined) {
  return file === undefined ? flags : { ...flags, embeddings: file };
}

/** A table of others is called after its file: two of them are taken to be of one backbone, as the person says who compares them. */
function underOneName([first, second]: TablePair, files: readonly [string, string]): TablePair {
  const isForeign = [first.backbone === files[0], second.backbone === files[1]];
  if ((!isForeign[0] && !isForeign[1]) || first.dim !== second.dim) return [first, second];
  const both = `${first.backbone} and ${second.backbone}`;
  const backbone = isForeign[0] && isForeign[1] ? both : isForeign[0] ? second.backbone : first.backbone;
  return [
    { ...first, backbone },
    { ...second, backbone },
  ];
}

function shiftLines(record: ShiftRecord): string[] {
  const { cropSetName, otherCropSetName, n, otherN, intervalUnit, floors } = record;
  const distance = ({ value, interval, withoutShift }: ShiftEstimate) => [
    withInterval({ value, interval }),
    withInterval({ value: withoutShift.mean, interval: withoutShift.interval }),
    short(withoutShift.p),
  ];
  const cells = ({ backbone, frechetDistance, meanDiscrepancy }: ShiftScore) => [
    backbone,
    ...distance(frechetDistance),
    ...distance(meanDiscrepancy),
  ];
  return [
    `shift from ${cropSetName} (${n} crops) to ${otherCropSetName} (${otherN} crops); without a shift: ${intervalUnit}s dealt by chance.`,
    "",
    ...alignedRows([
      ["backbone", "Frechet [95 %]", "without a shift", "p", "MMD^2 [95 %]", "without a shift", "p"],
      ...[record, ...floors].map(cells),
    ]),
    ...noteLines(record),
  ];
}
