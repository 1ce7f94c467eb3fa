// What the commands under `suricate import` share: their options, their progress, what they tell.
import { Command, InvalidArgumentError, Option } from "commander";
import { type LabelColumns, parseLabelColumns } from "#sky/survey";
import type { PictureProgress, PictureSetSummary } from "#sky/survey/disk";
import { stoppable } from "./interruption.ts";
import { printJson, progressBar, say } from "./terminal.ts";

/** What every set's command is asked. */
export interface ImportOptions {
  readonly out: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** A command with the options that all sets share. */
export function setCommand(name: string, description: string, examples: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption("--out <folder>", "the crop set to write")
    .option("--force", "replace a crop set that is there", false)
    .option("--json", "print one JSON document on stdout", false)
    .option("--verbose", "show where in the program an error arose", false)
    .addHelpText("after", `\nExamples:\n${examples}`);
}

/** `--columns`, for tables of labels. */
export function labelColumnsOption(example: string): Option {
  return new Option("--columns <quantity=column,...>", `which column of the table is what: ${example}`).argParser(
    (text: string): LabelColumns => argument(() => parseLabelColumns(text)),
  );
}

/** Commander tells the option's name itself. */
export function argument<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message.replace(/^--[a-z]+: /, "") : String(error));
  }
}

/** Where a set goes. */
export function targetOf({ out, force }: ImportOptions): { readonly out: string; readonly existing: "refuse" | "replace" } {
  return { out, existing: force ? "replace" : "refuse" };
}

/** Imports under a progress bar that counts `unit`, and tells what came of it. */
export async function runImport(
  { json }: ImportOptions,
  unit: string,
  importSet: (onProgress: PictureProgress) => Promise<PictureSetSummary>,
): Promise<void> {
  const summary = await importWithBar(unit, importSet);
  tell(summary);
  if (json) printJson(summary);
}

/** A step of an import of `total` steps is done. */
type OnStep = (progress: { readonly total: number }) => void;

/** Imports under a progress bar that counts `unit`. A signal stops it, and leaves nothing. */
export async function importWithBar<Summary>(unit: string, importSet: (onStep: OnStep) => Promise<Summary>): Promise<Summary> {
  let bar: ReturnType<typeof progressBar> | undefined;
  const onStep: OnStep = ({ total }) => {
    bar ??= progressBar("import", total, { unit });
    bar.advance(1);
  };
  const summary = await stoppable("stopped: the set is not written.", () => importSet(onStep));
  bar?.finish();
  return summary;
}

function tell({ out, crops, rejected, splits, labels, warnings }: PictureSetSummary): void {
  for (const warning of warnings) say(warning);
  const left = rejected > 0 ? `, ${rejected} rejected for NaN` : "";
  say(`${out}: ${crops} crops${left}; splits: ${counted(splits)}; labels: ${counted(labels)}.`);
}

/** "FRI 397, FRII 436". */
function counted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
