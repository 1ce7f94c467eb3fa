// suricate catalogue: anyone's source catalogue in the forms that DS9, CARTA and TOPCAT open; a crop set's sources also as COCO boxes.
import { existsSync } from "node:fs";
import { extname } from "node:path";
import { Command } from "commander";
import { writeFileAtomically } from "#base/files/disk";
import { type ColumnChoice, formatCatalogueCsv, formatRegions, formatVotable, type Source } from "#sky/catalogue";
import { readCatalogue } from "#sky/catalogue/disk";
import { type SourceSelection, sourcesOfCrops } from "#sky/survey";
import { checkPictureFolder, openSources, writeBoxes, writePictures } from "./catalogue/crop-set-sources.ts";
import { columnsOption } from "./columns-option.ts";
import { isCropSetFolder } from "./inspect/kind-of.ts";
import { stoppable } from "./interruption.ts";
import { withOutChecked } from "./out-files.ts";
import { counted, printJson, say } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

interface Flags {
  readonly out: readonly string[];
  readonly columns?: ColumnChoice;
  readonly split?: string;
  readonly owned: boolean;
  readonly pictures?: string;
  readonly json: boolean;
}

/** Text of sources by the ending of its file. */
const FORMS: Readonly<Record<string, (sources: readonly Source[]) => string>> = {
  ".reg": formatRegions,
  ".vot": formatVotable,
  ".csv": formatCatalogueCsv,
};

/** Boxes in pixels of crops: of a crop set alone. */
const COCO_ENDING = ".json";

const EXAMPLES = `
Examples:
  suricate catalogue sources.srl --out sources.reg
  suricate catalogue Table2.csv --out sources.vot sources.csv
  suricate catalogue cosmos.fits --columns ra=ALPHA,dec=DELTA,flux=S20:mJy --out cosmos.reg --json
  suricate catalogue crops --out boxes.json
  suricate catalogue crops --split train --out coco/train.json --pictures coco/train
  suricate catalogue crops --owned --out sources.reg

Files by their endings: .reg are regions for DS9 and CARTA (ellipses at half maximum, crosses where no size is known), .vot a VOTable for
TOPCAT, .csv text. Positions are ICRS degrees, fluxes Jy. Of a crop set also .json: COCO boxes, one image a crop.

COCO boxes are [x, y, width, height] in pixels of the crop without its margin, counted from 0 at the corner of the first pixel. Rows are
those of crops.npy, the FITS image's own: y grows as in DS9, and a PNG of --pictures, whose first row is on top, is upside down against
DS9. Crops that no catalogue covers are left out.`;

/** `suricate catalogue`. */
export function catalogueCommand(): Command {
  return withOutChecked(new Command("catalogue"))
    .description("Write a source catalogue, or the sources of a crop set, as DS9 regions, VOTable, CSV or COCO boxes.")
    .argument("<file>", "PyBDSF, MGCLS, MIGHTEE, FIRST, Aegean, any text or FITS table with RA and Dec; or a crop set")
    .requiredOption("--out <files...>", `files to write: ${[...Object.keys(FORMS), COCO_ENDING].join(", ")}`)
    .addOption(columnsOption())
    .option("--split <name>", "of a crop set: only crops of this split (train, valid, test)")
    .option("--owned", "of a crop set: each source in the crop that counts it alone, not in all that show it", false)
    .option("--pictures <folder>", "write the crops that the COCO file names as 8-bit PNG, stretched between their limits")
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(catalogue);
}

async function catalogue(file: string, flags: Flags): Promise<void> {
  for (const path of flags.out) checkEnding(path);
  const written = isCropSetFolder(file) ? await ofCropSet(file, flags) : ofCatalogue(file, flags);
  if (flags.json) printJson({ file, ...written, out: flags.out });
}

function ofCatalogue(file: string, flags: Flags) {
  const { out, columns } = flags;
  checkNoCropSetFlags(file, flags);
  const { sources, warnings, sha256 } = readCatalogue(file, columns === undefined ? {} : { columns });
  for (const warning of warnings) say(warning);
  writeSources(out, sources);
  say(`${out.join(", ")}: ${counted(sources.length, "source")} of ${file}.`);
  return { sha256, sources: sources.length };
}

/** Throws UsageError for what only a crop set has. */
function checkNoCropSetFlags(file: string, { out, split, owned, pictures }: Flags): void {
  const coco = out.find(isCoco);
  const asked = [
    ...(coco === undefined ? [] : [`--out ${coco}`]),
    ...(split === undefined ? [] : ["--split"]),
    ...(owned ? ["--owned"] : []),
    ...(pictures === undefined ? [] : ["--pictures"]),
  ][0];
  // What is not there at all is the reader's to tell.
  if (asked === undefined || !existsSync(file)) return;
  throw new UsageError(`catalogue: ${asked}: expected a crop set, got ${file}. Make one with "suricate prepare --catalogue".`);
}

async function ofCropSet(folder: string, flags: Flags) {
  const { out, split, owned, pictures } = flags;
  const [coco, lists] = [out.filter(isCoco), out.filter((path) => !isCoco(path))];
  checkCropSetFlags(folder, flags, coco);
  const selection: SourceSelection = { keep: owned ? "owned" : "shown", ...(split === undefined ? {} : { split }) };
  const { set, sources } = await openSources(folder);
  try {
    const list = lists.length === 0 ? undefined : sourcesOfCrops(set, sources, selection);
    if (list !== undefined) {
      writeSources(lists, list);
      say(`${lists.join(", ")}: ${counted(list.length, "source")} of ${folder}.`);
    }
    const [boxes] = coco.map((path) => writeBoxes(path, set, sources, selection));
    if (boxes !== undefined && pictures !== undefined)
      await stoppable("stopped: the pictures are not written.", () => writePictures(pictures, set, boxes));
    return {
      sha256: set.sha256,
      ...(list === undefined ? {} : { sources: list.length }),
      ...(boxes === undefined ? {} : { images: boxes.images.length, boxes: boxes.numBoxes, uncovered: boxes.numUncovered }),
      ...(pictures === undefined ? {} : { pictures }),
    };
  } finally {
    set.close();
  }
}

/** Throws UsageError for options that a crop set does not go with, and FileError where pictures would lie among other files. */
function checkCropSetFlags(folder: string, { columns, pictures }: Flags, coco: readonly string[]): void {
  if (columns !== undefined)
    throw new UsageError(`catalogue: --columns: expected a catalogue beside it, got the crop set ${folder}. Leave it out.`);
  if (pictures === undefined) return;
  if (coco.length === 0)
    throw new UsageError("catalogue: --pictures: expected a file .json in --out, which names them, got none.");
  checkPictureFolder(pictures);
}

function writeSources(out: readonly string[], sources: readonly Source[]): void {
  for (const path of out) writeFileAtomically(path, new TextEncoder().encode(FORMS[endingOf(path)]!(sources))); // checked before
}

const endingOf = (path: string) => extname(path).toLowerCase();
const isCoco = (path: string) => endingOf(path) === COCO_ENDING;

/** Throws UsageError for another ending. */
function checkEnding(path: string): void {
  const endings = [...Object.keys(FORMS), COCO_ENDING];
  if (endings.includes(endingOf(path))) return;
  throw new UsageError(`catalogue: --out ${path}: expected a name that ends in ${endings.join(", ")}.`);
}
