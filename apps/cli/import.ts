// suricate import: labelled sets of pictures to a crop set, one command under it for each set.
import { Command, Option } from "commander";
import { MIRABEST_SUBSETS, type MiraBestSubset } from "#sky/survey";
import { importMiraBest, importProtege, importRadioGalaxyDataset } from "#sky/survey/disk";
import { imagesCommand } from "./import-images.ts";
import { mighteeFrCommand } from "./import-mightee-fr.ts";
import { radioGalaxyNetCommand } from "./import-radiogalaxynet.ts";
import { type ImportOptions, runImport, setCommand, targetOf } from "./import-set.ts";

const EXAMPLES = `
Examples:
  suricate import mirabest MiraBest_F_batches.tar.gz --out mirabest
  suricate import rgd galaxy_data.zip --out rgd
  suricate import mightee-fr cosmos.fits --table galaxies.txt --out mightee-fr
  suricate import radiogalaxynet emu_radiogalaxynet/ --out emu
  suricate import protege mgcls_protege/ --out protege
  suricate import images cutouts/ --labels labels.csv --out cutouts-set`;

/** `suricate import`. */
export function importCommand(): Command {
  const command = new Command("import").description("Turn a labelled set of pictures into a crop set.");
  const sets = [miraBest(), radioGalaxyDataset(), mighteeFrCommand(), radioGalaxyNetCommand(), protege(), imagesCommand()];
  for (const set of sets) command.addCommand(set);
  return command.addHelpText("after", EXAMPLES);
}

const MIRABEST_EXAMPLES = `  suricate import mirabest MiraBest_F_batches.tar.gz --out mirabest
  suricate import mirabest F_batches/ --subset hybrid --out hybrids`;

function miraBest(): Command {
  return setCommand(
    "mirabest",
    "MiraBest_F (VLA FIRST): FRI, FRII and hybrid radio galaxies, with the makers' test set.",
    MIRABEST_EXAMPLES,
  )
    .argument("<path>", "MiraBest_F_batches.tar.gz, the folder that it unpacks to, or one that holds either")
    .addOption(
      new Option("--subset <part>", "which sources; confident and uncertain are FRI and FRII alone")
        .choices(MIRABEST_SUBSETS)
        .default("confident"),
    )
    .action((path: string, options: ImportOptions & { readonly subset: MiraBestSubset }) =>
      runImport(options, "pictures", (onProgress) =>
        importMiraBest({ path, subset: options.subset, ...targetOf(options) }, onProgress),
      ),
    );
}

function radioGalaxyDataset(): Command {
  return setCommand(
    "rgd",
    "RadioGalaxyDataset (VLA FIRST): FRI, FRII, Compact and Bent, with the makers' train, valid and test.",
    "  suricate import rgd galaxy_data.zip --out rgd",
  )
    .argument("<path>", "galaxy_data.zip, the folder that it unpacks to, or one that holds either")
    .action((path: string, options: ImportOptions) =>
      runImport(options, "pictures", (onProgress) => importRadioGalaxyDataset({ path, ...targetOf(options) }, onProgress)),
    );
}

function protege(): Command {
  return setCommand(
    "protege",
    "MGCLS Protege (MeerKAT): cutouts of extended sources with scores of interest, 1 to 5.",
    "  suricate import protege mgcls_protege/ --out protege",
  )
    .argument("<folder>", "holds protege_subset.csv and a folder of pictures named by rank, gray128/0.png; or either of the two")
    .option("--table <file>", "the list of sources, where it has another name")
    .action((path: string, options: ImportOptions & { readonly table?: string }) => {
      const { table } = options;
      const asked = { path, ...(table === undefined ? {} : { table }), ...targetOf(options) };
      return runImport(options, "pictures", (onProgress) => importProtege(asked, onProgress));
    });
}
