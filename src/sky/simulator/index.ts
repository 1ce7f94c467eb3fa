// Door of sky/simulator: fields of a made-up sky with their truth and catalogue. Today only the simple simulator.

export { formatTruthCsv } from "./format-truth.ts";
export { paintSource } from "./paint.ts";
export { checkSimpleSky, DEFAULT_SIMPLE_SKY, type FieldRange, type SimpleSkyConfig } from "./simple-sky-config.ts";
export { isInside, sampleSources, type TrueSource } from "./simple-sources.ts";
export { type PlacedSource, type SimulatedField, simulateField } from "./simulate-field.ts";
