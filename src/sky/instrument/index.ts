// Door of sky/instrument: a telescope's beam, primary beam and noise.
export * from "./beam-noise.ts";
export * from "./primary-beam.ts";
export * from "./restoring-beam.ts";
