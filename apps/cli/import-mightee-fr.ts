// suricate import mightee-fr: FRI and FRII galaxies cut from FITS images round the positions of a table.
import type { Command } from "commander";
import { type LabelColumns, type LabelNames, parseLabelNames } from "#sky/survey";
import { importMighteeFr } from "#sky/survey/disk";
import { decimal } from "./decimal.ts";
import { argument, type ImportOptions, labelColumnsOption, runImport, setCommand, targetOf } from "./import-set.ts";
import { countFrom0, positiveInteger } from "./whole-number.ts";

const EXAMPLES = `  suricate import mightee-fr cosmos.fits xmmlss.fits --table galaxies.txt --out mightee-fr
  suricate import mightee-fr cosmos.fits --table galaxies.csv --columns ra=RA_host,dec=DEC_host,label=FR_class --out mightee-fr
  suricate import mightee-fr cosmos.fits --table galaxies.csv --columns label=type --classes 1=FRI,2=FRII --out mightee-fr`;

interface Options extends ImportOptions {
  readonly table: string;
  readonly columns?: LabelColumns;
  readonly classes?: LabelNames;
  readonly size: number;
  readonly low: number;
  readonly high: number;
  readonly maxNanFraction: number;
  readonly plane: number;
}

/** `suricate import mightee-fr`. */
export function mighteeFrCommand(): Command {
  return setCommand("mightee-fr", "MIGHTEE_FR (MeerKAT): crops of a FITS image round labelled galaxies, FRI and FRII.", EXAMPLES)
    .argument("<fits...>", "FITS images, or folders of them")
    .requiredOption("--table <file>", "text table of the galaxies: positions and classes")
    .addOption(labelColumnsOption("ra=RA_host,dec=DEC_host,label=CLASS,id=NAME,split=SET,redshift=Z"))
    .option("--classes <values>", "values of the class column that count, and their labels: FRI,FRII or 1=FRI,2=FRII", classes)
    .option("--size <pixels>", "side of a crop", positiveInteger, 150)
    .option("--low <percent>", "percentile of the image that becomes black", decimal, 2)
    .option("--high <percent>", "percentile of the image that becomes white", decimal, 99.9)
    .option("--max-nan-fraction <fraction>", "keep crops with no more NaN than this", decimal, 0)
    .option("--plane <number>", "plane of a cube, counted from 0", countFrom0, 0)
    .action(run);
}

function run(images: readonly string[], options: Options): Promise<void> {
  const { table, columns, classes: labels, size, low, high, maxNanFraction, plane } = options;
  const asked = {
    ...{ images, table, cropSize: size, lowPercentile: low, highPercentile: high, maxNanFraction, plane, ...targetOf(options) },
    ...(columns === undefined ? {} : { columns }),
    ...(labels === undefined ? {} : { classes: labels }),
  };
  return runImport(options, "images", (onProgress) => importMighteeFr(asked, onProgress));
}

function classes(text: string): LabelNames {
  return argument(() => parseLabelNames(text));
}
