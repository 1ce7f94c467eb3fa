// suricate search: the crops most like one, exactly, as a table, regions, catalogues and a gallery.
import { cpus } from "node:os";
import { Command, Option } from "commander";
import { METRIC_NAMES, type Metric } from "#learn/embeddings";
import { MatrixProducts, nearestNeighbours } from "#learn/embeddings/native";
import { deviceOption } from "./device-option.ts";
import { BACKBONE_HELP } from "./embeddings.ts";
import { DATA_HELP, withForeignOptions } from "./foreign-options.ts";
import { openSource, type TableFlags } from "./opened-source.ts";
import { withOutChecked } from "./out-files.ts";
import { type Query, queryOf } from "./search/query.ts";
import { checkOutputs, type Found, foundLines, writeFound } from "./search/results.ts";
import { answer, printJson, progressBar, say } from "./terminal.ts";
import { positiveInteger } from "./whole-number.ts";

interface Flags extends TableFlags {
  readonly like: string;
  readonly k: number;
  readonly metric: Metric;
  readonly out: readonly string[];
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  suricate search crops --like abell209-y256-x512 --backbone runs/first
  suricate search crops --embeddings first.parquet --like "23.03,-13.61" --k 20 --out like.reg like.vot gallery.png
  suricate search crops --embeddings first.parquet --like "01:32:07.2,-13:36:36" --out like.csv
  suricate search crops --backbone runs/first --like odd-source.fits --out gallery.svg
  suricate search first.parquet --like abell209-y256-x512 --k 100 --out like.csv
  suricate search crops --embeddings byol.csv --id-column name --like abell209-y256-x512 --out gallery.png

--like is the id of a crop, a position inside a crop (of several the one whose centre is nearest), or a FITS or PNG file, whose
middle square is shown to the backbone. Every embedding is compared, none is guessed at: a file that embed wrote is read a block at
a time and may be larger than memory; tables of others are read whole.

Files by their endings: .csv, .vot (TOPCAT, CARTA) and .parquet are catalogues of the crops found, .reg their outlines for DS9 and
CARTA, .svg and .png a gallery, which needs the crop set, .json all of it.`;

export function searchCommand(): Command {
  const command = withOutChecked(new Command("search"))
    .description("Find the crops most like one.")
    .argument("<data>", DATA_HELP)
    .requiredOption("--like <what>", "a crop's id, RA,Dec, or a FITS or PNG file")
    .option("--backbone <name>", BACKBONE_HELP)
    .option("--embeddings <file>", "a file of embeddings of the crop set, in place of --backbone")
    .option("--k <n>", "how many", positiveInteger, 10)
    .addOption(new Option("--metric <name>", "how near").choices([...METRIC_NAMES]).default("cosine"))
    .option("--out <files...>", "files to write: .csv, .vot, .parquet, .reg, .svg, .png, .json", [])
    .option("--batch <crops>", "crops in one pass through a backbone", positiveInteger, 32)
    .addOption(deviceOption())
    .option("--threads <n>", "threads (default: all cores)", positiveInteger)
    .option("--json", "print one JSON document on stdout", false);
  return withForeignOptions(command).addHelpText("after", EXAMPLES).action(search);
}

async function search(data: string, flags: Flags): Promise<void> {
  const opened = await openSource("search", data, flags);
  const { source, cropSet } = opened;
  try {
    checkOutputs(flags.out, cropSet);
    const query = await queryOf(flags.like, opened, flags);
    const found = await nearestTo(query, source, flags);
    const records = await source.recordsAt(found.map(({ row }) => row));
    const results = found.map(({ distance }, index): Found => ({ rank: index + 1, distance, record: records[index]! }));
    const { backbone, cropSetName, cropSetSha256 } = source.head;
    const head = { backbone, cropSetName, dataHash: cropSetSha256, like: query.name, metric: flags.metric };
    for (const path of flags.out) await writeFound(path, { head, results, query, cropSet });
    if (flags.json) printJson({ ...head, results: results.map(({ record, ...rest }) => ({ ...rest, ...placeOf(record) })) });
    else answer(foundLines(head, results));
    if (flags.out.length > 0) say(`Written: ${flags.out.join(", ")}.`);
  } finally {
    opened.close();
  }
}

const placeOf = ({ id, field, raDeg, decDeg }: Found["record"]) => ({ id, field, raDeg, decDeg });

/** Rows of the nearest crops, the query's own left out. */
async function nearestTo(
  query: Query,
  { rows }: Awaited<ReturnType<typeof openSource>>["source"],
  { k, metric, threads }: Flags,
): Promise<{ readonly row: number; readonly distance: number }[]> {
  const numOthers = query.row === null ? rows.numRows : rows.numRows - 1;
  if (k > numOthers) throw new RangeError(`search: --k: expected at most ${numOthers}, the crops there are to find, got ${k}.`);
  const products = new MatrixProducts({ numThreads: threads ?? cpus().length });
  const bar = progressBar("search", rows.numRows, { unit: "crops" });
  try {
    const asked = {
      k: query.row === null ? k : k + 1,
      metric,
      self: "keep",
      onProgress: (count: number) => bar.advance(count),
    } as const;
    const { indices, distances } = await nearestNeighbours(
      rows,
      { numColumns: rows.numColumns, data: query.vector },
      asked,
      products,
    );
    const found = Array.from(indices, (row, index) => ({ row, distance: distances[index]! }));
    return found.filter(({ row }) => row !== query.row).slice(0, k);
  } finally {
    bar.finish();
    products.close();
  }
}
