// bench resnet-step: one DINO training step of a ResNet-50 (paper section 3.2).
import { type DinoStepSize, PAPER_STEP, runDinoStep } from "./dino-step.ts";
import type { BenchOptions, BenchResult } from "./harness.ts";

const RESNET_50: DinoStepSize = { ...PAPER_STEP, backbone: "resnet50", optimizer: "sgd", weightDecay: 1e-4 };

export function run(options: BenchOptions): Promise<BenchResult> {
  return runDinoStep("resnet-step", RESNET_50, "ResNet-50", options);
}
