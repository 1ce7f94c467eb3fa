// suricate import: labelled sets of pictures to a crop set, one command under it for each set.
import { Command, Option } from "commander";
import { MIRABEST_SUBSETS, type MiraBestSubset } from "#sky/survey";
import {
  importMiraBest,
  importProtege,
  importRadioGalaxyDataset,
  type PictureProgress,
  type PictureSetSummary,
} from "#sky/survey/disk";
import { radioGalaxyNetCommand } from "./import-radiogalaxynet.ts";
import { printJson, progressBar, say } from "./terminal.ts";

const EXAMPLES = `
Examples:
  suricate import mirabest MiraBest_F_batches.tar.gz --out mirabest
  suricate import mirabest MiraBest_F_batches.tar.gz --subset hybrid --out hybrids
  suricate import rgd galaxy_data.zip --out rgd
  suricate import protege mgcls_protege/ --out protege
  suricate import radiogalaxynet emu_radiogalaxynet/ --out emu`;

/** What every set's command is asked. */
interface Options {
  readonly out: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** `suricate import`. */
export function importCommand(): Command {
  const command = new Command("import").description("Turn a labelled set of pictures into a crop set.");
  for (const set of [miraBest(), radioGalaxyDataset(), radioGalaxyNetCommand(), protege()]) command.addCommand(set);
  return command.addHelpText("after", EXAMPLES);
}

function miraBest(): Command {
  return setCommand("mirabest", "MiraBest_F (VLA FIRST): FRI, FRII and hybrid radio galaxies, with the makers' test set.")
    .argument("<path>", "MiraBest_F_batches.tar.gz, or the folder that it unpacks to")
    .addOption(
      new Option("--subset <part>", "which sources: confident and uncertain are FRI and FRII alone")
        .choices(MIRABEST_SUBSETS)
        .default("confident"),
    )
    .action((path: string, options: Options & { readonly subset: MiraBestSubset }) =>
      run(options, (onProgress) => importMiraBest({ path, subset: options.subset, ...targetOf(options) }, onProgress)),
    );
}

function radioGalaxyDataset(): Command {
  return setCommand("rgd", "RadioGalaxyDataset (VLA FIRST): FRI, FRII, Compact and Bent, with the makers' train, valid and test.")
    .argument("<path>", "galaxy_data.zip, or the folder that it unpacks to")
    .action((path: string, options: Options) =>
      run(options, (onProgress) => importRadioGalaxyDataset({ path, ...targetOf(options) }, onProgress)),
    );
}

function protege(): Command {
  return setCommand("protege", "MGCLS Protege (MeerKAT): cutouts of extended sources with scores of interest, 1 to 5.")
    .argument("<folder>", "holds protege_subset.csv and a folder of pictures named by rank, gray128/0.png")
    .option("--table <file>", "the list of sources, where it has another name")
    .action((path: string, options: Options & { readonly table?: string }) => {
      const { table } = options;
      const asked = { path, ...(table === undefined ? {} : { table }), ...targetOf(options) };
      return run(options, (onProgress) => importProtege(asked, onProgress));
    });
}

/** A command with the options that all sets share. */
function setCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption("--out <folder>", "the crop set to write")
    .option("--force", "replace a crop set that is there", false)
    .option("--json", "print one JSON document on stdout", false)
    .option("--verbose", "show where in the program an error arose", false)
    .addHelpText("after", EXAMPLES);
}

function targetOf({ out, force }: Options): { readonly out: string; readonly existing: "refuse" | "replace" } {
  return { out, existing: force ? "replace" : "refuse" };
}

async function run({ json }: Options, importSet: (onProgress: PictureProgress) => Promise<PictureSetSummary>): Promise<void> {
  let bar: ReturnType<typeof progressBar> | undefined;
  const summary = await importSet(({ total }) => {
    bar ??= progressBar("import", total, { unit: "pictures" });
    bar.advance(1);
  });
  bar?.finish();
  tell(summary);
  if (json) printJson(summary);
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
