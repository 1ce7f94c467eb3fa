// Host arrays as ONNX Runtime's values, without a copy, and values that it allocated as host arrays.
import { BYTES_PER_ELEMENT, type NdArray, ndArray, sizeOf, typedData } from "#base/array";
import { elementTypeOf, ONNX_ELEMENT_TYPE } from "#engine/graph";
import { bytesAt, type OrtApi, type Pointer } from "./c-api.ts";
import type { Environment } from "./environment.ts";
import type { TensorInfo } from "./session-handle.ts";

/** Stands in for the memory of an array without elements, for which ONNX Runtime takes no null. */
const NOTHING = new Uint8Array(new ArrayBuffer(64));

/** An OrtValue over an array's memory, which must stay referenced until the value is released. */
export function valueOver({ api, memoryInfo }: Environment, { dtype, shape, data }: NdArray): Pointer {
  // Asking for the buffer moves a small array out of V8's heap, where the collector could move it during a run.
  const memory = data.buffer.byteLength === 0 ? NOTHING : data;
  const sizes = BigInt64Array.from(shape, BigInt);
  return api.make(
    "CreateTensorWithDataAsOrtValue",
    memoryInfo,
    memory,
    data.byteLength,
    sizes,
    sizes.length,
    ONNX_ELEMENT_TYPE[dtype],
  );
}

/** A copy of a tensor that ONNX Runtime allocated. */
export function arrayOfValue(api: OrtApi, value: Pointer): NdArray {
  const info = api.make("GetTensorTypeAndShape", value);
  try {
    const { dtype, shape } = tensorTypeAt(api, info);
    const size = sizeOf(shape);
    const length = size * BYTES_PER_ELEMENT[dtype];
    const bytes = length === 0 ? new Uint8Array(0) : bytesAt(api.make("GetTensorMutableData", value), length);
    return ndArray(dtype, shape, typedData(dtype, bytes.buffer, 0, size));
  } finally {
    api.release("ReleaseTensorTypeAndShapeInfo", info);
  }
}

/** Reads an OrtTensorTypeAndShapeInfo. Throws Error for an element type that this project does not have. */
export function tensorTypeAt(api: OrtApi, info: Pointer): Omit<TensorInfo, "name"> {
  const code = Number(api.make("GetTensorElementType", info));
  const dtype = elementTypeOf(code);
  if (dtype === undefined) throw new Error(`element type ${code} is not one this program knows.`);
  const sizes = new BigInt64Array(Number(api.make("GetDimensionsCount", info)));
  api.call("GetDimensions", info, sizes, sizes.length);
  return { dtype, shape: Array.from(sizes, Number) };
}
