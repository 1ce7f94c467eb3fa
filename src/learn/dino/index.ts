// Door of learn/dino: the loss, the graphs of a training step, its settings. Training itself is behind #learn/dino/native.
export { checkTraining, stepRows, stepsPerEpochOf, trainingRows } from "./batches.ts";
export * from "./collapse.ts";
export * from "./config.ts";
export * from "./convergence.ts";
export * from "./divergence-error.ts";
export * from "./drop-path.ts";
export * from "./gradient-graphs.ts";
export { inputStatistics } from "./input-statistics.ts";
export * from "./loss.ts";
export * from "./metrics.ts";
export * from "./network.ts";
export * from "./step-settings.ts";
export * from "./training-state.ts";
export * from "./update-graph.ts";
export * from "./view-passes.ts";
