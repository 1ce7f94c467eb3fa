// suricate import images: anyone's folder of PNG or FITS pictures.
import { type Command, Option } from "commander";
import type { UnitChoice } from "#sky/fits";
import type { LabelColumns } from "#sky/survey";
import { type ImagesOptions, importImages, PICTURE_RECIPES, type PictureLabelSource, type PictureRecipe } from "#sky/survey/disk";
import { decimal } from "./decimal.ts";
import { hduOption } from "./hdu-option.ts";
import { type ImportOptions, labelColumnsOption, runImport, setCommand, targetOf } from "./import-set.ts";
import { UsageError } from "./usage-error.ts";
import { countFrom0, positiveInteger } from "./whole-number.ts";

const EXAMPLES = `  suricate import images cutouts/ --out set
  suricate import images cutouts/ --labels labels.csv --out set
  suricate import images cutouts/ --labels labels.csv --columns file=NAME,label=CLASS,split=SET --out set
  suricate import images cutouts/ --labels annotations.json --out set
  suricate import images cutouts/ --labels cutouts/labels.csv --recipe mirabest --out set
  suricate import images train-and-test/ --folder-labels --size 128 --out set`;

interface Options extends ImportOptions {
  readonly labels?: string;
  readonly columns?: LabelColumns;
  readonly folderLabels: boolean;
  readonly size?: number;
  readonly low?: number;
  readonly high?: number;
  readonly maxNanFraction: number;
  readonly hdu?: UnitChoice;
  readonly plane: number;
  readonly recipe?: PictureRecipe;
}

/** `suricate import images`. */
export function imagesCommand(): Command {
  return setCommand(
    "images",
    "A folder of PNG or FITS pictures, or a zip or tar archive of PNG, with or without labels.",
    EXAMPLES,
  )
    .argument("<path>", "the folder, with the folders in it, or the archive")
    .option("--labels <file>", "table with columns of the file's name and the label, split, position...; or COCO boxes (.json)")
    .addOption(labelColumnsOption("file=NAME,label=CLASS,split=SET,ra=RA,dec=DEC,redshift=Z"))
    .option("--folder-labels", "a picture's folder is its label, as in FRI/a.png or test/FRI/a.png", false)
    .option("--size <pixels>", "keep the central square of this side", positiveInteger)
    .option("--low <percent>", "percentile of each picture that becomes black (default: 0, of FITS alone 2)", decimal)
    .option("--high <percent>", "percentile of each picture that becomes white (default: 100, of FITS alone 98)", decimal)
    .option("--max-nan-fraction <fraction>", "keep pictures with no more NaN than this", decimal, 0)
    .addOption(hduOption())
    .option("--plane <number>", "plane of FITS cubes, counted from 0", countFrom0, 0)
    .addOption(
      new Option(
        "--recipe <set>",
        "of FITS images the pictures that this set makes: clipped at 3 sigma, 150 pixels, 0-255",
      ).choices(PICTURE_RECIPES),
    )
    .action((path: string, options: Options) =>
      runImport(options, "pictures", (onProgress) => importImages({ path, ...askedOf(options) }, onProgress)),
    );
}

function askedOf(options: Options): Omit<ImagesOptions, "path"> {
  const { size, low, high, maxNanFraction, hdu, plane, recipe } = options;
  const labels = labelsOf(options);
  return {
    ...{ ...targetOf(options), maxNanFraction, plane },
    ...(hdu === undefined ? {} : { hdu }),
    ...(recipe === undefined ? {} : { recipe }),
    ...(size === undefined ? {} : { size }),
    ...(low === undefined ? {} : { lowPercentile: low }),
    ...(high === undefined ? {} : { highPercentile: high }),
    ...(labels === undefined ? {} : { labels }),
  };
}

function labelsOf({ labels, columns, folderLabels }: Options): PictureLabelSource | undefined {
  if (folderLabels && labels !== undefined) throw new UsageError("--folder-labels: expected no --labels beside it, got both.");
  const isTable = labels !== undefined && !/\.json$/i.test(labels);
  if (columns !== undefined && !isTable) throw new UsageError("--columns: expected a table of --labels beside it, got none.");
  if (folderLabels) return { from: "folders" };
  if (labels === undefined) return undefined;
  if (!isTable) return { from: "coco", file: labels };
  return { from: "table", file: labels, ...(columns === undefined ? {} : { columns }) };
}
