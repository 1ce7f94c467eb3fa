// suricate evaluate source-count: how well embeddings predict the number of sources in a crop (paper section 4.1).
import { type Command, Option } from "commander";
import { floorBackbone } from "#learn/embeddings";
import {
  COUNT_LABELS,
  type CountLabel,
  countTestIds,
  type EvaluatedCrops,
  evaluateSourceCount,
  OUTLIER_SIGMA,
  type PcaChoice,
  SPLIT_NAMES,
  type SplitName,
} from "#learn/tasks";
import { positiveDecimal } from "../decimal.ts";
import { resultLines } from "../result-lines.ts";
import { positiveInteger } from "../whole-number.ts";
import { ownOr } from "./class-split.ts";
import { type ProtocolChoice, protocolOption } from "./protocol-option.ts";
import { pcaOption, type QualityChoice, qualityOption } from "./row-choices.ts";
import { seenTestRows, type TaskFlags, taskCommand, tellRecord, withNotes } from "./task-command.ts";
import { type TaskFloors, taskTables } from "./task-tables.ts";
import { joinedVariants, variantsOf } from "./variants.ts";

interface Flags extends TaskFlags {
  readonly label: CountLabel;
  /** Default: own where the set's makers fixed one, else crop. */
  readonly split?: SplitName;
  readonly seeds: number;
  readonly sigma: number;
  readonly protocol: ProtocolChoice;
  readonly pca: readonly PcaChoice[];
  readonly dqf: readonly QualityChoice[];
  readonly probes: "linear" | "all";
}

const EXAMPLES = `  suricate evaluate source-count crops --backbone runs/first --split field
  suricate evaluate source-count crops --backbone runs/first --against runs/second --out result.json
  suricate evaluate source-count crops --embeddings features.fits --id-column NAME --columns FEATURE --split own
  suricate evaluate source-count crops --embeddings byol.npy --by-row
  suricate evaluate source-count first.parquet --label islandCount
  suricate evaluate source-count crops --backbone runs/first --pca auto none --dqf all 0+1
  suricate evaluate source-count crops --backbone runs/first --protocol both

Splits: own (as the set's makers, prepare --test-field or split fixed it), crop (a random fifth), field (whole fields left out in
turn), blocks (blocks of neighbouring crops left out in turn).
Floors stand beside every backbone: the training mean, a few image statistics, the pixels,
and an untrained backbone of the same shape; a file of embeddings alone has no pixels, so only the mean stands beside it.`;

const FLOORS: TaskFloors = {
  constant: "mean",
  ofPictures: (cropSize) => [floorBackbone("statistics", cropSize), floorBackbone("pixels", cropSize)],
  numUntrained: 1,
};

export function sourceCountCommand(): Command {
  return taskCommand("source-count", "How well embeddings predict the number of sources in a crop.", EXAMPLES)
    .addOption(new Option("--label <name>", "the count to predict").choices([...COUNT_LABELS]).default("sourceCount"))
    .addOption(
      new Option("--split <name>", "which crops are test crops (default: own where the set has one, else crop)").choices([
        ...SPLIT_NAMES,
      ]),
    )
    .option("--seeds <n>", "how many seeds the sgd probe is run with", positiveInteger, 3)
    .option(
      "--sigma <n>",
      "counts this many deviations from the training crops' mean are outliers",
      positiveDecimal,
      OUTLIER_SIGMA,
    )
    .addOption(pcaOption())
    .addOption(protocolOption())
    .addOption(qualityOption())
    .addOption(
      new Option("--probes <which>", "linear: ridge and sgd; all: Poisson and negative binomial regression too")
        .choices(["linear", "all"])
        .default("all"),
    )
    .action(evaluate);
}

async function evaluate(data: string | undefined, flags: Flags): Promise<void> {
  const { table, floors, families, notes } = await taskTables(data, flags, {
    floors: FLOORS,
    testIdsOf: (table) =>
      variantsOf(flags).flatMap(({ protocol, dataQualityFlags }) =>
        countTestIds({ ...{ table, protocol, dataQualityFlags }, ...splitOptions(table, flags) }),
      ),
  });
  const records = variantsOf(flags).map(({ protocol, pca, dataQualityFlags }) =>
    evaluateSourceCount({
      protocol,
      pca,
      dataQualityFlags,
      table,
      floors,
      ...splitOptions(table, flags),
      probeSeeds: Array.from({ length: flags.seeds }, (_, seed) => seed),
      seenTestRows: seenTestRows(flags),
      probes: flags.probes,
      families,
    }),
  );
  const record = withNotes(joinedVariants(records), notes);
  tellRecord(record, flags, () => resultLines(record));
}

function splitOptions(set: EvaluatedCrops, { label, split, seed, sigma }: Flags) {
  return { label, split: split ?? ownOr("crop", set), splitSeed: seed, outlierSigma: sigma };
}
