// Checkpoints of others: where a network stands in them, and its tensors under this program's names.
export * from "./fitted-weights.ts";
export * from "./float-values.ts";
export * from "./input-channels.ts";
export * from "./networks.ts";
export * from "./own-name.ts";
export * from "./own-tensors.ts";
