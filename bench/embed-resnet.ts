// bench embed-resnet: embeddings of a frozen ResNet-50 (paper section 3.3).
import { PAPER_IMAGES, runEmbed } from "./embed.ts";
import type { BenchOptions, BenchResult } from "./harness.ts";

export function run(options: BenchOptions): Promise<BenchResult> {
  return runEmbed("embed-resnet", { ...PAPER_IMAGES, backbone: "resnet50" }, options);
}
