// What the commands under `suricate evaluate` share: their options, and what becomes of a record.
import { Command } from "commander";
import { writeFileAtomically } from "#base/files/disk";
import type { EvaluationRecord } from "#learn/tasks";
import { deviceOption } from "../device-option.ts";
import { BACKBONE_HELP, type EmbedFlags } from "../embeddings.ts";
import { DATA_HELP, type ForeignFlags, withForeignOptions } from "../foreign-options.ts";
import { withOutChecked } from "../out-files.ts";
import { answer, printJson } from "../terminal.ts";
import { positiveInteger, seedNumber } from "../whole-number.ts";

/** What every task is asked. */
export interface TaskFlags extends EmbedFlags, ForeignFlags {
  readonly backbone?: string;
  readonly embeddings?: string;
  readonly against: readonly string[];
  readonly replicas: readonly string[];
  readonly untrained?: string;
  /** Of tasks with classes: another set, which is tested. */
  readonly test?: string;
  readonly seed: number;
  readonly allowSeen: boolean;
  readonly out?: string;
  readonly json: boolean;
}

/** A command with the options that all tasks share; the task adds its own, and its action. */
export function taskCommand(name: string, description: string, examples: string, data: string = DATA_HELP): Command {
  const command = new Command(name)
    .description(description)
    .argument("[data]", data)
    .option("--backbone <name>", BACKBONE_HELP)
    .option(
      "--embeddings <file>",
      "embeddings of the crop set in place of --backbone: a file that embed wrote, or anyone's table (.parquet, .npy, .csv, .fits)",
    )
    .option("--against <names...>", "further backbones, or files of embeddings, to stand beside the first", [])
    .option(
      "--replicas <names...>",
      "the first backbone pre-trained with other seeds: rows and seeds are then drawn together",
      [],
    )
    .option(
      "--untrained <shape>",
      "shape of the untrained floor: resnet50, vit-s8, a run or a file of weights (default: the backbone's own)",
    )
    .option("--seed <n>", "seed of the split and of the bootstrap", seedNumber, 0)
    .option("--allow-seen", "accept test crops that pre-training has seen, and note it in the result", false);
  return withRunOptions(withForeignOptions(command)).addHelpText("after", `\nExamples:\n${examples}`);
}

/** The same command with the options of how it computes, and of where its record goes. */
export function withRunOptions(command: Command): Command {
  return withOutChecked(command)
    .option("--batch <crops>", "crops in one pass", positiveInteger, 32)
    .addOption(deviceOption())
    .option("--threads <n>", "threads of the device (default: all cores)", positiveInteger)
    .option("--out <file>", "JSON file to write the result to")
    .option("--json", "print one JSON document on stdout", false)
    .option("--verbose", "show where in the program an error arose", false);
}

/** `--allow-seen` as tasks take it. */
export function seenTestRows({ allowSeen }: TaskFlags): "refuse" | "report" {
  return allowSeen ? "report" : "refuse";
}

/** A record that says what there is to know of its tables too. */
export function withNotes<R extends EvaluationRecord>(record: R, notes: readonly string[]): R {
  return { ...record, notes: [...record.notes, ...notes] };
}

/** Writes a record where it is asked for, and prints it: as JSON, or as these lines for a person. */
export function tellRecord(
  record: EvaluationRecord,
  { out, json }: Pick<TaskFlags, "out" | "json">,
  lines: () => readonly string[],
): void {
  if (out !== undefined) writeFileAtomically(out, new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`));
  if (json) printJson(record);
  else answer(lines());
}
