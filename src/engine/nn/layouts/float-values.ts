// Weights of any element type as float32, in which this program computes.
import { halfValue, type NdArray, ndArray } from "#base/array";

/** The same array where it is float32; undefined for whole numbers, which no weight is. float64 is rounded. */
export function asFloat32({ dtype, shape, data }: NdArray): NdArray<"float32"> | undefined {
  if (dtype === "float32") return ndArray("float32", shape, data as Float32Array); // its type says so
  if (dtype === "float64") return ndArray("float32", shape, Float32Array.from(data as Float64Array)); // as above
  if (dtype === "float16") return ndArray("float32", shape, Float32Array.from(data as Uint16Array, halfValue)); // raw bits
  return undefined;
}
