// Door of sky/survey: fields to crops.
export * from "./catalogue-zones.ts";
export * from "./centres.ts";
export * from "./crop-labels.ts";
export * from "./crop-set.ts";
export * from "./crop-sky.ts";
export * from "./crop-source.ts";
export * from "./crop-table.ts";
export * from "./cut-crop.ts";
export * from "./cut-field.ts";
export * from "./field-names.ts";
export * from "./field-statistics.ts";
export * from "./field-table.ts";
export * from "./islands.ts";
export * from "./sky-overlap.ts";
export * from "./source-ledger.ts";
export * from "./tiling.ts";
export * from "./wcs-doubts.ts";
