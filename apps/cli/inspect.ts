// suricate inspect: what a file or a folder holds, and what two crop sets have in common.
import { Command } from "commander";
import { DEFAULT_EXPONENT } from "#base/image";
import { columnsOption } from "./columns-option.ts";
import { decimal } from "./decimal.ts";
import { hduOption } from "./hdu-option.ts";
import { type InspectFlags, inspectOne } from "./inspect/inspect-one.ts";
import { inspectOverlap, type OverlapFlags } from "./inspect/inspect-overlap.ts";
import { answer, printJson } from "./terminal.ts";
import { countFrom0 } from "./whole-number.ts";

const EXAMPLES = `
Examples:
  suricate inspect abell-209.fits
  suricate inspect abell-209.fits --plane 2 --figure scalings.svg
  suricate inspect sources.srl
  suricate inspect fields/
  suricate inspect crops
  suricate inspect runs/first
  suricate inspect dino_resnet50.pth
  suricate inspect model.onnx
  suricate inspect mirabest radiogalaxydataset
  suricate inspect emu-val emu-train --min-shared 0.1 --json

Two crop sets are compared by sky position where their crops have one, else by their pixels (whole-pixel shifts at one pixel size).`;

interface Flags extends InspectFlags, OverlapFlags {
  readonly json: boolean;
}

export function inspectCommand(): Command {
  return new Command("inspect")
    .description(
      "Say what a FITS file, catalogue, array, crop set, run, checkpoint, ONNX model or folder holds, or where two crop sets overlap.",
    )
    .argument("<path>", "FITS file, catalogue, .npy, .safetensors, .pth or .onnx file, crop set, run, or a folder of such")
    .argument("[other]", "a second crop set: the overlap of the two is told")
    .option("--plane <n>", "plane of a cube, counted from 0", countFrom0, 0)
    .addOption(hduOption())
    .option("--low <percent>", "percentile of the contrast stretch's lower limit", decimal, 2)
    .option("--high <percent>", "percentile of its upper limit", decimal, 98)
    .option("--exponent <number>", "of the power law in the figure", decimal, DEFAULT_EXPONENT)
    .option("--figure <file.svg>", "draw histograms of a FITS image under every scaling (paper, Figure 4)")
    .addOption(columnsOption())
    .option("--min-shared <fraction>", "smallest share of a crop of the first set that counts as overlap", decimal, 0)
    .option("--match <arcsec>", "centres this near are counted as one source", decimal, 30)
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(inspect);
}

async function inspect(path: string, other: string | undefined, flags: Flags): Promise<void> {
  const { report, lines } = other === undefined ? await inspectOne(path, flags) : await inspectOverlap(path, other, flags);
  if (flags.json) printJson(report);
  else answer(lines);
}
