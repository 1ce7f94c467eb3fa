// Options of the classifications under `suricate evaluate`, and their texts.
import { type Command, Option } from "commander";
import { type PcaChoice, ROW_ORDERS, type RowOrder } from "#learn/tasks";
import { positiveInteger } from "../whole-number.ts";
import { type ClassSplitFlags, withSplitOptions } from "./class-split.ts";
import { type ProtocolChoice, protocolOption } from "./protocol-option.ts";
import { pcaOption, type QualityChoice, qualityOption } from "./row-choices.ts";
import type { TaskFlags } from "./task-command.ts";

/** What every classification is asked. */
export interface ClassFlags extends TaskFlags, Omit<ClassSplitFlags, "seed"> {
  readonly classes?: readonly string[];
  readonly positive?: string;
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
    .addOption(new Option("--test <set>", "another crop set, all of which is tested; then all of the first trains"))
    .addOption(
      new Option("--shared <what>", "training crops that show a test crop's source: left out, kept and told of, or refused")
        .choices(["drop", "report", "refuse"])
        .default("drop"),
    );
}

/** Adds the options of every classification. */
export function withClassOptions(command: Command): Command {
  return withSplitOptions(withLabelOptions(command))
    .option("--repeats <n>", "of --split folds and holdout: how often it is drawn anew", positiveInteger, 10)
    .addOption(qualityOption());
}

/** Adds the options of the linear probes. */
export function withLinearOptions(command: Command): Command {
  return command
    .addOption(protocolOption())
    .addOption(pcaOption())
    .addOption(
      new Option("--rows <order>", "how the rows stand, which only mgcls-dino-asis looks at")
        .choices([...ROW_ORDERS])
        .default("set"),
    )
    .option("--seeds <n>", "how many seeds the sgd probe is run with", positiveInteger, 3);
}
