// Weights of any element type as float32, in which this program computes.
import { type NdArray, ndArray } from "#base/array";

/** The same array where it is float32; undefined for whole numbers, which no weight is. float64 is rounded. */
export function asFloat32({ dtype, shape, data }: NdArray): NdArray<"float32"> | undefined {
  if (dtype === "float32") return ndArray("float32", shape, data as Float32Array); // its type says so
  if (dtype === "float64") return ndArray("float32", shape, Float32Array.from(data as Float64Array)); // as above
  if (dtype === "float16") return ndArray("float32", shape, Float32Array.from(data as Uint16Array, halfValue)); // raw bits
  return undefined;
}

/** The number that 16 bits stand for (IEEE 754 binary16). */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
