// suricate project: embeddings on a plane by PCA, t-SNE or UMAP, as a table and as figures (paper Figure 6).
import { cpus } from "node:os";
import { Command, Option } from "commander";
import { writeFileAtomically } from "#base/files/disk";
import {
  type EmbeddingSource,
  PROJECTION_DEFAULTS,
  PROJECTION_METHODS,
  type Projection,
  type ProjectionSettings,
  type RowBlocks,
  recordBlocks,
} from "#learn/embeddings";
import { openTableWriter } from "#learn/embeddings/disk";
import { type ProjectRowsOptions, projectRows } from "#learn/embeddings/native";
import { backboneTitle, projectionPlotSvg } from "#report";
import { type CropRecord, cropColumns } from "#sky/survey";
import { decimal } from "./decimal.ts";
import { deviceOption } from "./device-option.ts";
import { BACKBONE_HELP } from "./embeddings.ts";
import { FIGURE_ENDINGS, isFigure, writeFigure } from "./figure-file.ts";
import { DATA_HELP, withForeignOptions } from "./foreign-options.ts";
import { openSource, type TableFlags } from "./opened-source.ts";
import { withOutChecked } from "./out-files.ts";
import { COLOURINGS, type Colouring, colourPanels } from "./project/colourings.ts";
import { type ProgressBar, printJson, progressBar, say } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";
import { positiveInteger } from "./whole-number.ts";

interface Flags
  extends TableFlags,
    Omit<ProjectionSettings, "scaling" | "numComponents" | "numIterations" | "minDistance" | "numEpochs"> {
  readonly out: readonly string[];
  readonly pca: string;
  readonly standardise: boolean;
  readonly iterations: number;
  readonly neighbours: number;
  readonly minDist: number;
  readonly epochs?: number;
  readonly colour: readonly Colouring[];
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  suricate project first.parquet --method tsne --out map.parquet map.svg
  suricate project crops --backbone runs/first --method umap --out map.png map.csv
  suricate project first.parquet --method pca --colour field sourceCount --out map.svg
  suricate project first.parquet --method tsne --perplexity 50 --pca none --no-standardise --out map.json map.png
  suricate project crops --embeddings byol.npy --by-row --method umap --out map.svg

Files by their endings: .parquet, .csv and .vot (TOPCAT) have the crops' columns with x and y; .svg and .png are figures, one panel a
colouring; .json holds how the points were made. The same embeddings and options give the same points, with any number of threads.
pca reads a file that embed wrote a block at a time, and it may be larger than memory; t-SNE and UMAP gather the rows.
Columns are standardised and brought to 30 principal components before t-SNE and UMAP, as for the paper's Figure 6. Trustworthiness
(Venna & Kaski 2001) says how far neighbours on the plane are neighbours among the embeddings: 1 is all of them.`;

export function projectCommand(): Command {
  const command = withOutChecked(new Command("project"))
    .description("Lay embeddings out on a plane by PCA, t-SNE or UMAP.")
    .argument("<data>", DATA_HELP)
    .addOption(new Option("--method <name>", "how").choices([...PROJECTION_METHODS]).makeOptionMandatory())
    .requiredOption("--out <files...>", "files to write: .parquet, .csv, .vot, .svg, .png, .json")
    .option("--backbone <name>", BACKBONE_HELP)
    .option("--embeddings <file>", "a file of embeddings of the crop set, in place of --backbone")
    .option("--pca <n>", "principal components before t-SNE and UMAP, or none", String(PROJECTION_DEFAULTS.numComponents))
    .option("--no-standardise", "leave the columns of the embeddings as they are")
    .option("--perplexity <n>", "t-SNE: neighbours that a point attends to", decimal, PROJECTION_DEFAULTS.perplexity)
    .option("--iterations <n>", "t-SNE: steps", positiveInteger, PROJECTION_DEFAULTS.numIterations)
    .option("--neighbours <n>", "UMAP: neighbours of a point", positiveInteger, PROJECTION_DEFAULTS.numNeighbours)
    .option("--min-dist <d>", "UMAP: how near points may lie", decimal, PROJECTION_DEFAULTS.minDistance)
    .option("--epochs <n>", "UMAP: passes (default: 500, or 200 from 10,000 crops on)", positiveInteger)
    .addOption(
      new Option("--colour <names...>", "what the points are coloured by (default: all that is known)").choices([...COLOURINGS]),
    )
    .option("--batch <crops>", "crops in one pass through a backbone", positiveInteger, 32)
    .addOption(deviceOption())
    .option("--threads <n>", "threads (default: all cores)", positiveInteger)
    .option("--json", "print one JSON document on stdout", false);
  return withForeignOptions(command).addHelpText("after", EXAMPLES).action(project);
}

async function project(data: string, flags: Flags): Promise<void> {
  for (const path of flags.out) checkEnding(path);
  const settings = settingsOf(flags);
  const opened = await openSource("project", data, flags);
  const { source } = opened;
  try {
    const panels =
      flags.colour !== undefined || flags.out.some(isFigure) ? colourPanels(await allRecords(source), flags.colour ?? null) : [];
    const projection = await projectWithBar(source.rows, { ...settings, numThreads: flags.threads ?? cpus().length });
    const record = recordOf(source, projection);
    for (const path of flags.out) {
      if (path.endsWith(".json")) writeFileAtomically(path, new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`));
      else if (isFigure(path)) writeFigure(path, figureOf(source, projection, { method: flags.method, panels }));
      else await writePoints(path, source, { projection, record });
    }
    say(`${flags.out.join(", ")}: ${source.rows.numRows} crops of ${source.head.cropSetName}, ${source.head.backbone}.`);
    say(parameterText(projection));
    say(trustText(projection));
    if (flags.json) printJson({ ...record, out: flags.out });
  } finally {
    opened.close();
  }
}

/** Figures are coloured by what is known of every crop. */
async function allRecords(source: EmbeddingSource): Promise<readonly CropRecord[]> {
  const all: CropRecord[] = [];
  for await (const records of recordBlocks(source, RECORDS_AT_ONCE)) for (const record of records) all.push(record);
  return all;
}

/** Rows of a table that are held at once. */
const RECORDS_AT_ONCE = 10_000;

async function projectWithBar(rows: RowBlocks, options: Omit<ProjectRowsOptions, "onProgress">): Promise<Projection> {
  // It comes with the first progress: settings that do not fit the rows are refused before.
  let bar: ProgressBar | undefined;
  let shown = 0;
  const onProgress = (share: number) => {
    bar ??= progressBar(options.method, 100, { unit: "%" });
    bar.advance(Math.floor(100 * share) - shown);
    shown = Math.floor(100 * share);
  };
  try {
    const projection = await projectRows(rows, { ...options, onProgress });
    onProgress(1); // principal components tell of nothing on the way
    return projection;
  } finally {
    bar?.finish();
  }
}

const ENDINGS = [".parquet", ".csv", ".vot", ".json", ...FIGURE_ENDINGS];

/** Told before the work, not after. */
function checkEnding(path: string): void {
  if (ENDINGS.some((ending) => path.toLowerCase().endsWith(ending))) return;
  throw new UsageError(`project: --out ${path}: expected a name that ends in ${ENDINGS.join(", ")}.`);
}

function settingsOf(flags: Flags): ProjectionSettings {
  const numComponents = flags.pca === "none" ? null : Number(flags.pca);
  if (numComponents !== null && !(Number.isInteger(numComponents) && numComponents >= 2))
    throw new UsageError(`project: --pca: expected a whole number from 2 on, or none, got ${flags.pca}.`);
  if (!(flags.perplexity >= 2)) throw new UsageError(`project: --perplexity: expected 2 or more, got ${flags.perplexity}.`);
  return {
    method: flags.method,
    scaling: flags.standardise ? "standardised" : "none",
    numComponents,
    perplexity: flags.perplexity,
    numIterations: flags.iterations,
    numNeighbours: flags.neighbours,
    minDistance: flags.minDist,
    numEpochs: flags.epochs ?? null,
  };
}

/** Methods as figures name them. */
const METHOD_TITLES = { pca: "PCA", tsne: "t-SNE", umap: "UMAP" } as const;

function recordOf({ head, rows }: EmbeddingSource, projection: Projection) {
  const { backbone, dim, cropSetName, cropSetSha256 } = head;
  const { parameters, trustworthiness } = projection;
  return { backbone, embeddingDim: dim, cropSetName, dataHash: cropSetSha256, n: rows.numRows, parameters, trustworthiness };
}

/** A table of the crops' columns with x and y. */
async function writePoints(
  path: string,
  source: EmbeddingSource,
  { projection, record }: { readonly projection: Projection; readonly record: ReturnType<typeof recordOf> },
): Promise<void> {
  const writer = openTableWriter(path, { metadata: { projection: JSON.stringify(record) } });
  try {
    let start = 0;
    for await (const records of recordBlocks(source, RECORDS_AT_ONCE)) {
      writer.append(columnsOf(records, projection.coordinates.subarray(2 * start)));
      start += records.length;
    }
    writer.close();
  } catch (error) {
    writer.abort();
    throw error;
  }
}

/** coordinates [N, 2], of which the first are the records'. */
function columnsOf(records: readonly CropRecord[], coordinates: Float64Array) {
  const axis = (name: string, offset: number) =>
    ({ name, type: "double", values: records.map((_, row) => coordinates[2 * row + offset]!) }) as const;
  return [...cropColumns(records), axis("x", 0), axis("y", 1)];
}

function figureOf(
  { head, rows }: EmbeddingSource,
  projection: Projection,
  { method, panels }: { readonly method: keyof typeof METHOD_TITLES; readonly panels: ReturnType<typeof colourPanels> },
): string {
  const { cropSetName, backbone } = head;
  return projectionPlotSvg({
    description: `${rows.numRows} crops of ${cropSetName} on a plane. ${parameterText(projection)} ${trustText(projection)}`,
    title: `${cropSetName}, ${backboneTitle(backbone)}: ${METHOD_TITLES[method]}, trustworthiness ${projection.trustworthiness.value.toFixed(3)}`,
    coordinates: projection.coordinates,
    panels,
  });
}

function parameterText({ parameters }: Projection): string {
  return `${Object.entries(parameters)
    .map(([name, value]) => `${name} ${typeof value === "number" ? Number(value.toPrecision(4)) : value}`)
    .join(", ")}.`;
}

function trustText({ trustworthiness: { value, numNeighbours, numMeasured } }: Projection): string {
  return `Trustworthiness ${value.toFixed(4)} (${numNeighbours} neighbours, measured on ${numMeasured} crops).`;
}
