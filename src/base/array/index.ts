// Door of base/array: n-d arrays and seeded random numbers.
export * from "./nd-array.ts";
export * from "./random.ts";
