// Door of sky/survey: fields to crops.
export * from "./crop-set.ts";
export * from "./crop-sky.ts";
export * from "./crop-table.ts";
export * from "./cut-crop.ts";
export * from "./cut-field.ts";
export * from "./field-statistics.ts";
export * from "./islands.ts";
export * from "./sky-overlap.ts";
export * from "./source-ledger.ts";
export * from "./tiling.ts";
