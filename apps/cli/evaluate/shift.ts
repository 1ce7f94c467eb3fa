// suricate evaluate shift: how far apart a backbone puts two crop sets.
import { Command } from "commander";
import { floorBackbone } from "#learn/embeddings";
import { evaluateShift, type ShiftEstimate, type ShiftRecord, type ShiftScore, type TablePair } from "#learn/tasks";
import { BACKBONE_HELP } from "../embeddings.ts";
import { alignedRows, short, withInterval } from "../text-table.ts";
import { UsageError } from "../usage-error.ts";
import { positiveInteger, seedNumber } from "../whole-number.ts";
import { noteLines } from "./note-lines.ts";
import { type TaskFlags, tellRecord, withRunOptions } from "./task-command.ts";
import { tablesOfSet } from "./two-sets.ts";

interface Flags extends TaskFlags {
  readonly components: number;
  readonly crops: number;
  readonly permutations: number;
}

const EXAMPLES = `
Examples:
  suricate evaluate shift mgcls-crops mightee-crops --backbone runs/first
  suricate evaluate shift good-fields poor-fields --backbone runs/first --against random:resnet50 --out shift.json
  suricate evaluate shift a.parquet b.parquet --json

Frechet distance and squared mean discrepancy (unbiased, Gaussian kernel) along the principal components of both sets together,
beside what they are where crops (whole fields, where there are enough) are dealt to the two sets by chance: p says how often that
reaches the distance found. Image statistics and pixels stand beside the backbone: a shift that they see too is one of pixels.`;

/** `suricate evaluate shift`. */
export function shiftCommand(): Command {
  const command = new Command("shift")
    .description("How far apart a backbone puts two crop sets, beside no shift at all.")
    .argument("<first>", "crop set folder, or a Parquet file that embed wrote")
    .argument("<second>", "the other, through the same backbone")
    .option("--backbone <name>", BACKBONE_HELP)
    .option("--against <names...>", "further backbones to stand beside the first", [])
    .option("--components <n>", "principal components, at most a tenth of the smaller set", positiveInteger, 50)
    .option("--crops <n>", "crops of each set at most; of more, as many are drawn", positiveInteger, 1000)
    .option("--permutations <n>", "how often crops are dealt by chance", positiveInteger, 200)
    .option("--seed <n>", "seed of the draws and permutations", seedNumber, 0);
  return withRunOptions(command).addHelpText("after", EXAMPLES).action(shift);
}

async function shift(first: string, second: string, flags: Flags): Promise<void> {
  if (first.endsWith(".parquet") !== second.endsWith(".parquet"))
    throw new UsageError("evaluate shift: expected two crop sets or two Parquet files, got one of each.");
  const floors = (cropSize: number) => [floorBackbone("statistics", cropSize), floorBackbone("pixels", cropSize)];
  const [ours, theirs] = [await tablesOfSet(first, flags, floors), await tablesOfSet(second, flags, floors)];
  const pairs = ours.map((table, index): TablePair => [table, theirs[index]!]); // the same names for both
  const record = evaluateShift({
    tables: pairs[0]!,
    floors: pairs.slice(1).filter(([{ backbone }]) => backbone !== ours[0]!.backbone),
    maxComponents: flags.components,
    maxCrops: flags.crops,
    numPermutations: flags.permutations,
    seed: flags.seed,
  });
  tellRecord(record, flags, () => shiftLines(record));
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
