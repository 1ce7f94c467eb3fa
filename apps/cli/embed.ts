// suricate embed: a crop set through a frozen backbone, one vector a crop, into a file that other programs read.
import { Command } from "commander";
import { type EmbeddingHead, sourceBlocks } from "#learn/embeddings";
import { isEmbeddingFile, rowsPerGroup, tableEnding, writeEmbeddingBlocks } from "#learn/embeddings/disk";
import { openCropRows } from "#sky/survey/disk";
import { deviceOption } from "./device-option.ts";
import { BACKBONE_HELP, embedToFile, int8Cosine } from "./embeddings.ts";
import { DATA_HELP, withForeignOptions } from "./foreign-options.ts";
import { openSource, type TableFlags } from "./opened-source.ts";
import { printJson, say } from "./terminal.ts";
import { asUsage, UsageError } from "./usage-error.ts";
import { positiveInteger } from "./whole-number.ts";

interface Flags extends TableFlags {
  readonly out: string;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  suricate embed crops --backbone runs/first --out first.parquet
  suricate embed crops --backbone runs/first@25 --out epoch-25.parquet
  suricate embed crops --backbone runs/first --int8 --out first-int8.parquet
  suricate embed crops --backbone random:resnet50:0 --out untrained.parquet
  suricate embed crops --backbone dino-resnet50 --out imagenet.parquet
  suricate embed crops --backbone checkpoint.pth#student --out student.parquet
  suricate embed crops --backbone model.onnx#pooled --out other.parquet
  suricate embed crops --backbone runs/first --out first.vot
  suricate embed crops --backbone runs/first --out first.npy
  suricate embed crops --embeddings byol.npy --by-row --out byol.vot
  suricate embed first.parquet --out first.csv

Behind "#" stands a subtree of a checkpoint that holds several networks, or an output of an ONNX model.
suricate backbones lists the names that are known, and where their weights are to be had.

The file's ending says its form. Parquet (what the other commands read) and VOTable have the crops' columns, RA and Dec among them,
and one list column, "embedding"; CSV has a column for each number; npy holds the numbers alone, [crops, dim], and the crops'
columns stand beside it in a CSV file of the same name. pandas, polars, TOPCAT, DuckDB and numpy read them. Sets larger than memory
are read and written as they are embedded. With --embeddings, or a file in place of the crop set, embeddings that are made already
are written in another form, with the set's positions and labels.`;

export function embedCommand(): Command {
  const command = new Command("embed")
    .description("Embed every crop of a set with a frozen backbone.")
    .argument("<data>", DATA_HELP)
    .option("--backbone <name>", BACKBONE_HELP)
    .option("--embeddings <file>", "a file of embeddings of the crop set, in place of --backbone")
    .requiredOption("--out <file>", "file to write: .parquet, .csv, .vot or .npy")
    .option("--batch <crops>", "crops in one pass", positiveInteger, 32)
    .addOption(deviceOption())
    .option("--threads <n>", "threads of the device (default: all cores)", positiveInteger)
    .option("--int8", "linear layers in 8 bits: smaller and faster; prints the measured cosine to float32", false)
    .option("--json", "print one JSON document on stdout", false);
  return withForeignOptions(command).addHelpText("after", EXAMPLES).action(embed);
}

async function embed(data: string, flags: Flags): Promise<void> {
  asUsage(() => tableEnding(flags.out)); // told before the work, not after
  const { backbone } = flags;
  if (backbone === undefined || isEmbeddingFile(data) || flags.embeddings !== undefined) return rewrite(data, flags);
  const crops = await openCropRows(data);
  try {
    const head = await embedToFile(crops, backbone, flags.out, flags);
    tellWritten(head, crops.numCrops, flags);
    const cosine = flags.int8 ? await int8Cosine(crops, backbone, flags) : undefined;
    if (cosine) {
      const { numCrops, mean, smallest } = cosine;
      say(`8 bits: cosine to float32 ${mean.toFixed(6)} on average over ${numCrops} crops, ${smallest.toFixed(6)} at least.`);
    }
    if (flags.json) printJson({ ...summaryOf(head, crops.numCrops, flags), ...(cosine ? { cosine } : {}) });
  } finally {
    crops.close();
  }
}

/** Embeddings that are made already, in another form: a file that `embed` wrote a group of rows at a time. */
async function rewrite(data: string, flags: Flags): Promise<void> {
  if (flags.int8)
    throw new UsageError(`embed ${data}: --int8: expected a --backbone to round, got embeddings that are made already.`);
  const opened = await openSource("embed", data, flags);
  const { source } = opened;
  try {
    await writeEmbeddingBlocks(flags.out, source.head, sourceBlocks(source, rowsPerGroup(source.head.dim)));
    tellWritten(source.head, source.rows.numRows, flags);
    if (flags.json) printJson(summaryOf(source.head, source.rows.numRows, flags));
  } finally {
    opened.close();
  }
}

function tellWritten({ dim, backbone }: EmbeddingHead, numCrops: number, { out }: Flags): void {
  say(`${out}: ${numCrops} crops, ${dim} numbers each, from ${backbone}.`);
}

function summaryOf({ dim, backbone, cropSetSha256, seenIds }: EmbeddingHead, crops: number, { out }: Flags) {
  return { out, crops, dim, backbone, cropSetSha256, seen: seenIds.length };
}
