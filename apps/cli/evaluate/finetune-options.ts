// Options of the commands that train networks under `suricate evaluate`, and their texts.
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  classTestIds,
  DEFAULT_FINETUNE_SETTINGS,
  type EvaluatedCrops,
  type FinetuneSettings,
  type Validation,
} from "#learn/tasks";
import type { CropSet } from "#sky/survey";
import { decimal } from "../decimal.ts";
import { UsageError } from "../usage-error.ts";
import { positiveInteger } from "../whole-number.ts";
import { type ClassFlags, withLabelOptions } from "./class-options.ts";
import { type QualityChoice, qualityChoice } from "./row-choices.ts";
import type { TaskFlags } from "./task-command.ts";

/** What a task with one training part and one test part is asked. */
export interface OneSplitFlags extends TaskFlags, Pick<ClassFlags, "classes" | "positive" | "shared"> {
  readonly split: "own" | "holdout";
  readonly dqf?: QualityChoice;
}

export function withOneSplit(command: Command): Command {
  return withLabelOptions(command)
    .option("--positive <label>", "the class whose F1 is told apart (default: FRI, of FRI and FRII)")
    .option("--dqf <flags>", "only crops of these data quality flags, as in 0 or 0+1 (default: all)", qualityChoice)
    .addOption(
      new Option("--split <name>", "test crops: own (as the set's makers fixed it) or holdout (a fifth, drawn by class)")
        .choices(["own", "holdout"])
        .default("own"),
    );
}

/** How networks are trained. */
export interface TrainingFlags {
  readonly centre: number;
  readonly resize?: number;
  readonly hidden: number;
  readonly updateBatch: number;
}

export function withTraining(command: Command): Command {
  const { centreSize, hiddenDim, batchSize } = DEFAULT_FINETUNE_SETTINGS;
  return command
    .option("--centre <pixels>", "side of the crop's middle that networks are shown", positiveInteger, centreSize)
    .option("--resize <pixels>", "side that it is resized to (default: as it is)", positiveInteger)
    .option("--hidden <n>", "width of the head's layer between embedding and classes", positiveInteger, hiddenDim)
    .option("--update-batch <crops>", "crops of one update", positiveInteger, batchSize);
}

/** A crop's middle is no larger than the crop; where nothing was asked for, small crops are shown whole. */
export function trainingSettings(flags: TrainingFlags, numEpochs: number, { info }: CropSet): FinetuneSettings {
  const isDefault = flags.centre === DEFAULT_FINETUNE_SETTINGS.centreSize;
  const centreSize = isDefault ? Math.min(flags.centre, info.cropSize) : flags.centre;
  return {
    numEpochs,
    batchSize: flags.updateBatch,
    centreSize,
    inputSize: flags.resize ?? centreSize,
    hiddenDim: flags.hidden,
  };
}

/** The class whose F1 is told apart; of FRI and FRII the paper's, FRI. */
export function positiveClassOf(
  { positive, classes }: Pick<OneSplitFlags, "positive" | "classes">,
  { records }: Pick<CropSet, "records">,
): string | null {
  if (positive !== undefined) return positive;
  const labels = classes ?? [...new Set(records.flatMap(({ label }) => label ?? []))];
  return labels.length === 2 && labels.includes("FRI") && labels.includes("FRII") ? "FRI" : null;
}

/** Throws UsageError for a split beside another set that is tested: the sets are the split. */
export function checkTestSet(task: string, { test, split }: OneSplitFlags): void {
  if (test === undefined || split === "own") return;
  throw new UsageError(`evaluate ${task}: --test: expected no --split beside it, got ${split}: the sets are the split.`);
}

/** Ids of the crops that are tested. Throws RangeError, as `classTestIds`. */
export function oneSplitTestIds(table: EvaluatedCrops, { classes, dqf = null, split, seed }: OneSplitFlags): string[] {
  return classTestIds({
    table,
    classes: classes ?? null,
    dataQualityFlags: dqf,
    split,
    splitSeed: seed,
    numRepeats: 1,
    numFolds: 1,
  });
}

/** Reads `--layers`: numbers, ranges as in 0..9 or 0..all, and "all", apart by spaces or commas. Throws UsageError. */
export function layersOf(words: readonly string[], numGroups: number): number[] {
  const parts = words.flatMap((word) => word.split(","));
  return parts.flatMap((word) => {
    if (word === "all") return [numGroups];
    const [, first, last] = /^(\d+)(?:\.\.(\d+|all))?$/.exec(word) ?? [];
    if (first === undefined)
      throw new UsageError(`--layers ${word}: expected all, a number of layer groups, or a range as in 0..9 or 0..all.`);
    const [low, high] = [Number(first), last === "all" ? numGroups : Number(last ?? first)];
    if (high < low) throw new UsageError(`--layers ${word}: expected a range from a lower to a higher number.`);
    return Array.from({ length: high - low + 1 }, (_, index) => low + index);
  });
}

/** Reads `--valid`. */
export function validationOf(text: string): Validation {
  if (text === "none" || text === "own") return text;
  const share = decimal(text);
  if (share > 0 && share < 1) return share;
  throw new InvalidArgumentError(`Expected none, own, or a share between 0 and 1, got "${text}".`);
}
