// Options of the classifications under `suricate evaluate`, and their texts.
import { type Command, Option } from "commander";
import { CLASS_SPLITS, type ClassSplitName, type PcaChoice, ROW_ORDERS, type RowOrder } from "#learn/tasks";
import { positiveInteger } from "../whole-number.ts";
import { type ProtocolChoice, protocolOption } from "./protocol-option.ts";
import { pcaChoice, type QualityChoice, qualityChoice } from "./row-choices.ts";
import type { TaskFlags } from "./task-command.ts";

/** What every classification is asked. */
export interface ClassFlags extends TaskFlags {
  readonly classes?: readonly string[];
  readonly positive?: string;
  /** Default: own where the set's makers fixed one, else folds. */
  readonly split?: ClassSplitName;
  readonly folds: number;
  readonly repeats: number;
  readonly shared: "refuse" | "drop" | "report";
  readonly dqf: readonly QualityChoice[];
}

/** What the linear probes are asked besides. */
export interface LinearFlags extends ClassFlags {
  readonly protocol: ProtocolChoice;
  readonly pca: readonly PcaChoice[];
  readonly rows: RowOrder;
  readonly seeds: number;
}

/** Adds which labels count, and what becomes of training crops that give a test crop away. */
export function withLabelOptions(command: Command): Command {
  return command
    .option("--classes <labels...>", "labels that count, in the order of tables; crops of others are left out")
    .addOption(
      new Option("--shared <what>", "training crops that show a test crop's source: left out, kept and told of, or refused")
        .choices(["drop", "report", "refuse"])
        .default("drop"),
    );
}

/** Adds the options of every classification. */
export function withClassOptions(command: Command): Command {
  return withLabelOptions(command)
    .addOption(
      new Option("--split <name>", "which crops are test crops (default: own where the set has one, else folds)").choices([
        ...CLASS_SPLITS,
      ]),
    )
    .option("--folds <n>", "of --split folds: parts of which each is tested in turn", positiveInteger, 5)
    .option("--repeats <n>", "of --split folds and holdout: how often it is drawn anew", positiveInteger, 10)
    .option(
      "--dqf <flags...>",
      "only crops of these data quality flags; several choices (all 0 0+1) are evaluated in turn",
      qualityChoices,
      [null],
    );
}

/** Adds the options of the linear probes. */
export function withLinearOptions(command: Command): Command {
  return command
    .addOption(protocolOption())
    .option(
      "--pca <n...>",
      "principal components: none, a number, or auto (100, or a tenth of the training crops); several are evaluated in turn",
      pcaChoices,
      ["auto"],
    )
    .addOption(
      new Option("--rows <order>", "how the rows stand, which only mgcls-dino-asis looks at")
        .choices([...ROW_ORDERS])
        .default("set"),
    )
    .option("--seeds <n>", "how many seeds the sgd probe is run with", positiveInteger, 3);
}

/** Commander hands each word and what the words before it came to; the default is no word. */
function pcaChoices(text: string, earlier: readonly PcaChoice[]): readonly PcaChoice[] {
  return appended(pcaChoice(text), earlier);
}

function qualityChoices(text: string, earlier: readonly QualityChoice[]): readonly QualityChoice[] {
  return appended(qualityChoice(text), earlier);
}

/** Lists that came from words, and not from a default that the first word replaces. */
const asked = new WeakSet<readonly unknown[]>();

function appended<T>(choice: T, earlier: readonly T[]): readonly T[] {
  const list = asked.has(earlier) ? [...earlier, choice] : [choice];
  asked.add(list);
  return list;
}
