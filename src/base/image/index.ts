// Door of base/image: 2-D image mathematics.
export * from "./contrast-stretch.ts";
export * from "./image.ts";
export * from "./percentiles.ts";
