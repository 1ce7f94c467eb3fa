// suricate import radiogalaxynet: its own command, as it tells which pictures it drops.
import type { Command } from "commander";
import { type ImportSummary, importRadioGalaxyNet } from "#sky/survey/disk";
import { type ImportOptions, importWithBar, setCommand, targetOf } from "./import-set.ts";
import { printJson, say } from "./terminal.ts";

/** `suricate import radiogalaxynet`. */
export function radioGalaxyNetCommand(): Command {
  return setCommand(
    "radiogalaxynet",
    "RadioGalaxyNET (ASKAP EMU): pictures with COCO annotations; test pictures that overlap training are dropped.",
    "  suricate import radiogalaxynet emu_radiogalaxynet/ --out emu",
  )
    .argument("<folder>", "holds train.json, val.json and the folders train and val, or an archive of them")
    .action(runRadioGalaxyNet);
}

async function runRadioGalaxyNet(folder: string, options: ImportOptions): Promise<void> {
  const summary = await importWithBar("steps", (onStep) => importRadioGalaxyNet({ folder, ...targetOf(options) }, onStep));
  tell(summary);
  if (options.json) printJson(summary);
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
