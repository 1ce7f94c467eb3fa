// bench vit-step: one DINO training step of a ViT-S/8 (paper section 3.2).
import { type DinoStepSize, PAPER_STEP, runDinoStep } from "./dino-step.ts";
import type { BenchOptions, BenchResult } from "./harness.ts";

const VIT_S: DinoStepSize = {
  ...PAPER_STEP,
  ...{ backbone: "vit", patch: 8, dim: 384, depth: 12, heads: 6 },
  ...{ optimizer: "adamw", weightDecay: 0.04 },
};

export function run(options: BenchOptions): Promise<BenchResult> {
  return runDinoStep("vit-step", VIT_S, "ViT-S/8", options);
}
