// Door of learn/runs: what a run folder holds (docs: the run folder), read and written without a disk; backbones by name.
export * from "./backbone-registry.ts";
export * from "./backbone-spec.ts";
export * from "./checkpoint.ts";
export * from "./input-recipe.ts";
export * from "./metric-records.ts";
export * from "./run-record.ts";
export * from "./tensorboard-events.ts";
