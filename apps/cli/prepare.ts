// suricate prepare: FITS fields (and a catalogue) to a crop set.
import { Command, InvalidArgumentError, Option } from "commander";
import type { ColumnChoice } from "#sky/catalogue";
import type { UnitChoice } from "#sky/fits";
import type { SkyCircle, Tiling } from "#sky/survey";
import {
  checkPrepareSettings,
  PREPARE_DEFAULTS,
  type PrepareOptions,
  type PrepareProgress,
  type PrepareSummary,
  prepareCropSet,
} from "#sky/survey/disk";
import { columnsOption } from "./columns-option.ts";
import { decimal } from "./decimal.ts";
import { hduOption } from "./hdu-option.ts";
import { stoppable } from "./interruption.ts";
import { counted, printJson, progressBar, say } from "./terminal.ts";
import { asUsage } from "./usage-error.ts";
import { countFrom0, positiveInteger } from "./whole-number.ts";

const EXAMPLES = `
Examples:
  suricate prepare abell-209.fits --size 256 --out crops
  suricate prepare fields/ --catalogue sources.srl --size 256 --margin 53 --out crops
  suricate prepare A.fits B.fits --catalogue A.srl.fits B.srl.fits --size 256 --out crops
  suricate prepare fields/ --size 256 --test-field abell-209 abell-22 --out crops
  suricate prepare fields/ --catalogue Table2.csv --table1 Table1.csv --exclude-around 1,2 --size 256 --out crops
  suricate prepare cosmos.fits --catalogue cat.csv --columns ra=ALPHA,dec=DELTA,flux=S20:mJy --size 256 --out crops
  suricate prepare fields/ --centres interesting.csv --size 150 --out cutouts
  suricate prepare cube.fits --plane 3 --size 64 --tiling paper --out crops --json
  suricate prepare stack.fits --hdu SCI --size 256 --out crops`;

interface Options {
  readonly catalogue?: readonly string[];
  readonly centres?: string;
  readonly columns?: ColumnChoice;
  readonly singleGaussian: boolean;
  readonly excludeAround?: PrepareOptions["excludeAround"];
  readonly footprint: readonly SkyCircle[];
  readonly minCoverage: number;
  readonly table1?: string;
  readonly survey?: string;
  readonly size: number;
  readonly out: string;
  readonly tiling: Tiling;
  readonly margin: number;
  readonly hdu?: UnitChoice;
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
    .option(
      "--catalogue <files...>",
      "source catalogue: PyBDSF, MGCLS, MIGHTEE, FIRST, Aegean, any text or FITS table with RA and Dec; or one list a field",
    )
    .option("--centres <file>", "cut crops round the positions of this catalogue, instead of tiling")
    .addOption(columnsOption())
    .option("--single-gaussian", "count sources of S_Code S alone, as MGCLS does", false)
    .option("--exclude-around <Jy,arcmin>", "leave out zones of this radius round sources of this flux or more", zone)
    .option("--footprint <ra,dec,radius>", "the catalogue covers this circle alone (degrees); may be repeated", footprint, [])
    .option("--min-coverage <fraction>", "crops covered by less have no labels", decimal, PREPARE_DEFAULTS.minCoverage)
    .option("--table1 <file>", "a survey's table of fields: quality flags, noise and redshifts, joined by name")
    .option("--survey <name>", "the survey that the fields are of (default: MGCLS and MIGHTEE, where the files' names tell)")
    .addOption(
      new Option("--tiling <rule>", "cover: no gap; paper: round(field / size) crops per axis")
        .choices(["cover", "paper"])
        .default(PREPARE_DEFAULTS.tiling),
    )
    .option("--margin <pixels>", "further pixels kept on each side, for rotated views", countFrom0, PREPARE_DEFAULTS.margin)
    .addOption(hduOption())
    .option("--plane <number>", "plane of a cube, counted from 0", countFrom0, PREPARE_DEFAULTS.plane)
    .option("--low <percent>", "percentile of the field that becomes black", decimal, PREPARE_DEFAULTS.lowPercentile)
    .option("--high <percent>", "percentile of the field that becomes white", decimal, PREPARE_DEFAULTS.highPercentile)
    .option("--max-nan-fraction <fraction>", "keep crops with no more NaN than this", decimal, PREPARE_DEFAULTS.maxNanFraction)
    .option("--test-field <names...>", "fields whose crops are set aside for testing; training never sees them", [])
    .option("--force", "replace a crop set that is there", false)
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(prepare);
}

async function prepare(inputs: readonly string[], options: Options): Promise<void> {
  let bar: ReturnType<typeof progressBar> | undefined;
  let numResumed = 0;
  const asked = prepareOptions(inputs, options);
  asUsage(() => checkPrepareSettings({ ...PREPARE_DEFAULTS, ...asked }));
  const onProgress: PrepareProgress = ({ field, done, total, isResumed }) => {
    if (isResumed) {
      numResumed = done;
      return;
    }
    if (bar === undefined && numResumed > 0)
      say(`${options.out}: ${numResumed} of ${total} fields were cut by an earlier run; going on after them.`);
    bar ??= progressBar("prepare", total - numResumed, { unit: "fields" });
    bar.advance(1, field);
  };
  const notice = "stopped: the same command goes on after the fields that are cut.";
  const summary = await stoppable(notice, () => prepareCropSet(asked, onProgress));
  bar?.finish();
  tell(summary);
  if (options.json) printJson(summary);
}

function prepareOptions(inputs: readonly string[], options: Options): PrepareOptions {
  return {
    inputs,
    out: options.out,
    cropSize: options.size,
    ...catalogueOptions(options),
    ...(options.survey === undefined ? {} : { survey: options.survey }),
    tiling: options.tiling,
    margin: options.margin,
    ...(options.hdu === undefined ? {} : { hdu: options.hdu }),
    plane: options.plane,
    ...(options.testField.length === 0 ? {} : { testFields: options.testField }),
    lowPercentile: options.low,
    highPercentile: options.high,
    maxNanFraction: options.maxNanFraction,
    existing: options.force ? "replace" : "refuse",
  };
}

function catalogueOptions(options: Options): Partial<PrepareOptions> {
  const { catalogue, centres, columns, singleGaussian, excludeAround, footprint: footprints, minCoverage, table1 } = options;
  return {
    ...(catalogue === undefined ? {} : { catalogue }),
    ...(centres === undefined ? {} : { centres }),
    ...(columns === undefined ? {} : { columns }),
    keepSources: singleGaussian ? "single-gaussian" : "all",
    ...(excludeAround === undefined ? {} : { excludeAround }),
    ...(footprints.length === 0 ? {} : { footprints }),
    minCoverage,
    ...(table1 === undefined ? {} : { fieldTable: table1 }),
  };
}

function tell({
  out,
  crops,
  rejected,
  beyondEdge,
  sources,
  sourcesExcluded,
  ownedSources,
  fields,
  warnings,
}: PrepareSummary): void {
  for (const line of warningLines(fields)) say(line);
  for (const warning of warnings) say(warning);
  const filled = fields.reduce((sum, { filledPixels }) => sum + filledPixels, 0);
  const parts = [
    `${out}: ${crops} crops of ${counted(fields.length, "field")}`,
    rejected > 0 ? `${rejected} rejected for NaN` : "",
    beyondEdge > 0 ? `${beyondEdge} left out beyond an edge` : "",
    filled > 0 ? `${filled} NaN pixels stored as 0` : "",
    sources === null ? "" : `${ownedSources} of ${sources} sources counted`,
    sourcesExcluded ? `${sourcesExcluded} in zones` : "",
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

function zone(text: string): NonNullable<PrepareOptions["excludeAround"]> {
  const [fluxJy, radiusArcmin] = numbers(text, 2, "FLUX_JY,RADIUS_ARCMIN, as in 1,2");
  return { fluxJy: fluxJy!, radiusArcmin: radiusArcmin! };
}

function footprint(text: string, before: readonly SkyCircle[]): readonly SkyCircle[] {
  const [raDeg, decDeg, radiusDeg] = numbers(text, 3, "RA,DEC,RADIUS in degrees, as in 150.1,2.2,0.7");
  return [...before, { raDeg: raDeg!, decDeg: decDeg!, radiusDeg: radiusDeg! }];
}

function numbers(text: string, count: number, form: string): readonly number[] {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (values.length !== count || !values.every(Number.isFinite)) throw new InvalidArgumentError(`Expected ${form}, got ${text}.`);
  return values;
}
