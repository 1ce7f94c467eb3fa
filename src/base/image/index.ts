// Door of base/image: 2-D image mathematics.
export * from "./contrast-stretch.ts";
export * from "./fft.ts";
export { Float32Counts } from "./float32-counts.ts";
export * from "./gaussian-blur.ts";
export * from "./image.ts";
export { countedPercentiles, percentiles } from "./percentiles.ts";
export * from "./resample.ts";
export { type FilterWeights, filterReach, filterWeights, type ResampleFilter } from "./resample-filter.ts";
export * from "./rotate.ts";
export * from "./scaling.ts";
export * from "./zscale.ts";
