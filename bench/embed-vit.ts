// bench embed-vit: embeddings of a frozen ViT-S/8 (paper section 3.3).
import { PAPER_IMAGES, runEmbed } from "./embed.ts";
import type { BenchOptions, BenchResult } from "./harness.ts";

export function run(options: BenchOptions): Promise<BenchResult> {
  return runEmbed("embed-vit", { ...PAPER_IMAGES, backbone: "vit-s8" }, options);
}
