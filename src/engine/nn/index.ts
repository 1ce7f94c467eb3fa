// Door of engine/nn: layers, networks, optimisers, schedules.
export * from "./attention.ts";
export * from "./backbone.ts";
export * from "./batch-norm.ts";
export * from "./frozen-backbone.ts";
export * from "./frozen-config.ts";
export * from "./layer-groups.ts";
export * from "./layouts/index.ts";
export * from "./linear.ts";
export * from "./loss-scaling.ts";
export * from "./mobilenet.ts";
export * from "./optimiser-graph.ts";
export * from "./optimisers.ts";
export * from "./parameters.ts";
export * from "./position-resize.ts";
export * from "./prediction-head.ts";
export * from "./prediction-loss.ts";
export * from "./projection-head.ts";
export * from "./quantise.ts";
export * from "./resnet.ts";
export * from "./resnet-config.ts";
export * from "./schedules.ts";
export * from "./supervised-network.ts";
export * from "./update-pieces.ts";
export {
  type AttentionForms,
  checkVitConfig,
  type VitOptions,
  type VitOutput,
  vit,
  vitParameters,
  vitWith,
} from "./vit.ts";
export * from "./vit-config.ts";
export { numImagesPerPass } from "./vit-passes.ts";
