// Door of sky/instrument: a telescope's uv coverage, beams, primary beam, noise and calibration errors.
export * from "./beam-noise.ts";
export * from "./briggs-weights.ts";
export * from "./dirty-beam.ts";
export * from "./gain-errors.ts";
export * from "./meerkat-dishes.ts";
export * from "./observation.ts";
export * from "./primary-beam.ts";
export * from "./restoring-beam.ts";
export * from "./uv-grid.ts";
export * from "./uv-noise.ts";
export * from "./uv-values.ts";
