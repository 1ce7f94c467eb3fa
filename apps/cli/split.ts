// suricate split and suricate subset: test rows, and smaller sets, drawn by chance.
import { Command, Option } from "commander";
import { SPLIT_KINDS, type SplitKind } from "#sky/survey";
import { type SplitSummary, splitCropSet, subsetCropSet } from "#sky/survey/disk";
import { share } from "./decimal.ts";
import { stoppable } from "./interruption.ts";
import { counted, printJson, progressBar, say } from "./terminal.ts";
import { positiveInteger, seedNumber } from "./whole-number.ts";

const SPLIT_EXAMPLES = `
Examples:
  suricate split crops
  suricate split crops --by field --seed 1
  suricate split cutouts --by label --test 0.3 --force --json`;

const SUBSET_EXAMPLES = `
Examples:
  suricate split mgcls_20k && suricate subset mgcls_20k --crops 5000 --out mgcls_5k`;

interface SplitOptions {
  readonly by: SplitKind;
  readonly test: number;
  readonly seed: number;
  readonly force: boolean;
  readonly json: boolean;
}

/** `suricate split`. */
export function splitCommand(): Command {
  return new Command("split")
    .description("Draw the test crops of a crop set, and write the split into it. Training never sees them.")
    .argument("<cropset>", "the crop set")
    .addOption(
      new Option("--by <kind>", "crop: any crops; field: whole fields; label: the same share of every class")
        .choices(SPLIT_KINDS)
        .default("crop"),
    )
    .option("--test <fraction>", "share of the crops that becomes the test split", share, 0.2)
    .option("--seed <n>", "the same seed draws the same crops", seedNumber, 0)
    .option("--force", "replace a split that is there", false)
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", SPLIT_EXAMPLES)
    .action(async (folder: string, { by, test, seed, force, json }: SplitOptions) => {
      const existing = force ? "replace" : "refuse";
      tell(await splitCropSet(folder, { by, testFraction: test, seed, existing }), json);
    });
}

interface SubsetOptions {
  readonly crops: number;
  readonly out: string;
  readonly seed: number;
  readonly force: boolean;
  readonly json: boolean;
}

/** `suricate subset`. */
export function subsetCommand(): Command {
  return new Command("subset")
    .description("Draw training crops of a crop set, at least one of each field, as a smaller set (the paper's MGCLS_5k).")
    .argument("<cropset>", "the crop set, with a split")
    .requiredOption("--crops <number>", "how many crops", positiveInteger)
    .requiredOption("--out <folder>", "the crop set to write")
    .option("--seed <n>", "the same seed draws the same crops", seedNumber, 0)
    .option("--force", "replace a crop set that is there", false)
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", SUBSET_EXAMPLES)
    .action(async (from: string, { crops, out, seed, force, json }: SubsetOptions) => {
      const bar = progressBar("subset", crops, { unit: "crops" });
      const existing = force ? "replace" : "refuse";
      const asked = { from, out, numCrops: crops, seed, existing } as const;
      const summary = await stoppable("stopped: the subset is not written.", () => subsetCropSet(asked, () => bar.advance(1)));
      bar.finish();
      tell(summary, json);
    });
}

function tell(summary: SplitSummary, isJson: boolean): void {
  const { out, crops, fields, splits, fieldsOfSplits } = summary;
  const parts = Object.entries(splits).map(([name, count]) => `${name} ${count} of ${counted(fieldsOfSplits[name]!, "field")}`);
  say(`${out}: ${crops} crops of ${counted(fields, "field")}: ${parts.join(", ")}.`);
  if (isJson) printJson(summary);
}
