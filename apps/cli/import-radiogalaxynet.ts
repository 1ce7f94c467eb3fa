// suricate import radiogalaxynet: its own command, as it tells which pictures it drops.
import { Command } from "commander";
import { type ImportSummary, importRadioGalaxyNet } from "#sky/survey/disk";
import { printJson, progressBar, say } from "./terminal.ts";

const EXAMPLES = `
Examples:
  suricate import radiogalaxynet emu_radiogalaxynet --out emu`;

interface Options {
  readonly out: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** `suricate import radiogalaxynet`. */
export function radioGalaxyNetCommand(): Command {
  return new Command("radiogalaxynet")
    .description("RadioGalaxyNET (ASKAP EMU): pictures with COCO annotations; test pictures that overlap training are dropped.")
    .argument("<folder>", "holds train.json, val.json and the folders train and val")
    .requiredOption("--out <folder>", "the crop set to write")
    .option("--force", "replace a crop set that is there", false)
    .option("--json", "print one JSON document on stdout", false)
    .option("--verbose", "show where in the program an error arose", false)
    .addHelpText("after", EXAMPLES)
    .action(runRadioGalaxyNet);
}

async function runRadioGalaxyNet(folder: string, { out, force, json }: Options): Promise<void> {
  let bar: ReturnType<typeof progressBar> | undefined;
  const existing = force ? "replace" : "refuse";
  const summary = await importRadioGalaxyNet({ folder, out, existing }, ({ total }) => {
    bar ??= progressBar("import", total, { unit: "steps" });
    bar.advance(1);
  });
  bar?.finish();
  tell(summary);
  if (json) printJson(summary);
}

function tell({ out, crops, train, test, overlaps, droppedPictures }: ImportSummary): void {
  for (const { picture, trainPicture, correlation, sharedArea } of overlaps) {
    const share = Math.round(100 * sharedArea);
    say(
      `${picture}: dropped: ${share} % of it is in ${trainPicture} of the training set (correlation ${correlation.toFixed(2)}).`,
    );
  }
  say(`${out}: ${crops} crops, ${train} train and ${test} test; ${droppedPictures.length} test pictures dropped for overlap.`);
}
