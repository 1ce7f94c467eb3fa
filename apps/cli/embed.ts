// suricate embed: a crop set through a frozen backbone, one vector a crop, into a file that other programs read.
import { Command } from "commander";
import { tableEnding } from "#learn/embeddings/disk";
import { openCropSet } from "#sky/survey/disk";
import { deviceOption } from "./device-option.ts";
import { BACKBONE_HELP, type EmbedFlags, embedToFile, int8Cosine } from "./embeddings.ts";
import { printJson, say } from "./terminal.ts";
import { asUsage } from "./usage-error.ts";
import { positiveInteger } from "./whole-number.ts";

interface Flags extends EmbedFlags {
  readonly backbone: string;
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

Behind "#" stands a subtree of a checkpoint that holds several networks, or an output of an ONNX model.
suricate backbones lists the names that are known, and where their weights are to be had.

The file's ending says its form. Parquet (what the other commands read) and VOTable have the crops' columns, RA and Dec among them,
and one list column, "embedding"; CSV has a column for each number; npy holds the numbers alone, [crops, dim], and the crops'
columns stand beside it in a CSV file of the same name. pandas, polars, TOPCAT, DuckDB and numpy read them. Sets larger than memory
are written as they are embedded.`;

export function embedCommand(): Command {
  return new Command("embed")
    .description("Embed every crop of a set with a frozen backbone.")
    .argument("<cropset>", "crop set folder, as prepare or import made it")
    .requiredOption("--backbone <name>", BACKBONE_HELP)
    .requiredOption("--out <file>", "file to write: .parquet, .csv, .vot or .npy")
    .option("--batch <crops>", "crops in one pass", positiveInteger, 32)
    .addOption(deviceOption())
    .option("--threads <n>", "threads of the device (default: all cores)", positiveInteger)
    .option("--int8", "linear layers in 8 bits: smaller and faster; prints the measured cosine to float32", false)
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(embed);
}

async function embed(cropSetPath: string, flags: Flags): Promise<void> {
  asUsage(() => tableEnding(flags.out)); // told before the work, not after
  const cropSet = await openCropSet(cropSetPath);
  try {
    const { backbone, dim, cropSetSha256, seenIds } = await embedToFile(cropSet, flags.backbone, flags.out, flags);
    say(`${flags.out}: ${cropSet.records.length} crops, ${dim} numbers each, from ${backbone}.`);
    const cosine = flags.int8 ? await int8Cosine(cropSet, flags.backbone, flags) : undefined;
    if (cosine) {
      const { numCrops, mean, smallest } = cosine;
      say(`8 bits: cosine to float32 ${mean.toFixed(6)} on average over ${numCrops} crops, ${smallest.toFixed(6)} at least.`);
    }
    if (flags.json) {
      const summary = { out: flags.out, crops: cropSet.records.length, dim, backbone, cropSetSha256, seen: seenIds.length };
      printJson(cosine ? { ...summary, cosine } : summary);
    }
  } finally {
    cropSet.close();
  }
}
