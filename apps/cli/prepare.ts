// suricate prepare: FITS fields (and a catalogue) to a crop set.
import { Command, InvalidArgumentError, Option } from "commander";
import type { Tiling } from "#sky/survey";
import { PREPARE_DEFAULTS, type PrepareSummary, prepareCropSet } from "#sky/survey/disk";
import { printJson, progressBar, say } from "./terminal.ts";
import { countFrom0, positiveInteger } from "./whole-number.ts";

const EXAMPLES = `
Examples:
  suricate prepare abell-209.fits --size 256 --out crops
  suricate prepare fields/ --catalogue sources.srl --size 256 --margin 53 --out crops
  suricate prepare fields/ --size 256 --test-field abell-209 abell-22 --out crops
  suricate prepare cube.fits --plane 3 --size 64 --tiling paper --out crops --json`;

interface Options {
  readonly catalogue?: string;
  readonly size: number;
  readonly out: string;
  readonly tiling: Tiling;
  readonly margin: number;
  readonly plane: number;
  readonly low: number;
  readonly high: number;
  readonly maxNanFraction: number;
  readonly testField: readonly string[];
  readonly force: boolean;
  readonly json: boolean;
}

/** `suricate prepare`. */
export function prepareCommand(): Command {
  return new Command("prepare")
    .description("Cut FITS fields into a crop set, with source counts where a catalogue is given.")
    .argument("<fits...>", "FITS files, or folders of them")
    .requiredOption("--size <pixels>", "side of a crop", positiveInteger)
    .requiredOption("--out <folder>", "the crop set to write")
    .option("--catalogue <file>", "source catalogue: PyBDSF srl text, or CSV with RA and Dec columns")
    .addOption(
      new Option("--tiling <rule>", "cover: no gap; paper: round(field / size) crops per axis")
        .choices(["cover", "paper"])
        .default(PREPARE_DEFAULTS.tiling),
    )
    .option("--margin <pixels>", "further pixels kept on each side, for rotated views", countFrom0, PREPARE_DEFAULTS.margin)
    .option("--plane <number>", "plane of a cube, counted from 0", countFrom0, PREPARE_DEFAULTS.plane)
    .option("--low <percent>", "percentile of the field that becomes black", number, PREPARE_DEFAULTS.lowPercentile)
    .option("--high <percent>", "percentile of the field that becomes white", number, PREPARE_DEFAULTS.highPercentile)
    .option("--max-nan-fraction <fraction>", "keep crops with no more NaN than this", number, PREPARE_DEFAULTS.maxNanFraction)
    .option("--test-field <names...>", "fields whose crops are set aside for testing; training never sees them", [])
    .option("--force", "replace a crop set that is there", false)
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(prepare);
}

async function prepare(inputs: readonly string[], options: Options): Promise<void> {
  let bar: ReturnType<typeof progressBar> | undefined;
  const summary = await prepareCropSet(
    {
      inputs,
      out: options.out,
      cropSize: options.size,
      ...(options.catalogue === undefined ? {} : { catalogue: options.catalogue }),
      tiling: options.tiling,
      margin: options.margin,
      plane: options.plane,
      ...(options.testField.length === 0 ? {} : { testFields: options.testField }),
      lowPercentile: options.low,
      highPercentile: options.high,
      maxNanFraction: options.maxNanFraction,
      existing: options.force ? "replace" : "refuse",
    },
    ({ field, total }) => {
      bar ??= progressBar("prepare", total, { unit: "fields" });
      bar.advance(1, field);
    },
  );
  bar?.finish();
  tell(summary);
  if (options.json) printJson(summary);
}

function tell({ out, crops, rejected, sources, ownedSources, fields, warnings }: PrepareSummary): void {
  for (const line of warningLines(fields)) say(line);
  for (const warning of warnings) say(`catalogue: ${warning}`);
  const filled = fields.reduce((sum, { filledPixels }) => sum + filledPixels, 0);
  const parts = [
    `${out}: ${crops} crops of ${fields.length} field(s)`,
    rejected > 0 ? `${rejected} rejected for NaN` : "",
    filled > 0 ? `${filled} NaN pixels stored as 0` : "",
    sources === null ? "" : `${ownedSources} of ${sources} sources counted`,
  ];
  say(`${parts.filter((part) => part !== "").join(", ")}.`);
}

/** Each warning once, with the first file that has it and how many more do. */
function warningLines(fields: PrepareSummary["fields"]): string[] {
  const filesOf = new Map<string, string[]>();
  for (const { file, warnings } of fields) {
    for (const warning of warnings) filesOf.set(warning, [...(filesOf.get(warning) ?? []), file]);
  }
  return [...filesOf].map(
    ([warning, [first, ...more]]) => `${first}${more.length > 0 ? ` and ${more.length} more` : ""}: ${warning}`,
  );
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError(`Expected a number, got ${text}.`);
  return value;
}
