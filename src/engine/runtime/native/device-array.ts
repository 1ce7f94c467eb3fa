// Arrays where a device's graphs run: on the CPU host arrays, elsewhere handles to the device's own memory.
import { BYTES_PER_ELEMENT, type DType, type NdArray, sizeOf } from "#base/array";
import type { Pointer } from "./c-api.ts";

/** A piece of a device's memory. What is written anew while it is read lands in another piece, which then takes its place. */
export interface DeviceBuffer {
  readonly byteLength: number;
  address: Pointer;
}

/** An array in a device's memory. As with a host array's `data`, another shape over the same `buffer` is another view of it. */
export interface ResidentArray<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly buffer: DeviceBuffer;
}

/** An array that a session can be fed with or write to. On the CPU each is a host array. */
export type DeviceArray<D extends DType = DType> = NdArray<D> | ResidentArray<D>;

/** Device arrays by the name of the input or output they belong to. */
export type NamedDeviceArrays = ReadonlyMap<string, DeviceArray>;

export function isResident(array: DeviceArray): array is ResidentArray {
  return "buffer" in array;
}

export function byteLengthOf({ dtype, shape }: DeviceArray): number {
  return sizeOf(shape) * BYTES_PER_ELEMENT[dtype];
}
