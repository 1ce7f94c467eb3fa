// Which crops are test crops: the options of classifications and of similarity search, and what is meant where none is given.
import { type Command, Option } from "commander";
import { CLASS_SPLITS, type ClassSplitName, type EvaluatedCrops } from "#learn/tasks";
import { positiveInteger } from "../whole-number.ts";

export interface ClassSplitFlags {
  /** Default: own where the set's makers fixed one, else folds. */
  readonly split?: ClassSplitName;
  readonly folds: number;
  readonly repeats?: number;
  readonly seed: number;
}

/** Adds --split and --folds. */
export function withSplitOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--split <name>", "which crops are test crops (default: own where the set has one, else folds)").choices([
        ...CLASS_SPLITS,
      ]),
    )
    .option("--folds <n>", "of --split folds: parts of which each is tested in turn", positiveInteger, 5);
}

/** What a classification takes of them. */
export function splitOptions(set: EvaluatedCrops, { split, folds, repeats = 1, seed }: ClassSplitFlags) {
  return { split: split ?? ownOr("folds", set), numRepeats: repeats, numFolds: folds, splitSeed: seed };
}

/** The split where none is asked for: the makers' own where the set has one. */
export function ownOr<Other extends string>(other: Other, { records }: EvaluatedCrops): "own" | Other {
  const has = (part: string) => records.some(({ split }) => split === part);
  return has("train") && has("test") ? "own" : other;
}
