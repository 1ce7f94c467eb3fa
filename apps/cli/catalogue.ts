// suricate catalogue: anyone's source catalogue in the forms that DS9, CARTA and TOPCAT open.
import { extname } from "node:path";
import { Command } from "commander";
import { writeFileAtomically } from "#base/files/disk";
import { type ColumnChoice, formatCatalogueCsv, formatRegions, formatVotable, type Source } from "#sky/catalogue";
import { readCatalogue } from "#sky/catalogue/disk";
import { columnsOption } from "./columns-option.ts";
import { withOutChecked } from "./out-files.ts";
import { counted, printJson, say } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

interface Flags {
  readonly out: readonly string[];
  readonly columns?: ColumnChoice;
  readonly json: boolean;
}

/** Text of a catalogue by the ending of its file. */
const FORMS: Readonly<Record<string, (sources: readonly Source[]) => string>> = {
  ".reg": formatRegions,
  ".vot": formatVotable,
  ".csv": formatCatalogueCsv,
};

const EXAMPLES = `
Examples:
  suricate catalogue sources.srl --out sources.reg
  suricate catalogue Table2.csv --out sources.vot sources.csv
  suricate catalogue cosmos.fits --columns ra=ALPHA,dec=DELTA,flux=S20:mJy --out cosmos.reg --json

Files by their endings: .reg are regions for DS9 and CARTA (ellipses at half maximum, crosses where no size is known), .vot a VOTable for
TOPCAT, .csv text. Positions are ICRS degrees, fluxes Jy.`;

/** `suricate catalogue`. */
export function catalogueCommand(): Command {
  return withOutChecked(new Command("catalogue"))
    .description("Write a source catalogue as DS9 regions, VOTable or CSV.")
    .argument("<file>", "PyBDSF, MGCLS, MIGHTEE, FIRST, Aegean, any text or FITS table with RA and Dec")
    .requiredOption("--out <files...>", `files to write: ${Object.keys(FORMS).join(", ")}`)
    .addOption(columnsOption())
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(catalogue);
}

function catalogue(file: string, { out, columns, json }: Flags): void {
  const forms = out.map((path) => ({ path, format: formOf(path) }));
  const { sources, warnings, sha256 } = readCatalogue(file, columns === undefined ? {} : { columns });
  for (const warning of warnings) say(warning);
  for (const { path, format } of forms) writeFileAtomically(path, new TextEncoder().encode(format(sources)));
  say(`${out.join(", ")}: ${counted(sources.length, "source")} of ${file}.`);
  if (json) printJson({ file, sha256, sources: sources.length, out });
}

/** Throws UsageError for another ending. */
function formOf(path: string): (sources: readonly Source[]) => string {
  const format = FORMS[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  throw new UsageError(`catalogue: --out ${path}: expected a name that ends in ${Object.keys(FORMS).join(", ")}.`);
}
