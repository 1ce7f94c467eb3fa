// Door of base/array: n-d arrays and seeded random numbers.
export * from "./half-precision.ts";
export * from "./nd-array.ts";
export * from "./random.ts";
