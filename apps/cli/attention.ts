// suricate attention: what a Vision Transformer looks at in a crop (paper Figure 7).
import { Command } from "commander";
import { ConfigError } from "#base/config";
import type { Image } from "#base/image";
import { cropInput } from "#learn/embeddings";
import { type AttentionMapsWithRollout, attentionMapsWithRollout } from "#learn/embeddings/native";
import { type AttentionMap, attentionContoursSvg } from "#report";
import { openCropSet } from "#sky/survey/disk";
import { checkBackboneName } from "./embeddings.ts";
import { checkFigureName, writeFigure } from "./figure-file.ts";
import { withOutChecked } from "./out-files.ts";
import { printJson, say } from "./terminal.ts";
import { positiveInteger } from "./whole-number.ts";

interface Flags {
  readonly crop: string;
  readonly backbone: string;
  readonly out: readonly string[];
  readonly size?: number;
  readonly json: boolean;
}

/** The paper's crops: larger ones are shown at this size, or every map would take minutes. */
const MOST_PIXELS = 256;
/** Sizes that patches of 8, 14 and 16 pixels divide are rounded down to. */
const SIZE_STEP = 16;

const EXAMPLES = `
Examples:
  suricate attention crops --crop abell209-y256-x512 --backbone runs/first --out attention.svg
  suricate attention crops --crop abell209-y256-x512 --backbone runs/first@25 --size 256 --out attention.png
  suricate attention crops --crop abell209-y256-x512 --backbone random:vit-s8 --out untrained.png --json

One column a map: the mean over the heads of the last block, the rollout through all blocks (Abnar & Zuidema 2020), then each head.
Above, the crop with an outline round the patches from the map's 90th percentile on; below, the map itself. Only Vision Transformers
have attention: a ResNet is refused.`;

export function attentionCommand(): Command {
  return withOutChecked(new Command("attention"))
    .description("Draw what a Vision Transformer looks at in a crop.")
    .argument("<cropset>", "crop set folder")
    .requiredOption("--crop <id>", "the crop's id")
    .requiredOption(
      "--backbone <name>",
      "a run, a file of weights, a name of the registry or random:SHAPE, of a Vision Transformer",
    )
    .requiredOption("--out <files...>", "figures to write: .svg, .png")
    .option("--size <pixels>", "side that the crop is shown at (default: its own, at most 256)", positiveInteger)
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(attention);
}

async function attention(cropSetPath: string, flags: Flags): Promise<void> {
  for (const path of flags.out) checkFigureName(path, "attention: --out");
  checkBackboneName(flags.backbone);
  const cropSet = await openCropSet(cropSetPath);
  try {
    const { records, info } = cropSet;
    const place = records.findIndex(({ id }) => id === flags.crop);
    if (place < 0)
      throw new ConfigError(
        `attention: --crop ${flags.crop}: expected the id of a crop of ${info.name}, got none of its ${records.length}. Its first is "${records[0]?.id}".`,
      );
    const own = Math.min(MOST_PIXELS, info.cropSize);
    const size = flags.size ?? Math.max(SIZE_STEP, own - (own % SIZE_STEP));
    const found = await attentionMapsWithRollout(flags.backbone, cropInput(cropSet, place, size));
    const crop = { height: info.cropSize, width: info.cropSize, pixels: cropInput(cropSet, place, info.cropSize) };
    const svg = figureOf(flags, crop, found);
    for (const path of flags.out) writeFigure(path, svg);
    const { numHeads, gridSide } = found;
    say(
      `${flags.out.join(", ")}: ${numHeads} heads over ${gridSide} x ${gridSide} patches of ${flags.crop}, by ${flags.backbone}.`,
    );
    if (flags.json) printJson(documentOf(flags, size, found));
  } finally {
    cropSet.close();
  }
}

function figureOf({ crop: id, backbone }: Flags, crop: Image, found: AttentionMapsWithRollout): string {
  const maps = [
    mapOf("mean of the heads", found, meanMap(found)),
    mapOf("rollout through all blocks", found, found.rollout),
    ...headsOf(found).map((pixels, head) => mapOf(`head ${head + 1}`, found, pixels)),
  ];
  return attentionContoursSvg(`What ${backbone} looks at in crop ${id}`, crop, maps);
}

function mapOf(name: string, { gridSide }: AttentionMapsWithRollout, pixels: Float32Array): AttentionMap {
  return { name, height: gridSide, width: gridSide, pixels };
}

function headsOf({ numHeads, gridSide, maps }: AttentionMapsWithRollout): Float32Array[] {
  const length = gridSide * gridSide;
  return Array.from({ length: numHeads }, (_, head) => maps.subarray(head * length, (head + 1) * length));
}

function meanMap(found: AttentionMapsWithRollout): Float32Array {
  const heads = headsOf(found);
  return heads[0]!.map((_, patch) => heads.reduce((sum, head) => sum + head[patch]!, 0) / heads.length);
}

/** Maps as rows from south to north. */
function documentOf({ crop, backbone }: Flags, size: number, found: AttentionMapsWithRollout) {
  const { numHeads, gridSide, rollout } = found;
  const heads = headsOf(found).map((head) => Array.from(head));
  return { crop, backbone, size, numHeads, gridSide, heads, mean: Array.from(meanMap(found)), rollout: Array.from(rollout) };
}
