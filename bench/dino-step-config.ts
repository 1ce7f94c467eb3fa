// What a benchmark's size of step is as a training run's configuration.
import { type DinoConfig, dinoConfigSchema } from "#learn/dino";
import type { DinoStepSize } from "./dino-step.ts";

/** What Suricate's programs of the benchmark are started with. */
export type StepSize = DinoStepSize & { readonly numThreads: number };

function backboneOf({ backbone, patch, dim, depth, heads, globalSize }: StepSize) {
  if (backbone === "resnet50") return { kind: "resnet", depth: 50 };
  return { patchSize: patch, embedDim: dim, depth, numHeads: heads, imageSize: globalSize };
}

export function configOf(size: StepSize): DinoConfig {
  return dinoConfigSchema.parse({
    backbone: backboneOf(size),
    head: { hiddenDim: size.hidden, bottleneckDim: size.bottleneck, numPrototypes: size.prototypes },
    views: {
      numGlobalViews: size.numGlobal,
      globalViewSize: size.globalSize,
      numLocalViews: size.numLocal,
      localViewSize: size.localSize,
    },
    batchSize: size.images,
    optimiser: size.optimizer,
  });
}
